import type { V1Service } from '@kubernetes/client-node';

/**
 * Returns the lines of `iptables-save` that match a Service's packets: its own chains and those they jump to, from the ClusterIP to the Pods, or the
 * line that rejects when it has no endpoints.
 */
export function iptablesRules(saved: string, clusterIP: string): string[] {
  const lines = saved.split('\n').filter((line) => line.startsWith('-A '));
  const picked = lines.filter((line) => line.includes(`-d ${clusterIP}/${clusterIP.includes(':') ? 128 : 32} `));
  const followed = new Set<string>();
  for (let index = 0; index < picked.length; index++) {
    const chain = /-j (KUBE-(?:SVC|SEP|SVL|EXT)-\S+)/.exec(picked[index] ?? '')?.[1];
    if (chain === undefined || followed.has(chain)) continue;
    followed.add(chain);
    picked.push(...lines.filter((line) => line.startsWith(`-A ${chain} `) && !picked.includes(line)));
  }
  return picked;
}

/**
 * Returns the same from `nft list table ip kube-proxy`: map elements that name the ClusterIP, the chains that they lead to, and the chain that refuses every
 * other port of a ClusterIP.
 */
export function nftablesRules(listed: string, clusterIP: string): string[] {
  const chains = new Map<string, string[]>();
  let open: string[] | undefined;
  for (const line of listed.split('\n').map((text) => text.trim())) {
    const name = /^chain (\S+) \{/.exec(line)?.[1];
    if (name !== undefined) chains.set(name, (open = [line]));
    else if (line === '}') open = undefined;
    else open?.push(line);
  }
  const elements = listed
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => ` ${line}`.includes(` ${clusterIP} . `) && line.includes(' : '));
  const picked = elements.map((line) => line.replace(/^elements = \{ /, '').replace(/[ ,}]+$/, ''));
  const followed = new Set<string>();
  for (let index = 0; index < picked.length; index++) {
    for (const [, chain = ''] of (picked[index] ?? '').matchAll(/goto (\S+?)(?=[ ,}]|$)/g)) {
      if (followed.has(chain)) continue;
      followed.add(chain);
      picked.push(...(chains.get(chain) ?? []));
    }
  }
  const clusterIPs = /^\s*set cluster-ips \{$(.*?)^\s*\}$/ms.exec(listed)?.[1] ?? '';
  const known = clusterIPs.split(/[\s,]+/).includes(clusterIP);
  return known ? [...picked, ...(chains.get('cluster-ips-check') ?? [])] : picked;
}

/** Returns the command that prints every rule of the Service proxy on the node for a family, or undefined for a mode whose rules the suite cannot read. */
export function rulesCommand(proxyMode: string, family: 'IPv4' | 'IPv6'): string | undefined {
  const six = family === 'IPv6' ? '6' : '';
  if (proxyMode === 'iptables') return `ip${six}tables-save`;
  if (proxyMode === 'nftables') return `nft list table ip${six} kube-proxy`;
  return undefined;
}

/** Returns the ClusterIP of a family that a Service has; undefined where it has none. */
export function clusterIPOf({ spec }: V1Service, family: 'IPv4' | 'IPv6'): string | undefined {
  return (spec?.clusterIPs ?? [spec?.clusterIP ?? '']).find((address) => address.includes(family === 'IPv6' ? ':' : '.'));
}

/** Returns the rules of a family, of which all that is printed is, for each Service that has a ClusterIP of it, by its name. */
export function rulesByService(
  proxyMode: string,
  printed: string,
  services: readonly V1Service[],
  family: 'IPv4' | 'IPv6',
): Record<string, string[]> {
  const pick = proxyMode === 'iptables' ? iptablesRules : nftablesRules;
  return Object.fromEntries(
    services.flatMap((service) => {
      const address = clusterIPOf(service, family);
      return address === undefined ? [] : [[service.metadata?.name ?? '', pick(printed, address)]];
    }),
  );
}
