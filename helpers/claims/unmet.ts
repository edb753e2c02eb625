import semver from 'semver';
import type { ClusterDescription } from '../cluster/description.ts';
import type { Claim, Need } from './row.ts';

/** Why a cluster cannot show a claim, and whether that is a choice of this run rather than a gap in it. */
export interface Unmet {
  readonly reason: string;
  readonly chosen: boolean;
}

type About = Pick<ClusterDescription, 'standIn' | 'version' | 'proxyMode' | 'k3sArgs' | 'images' | 'adopted' | 'gaps'>;

// What a cluster that was there already lacks was found when it was opened; on a disposable one the rest is there by its making.
const missing: Record<Need, (cluster: About) => Unmet | undefined> = {
  k3s: ({ standIn }) =>
    standIn ? { reason: 'the node is not k3s, and what its own image supplies is no observation', chosen: true } : undefined,
  'original images': ({ images }) =>
    Object.keys(images).length > 0 ? { reason: 'other images take the place of those the chapter names', chosen: true } : undefined,
  'default ranges': ({ k3sArgs }) =>
    k3sArgs.some((argument) => /^--(service|cluster)-cidr=/.test(argument))
      ? { reason: 'this run chose the ranges itself', chosen: true }
      : undefined,
  'default proxy': ({ k3sArgs }) =>
    k3sArgs.some((argument) => argument.startsWith('--kube-proxy-arg=proxy-mode='))
      ? { reason: 'this run chose the proxy mode itself', chosen: true }
      : undefined,
  'known proxy': ({ proxyMode, adopted }) =>
    ['iptables', 'nftables'].includes(proxyMode)
      ? undefined
      : { reason: `the truth depends on the Service proxy, whose mode is ${proxyMode}`, chosen: adopted },
  ServiceLB: ({ standIn, k3sArgs }) =>
    standIn || k3sArgs.some((argument) => /^--disable=.*servicelb/.test(argument))
      ? { reason: 'ServiceLB is not running', chosen: true }
      : undefined,
  'node shell': there,
  outside: there,
  'contained packets': there,
  'host network': there,
  kubectl: there,
  'lab Pods': there,
  'Service range': there,
};

function there(): undefined {
  return undefined;
}

function gapIn(cluster: About, need: Need): Unmet | undefined {
  const found = cluster.gaps[need];
  return found === undefined ? missing[need](cluster) : { reason: found, chosen: true };
}

/** Says why a claim cannot be observed on a cluster, or nothing when it can. */
export function unmet(claim: Claim, cluster: About): Unmet | undefined {
  for (const need of claim.needs ?? []) {
    const gap = gapIn(cluster, need);
    if (gap !== undefined) return gap;
  }
  if (claim.kubernetes !== undefined && !semver.satisfies(semver.coerce(cluster.version) ?? '0.0.0', claim.kubernetes)) {
    return { reason: `the ledger's verdict is for Kubernetes ${claim.kubernetes}, and this is ${cluster.version}`, chosen: true };
  }
  return undefined;
}

/** What claims may need, and whether a cluster has it. */
export function capabilities(cluster: About): { name: Need; there: boolean; why?: string }[] {
  return (Object.keys(missing) as Need[]).map((name) => {
    const gap = gapIn(cluster, name);
    return { name, there: gap === undefined, ...(gap === undefined ? {} : { why: gap.reason }) };
  });
}
