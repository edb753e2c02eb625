import { isIP, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { addressAt, maskedRange, overlap } from '../base/ranges.ts';
import type { Findings } from '../ledger/capabilities.ts';

// What the arguments of `k3s server` set, as far as the suite needs it. https://docs.k3s.io/cli/server

/** The arguments of every node. No claim needs these components, and each would pull images. ServiceLB stays: one claim is about it. */
export const argumentsOfEveryNode: readonly string[] = ['--disable=traefik,metrics-server,local-storage'];

/** The arguments of `k3s server` that take no value, as its help lists them, with the hidden ones of its source. */
const switches = new Set(
  (
    'debug alsologtostderr tls-san-security flannel-ipv6-masq flannel-external-ip cluster-init cluster-reset etcd-expose-metrics ' +
    'etcd-disable-snapshots etcd-snapshot-compress etcd-s3 etcd-s3-skip-ssl-verify etcd-s3-insecure disable-scheduler ' +
    'disable-cloud-controller disable-kube-proxy disable-network-policy disable-helm-controller disable-apiserver ' +
    'disable-controller-manager disable-etcd disable-agent embedded-registry supervisor-metrics with-node-id docker ' +
    'disable-default-registry-endpoint nonroot-devices protect-kernel-defaults secrets-encryption enable-pprof rootless ' +
    'prefer-bundled-bin selinux disable-selinux no-flannel'
  ).split(' '),
);

/** Short and former names of arguments. */
const otherNames: Readonly<Record<string, string>> = {
  c: 'config',
  d: 'data-dir',
  i: 'node-ip',
  l: 'log',
  o: 'write-kubeconfig',
  s: 'server',
  t: 'token',
  'no-deploy': 'disable',
  'cluster-secret': 'token',
  'kube-controller-arg': 'kube-controller-manager-arg',
  'kube-cloud-controller-arg': 'kube-cloud-controller-manager-arg',
};

/** Returns the name of an argument in the form --name. k3s accepts one dash or two. */
function nameOf(word: string): string {
  const name = word.replace(/^--?/, '');
  return `--${otherNames[name] ?? name}`;
}

/**
 * Reads arguments for `k3s server` that are separated by blanks: --name=value, --name value, and --switch. Returns one string for each, as
 * --name=value or --switch. Throws an error that says which word is wrong, and how to write it.
 */
export function readK3sArguments(text: string): string[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const args: string[] = [];
  while (words.length > 0) {
    const word = words.shift() ?? '';
    const [, given, assigned] = /^(--?[A-Za-z][\w-]*)(?:=(.*))?$/.exec(word) ?? [];
    if (given === undefined) {
      throw new Error(
        `is a list of arguments for \`k3s server\`: --name=value, --name value, or a switch such as --selinux. The word ${word} is not one of these`,
      );
    }
    const name = nameOf(given);
    const isSwitch = switches.has(name.slice(2));
    if (isSwitch && assigned === undefined) {
      args.push(name);
      continue;
    }
    const value = assigned ?? (words[0]?.startsWith('-') === false ? words.shift() : '') ?? '';
    if (value === '') {
      throw new Error(`has ${name} without a value: write ${name}=value, or ${name}=true if it is a switch of a newer k3s`);
    }
    if (isSwitch && !['true', 'false'].includes(value))
      throw new Error(`has ${name}=${value}, but ${name} is a switch: it is true or false`);
    if (/^["']|["']$/.test(value)) throw new Error(`has quotes in ${name}=${value}, and k3s would get them: leave them out`);
    args.push(`${name}=${value}`);
  }
  return args;
}

/**
 * The values that arguments set, by name and in order; a switch has the value `true`. Arguments for a component of Kubernetes, such as
 * --kube-proxy-arg, have a second name within: --kube-proxy-arg=proxy-mode=nftables sets --kube-proxy-arg=proxy-mode to nftables.
 */
export type K3sValues = ReadonlyMap<string, readonly string[]>;

/** Parses arguments of the forms --name=value and --switch. */
export function parseK3sArguments(args: readonly string[]): K3sValues {
  const values = new Map<string, string[]>();
  for (const argument of args) {
    const [outer = '', ...rest] = argument.split('=');
    let name = nameOf(outer);
    if (name.endsWith('-arg')) {
      // k3s drops these signs: a + or - at the end only says where the value is added.
      const inner = (rest.shift() ?? '').replace(/^-+|[-+]+$/g, '');
      name += `=${inner}`;
    }
    const value = rest.join('=');
    values.set(name, [...(values.get(name) ?? []), value === '' ? 'true' : value]);
  }
  return values;
}

/** Returns all values of a name. Those of a list are separated by commas, and k3s adds up the lists of repeated arguments. */
function listed(values: K3sValues, name: string): string[] {
  return (values.get(name) ?? []).flatMap((list) => list.split(','));
}

/** Returns the last value of the first name that is set, or k3s' default. */
function lastOf(values: K3sValues, names: readonly string[], byDefault: string): string {
  return names.flatMap((name) => values.get(name)?.at(-1) ?? [])[0] ?? byDefault;
}

// The names that set a range. An argument for the component that allocates the addresses wins over that of k3s, so it comes first.
const serviceRangeNames = ['--kube-apiserver-arg=service-cluster-ip-range', '--service-cidr'];
const podRangeNames = ['--kube-controller-manager-arg=cluster-cidr', '--cluster-cidr'];
const rangeNames = [
  ...serviceRangeNames,
  ...podRangeNames,
  '--kube-controller-manager-arg=service-cluster-ip-range',
  '--kube-cloud-controller-manager-arg=cluster-cidr',
  '--kube-proxy-arg=cluster-cidr',
];

/** True for a range as Go reads it, which k3s and Kubernetes are written in. */
function isRange(text: string): boolean {
  return isIP(text.replace(/\/.*/, '')) !== 0 && ipaddr.isValidCIDR(text);
}

/** Returns all ranges that a name sets, as k3s and the API server use them: both mask a range such as 10.43.0.250/16. Other values stay as they are. */
function listedRanges(values: K3sValues, name: string): string[] {
  return listed(values, name).map((range) => (isRange(range) ? maskedRange(range) : range));
}

function rangesOf(values: K3sValues, names: readonly string[], byDefault: string): string[] {
  const name = names.find((it) => values.has(it)) ?? '';
  const byFamily = new Map(listedRanges(values, name).map((range) => [isIPv6(range.replace(/\/.*/, '')), range]));
  return byFamily.size === 0 ? [byDefault] : [...byFamily.values()];
}

/** Returns the ranges from which Services and Pods of a k3s server get addresses, one for each family; k3s' defaults where no argument sets them. */
export function rangesSetBy(args: readonly string[]): { services: string[]; pods: string[] } {
  const values = parseK3sArguments(args);
  return { services: rangesOf(values, serviceRangeNames, '10.43.0.0/16'), pods: rangesOf(values, podRangeNames, '10.42.0.0/16') };
}

/**
 * The range that claims add to a cluster of the run, as a further ServiceCIDR. It is one that networks use for benchmarks only
 * (https://www.rfc-editor.org/rfc/rfc2544#appendix-C.2.2).
 */
export const furtherServiceRange = '198.19.0.0/24';

/** Returns the ranges of Services and Pods, and every other range that an argument or a claim sets for a component: packets for all of them stay in the node. */
export function everyRangeOf(args: readonly string[]): string[] {
  const { services, pods } = rangesSetBy(args);
  const values = parseK3sArguments(args);
  return [...new Set([...services, ...pods, ...rangeNames.flatMap((name) => listedRanges(values, name)), furtherServiceRange])];
}

/** True where Pods and Services get IPv6 addresses too. */
export function hasIPv6(args: readonly string[]): boolean {
  return everyRangeOf(args).some((range) => range.includes(':'));
}

// https://docs.k3s.io/cli/agent. An agent that got the name of the server would take its place.
const namesOfAgents = new Set(
  (
    'debug v vmodule with-node-id node-label node-taint default-runtime snapshotter pause-image disable-default-registry-endpoint nonroot-devices ' +
    'resolv-conf flannel-iface kubelet-arg kube-proxy-arg protect-kernel-defaults selinux prefer-bundled-bin'
  ).split(' '),
);

/** Returns the arguments for `k3s server` that an agent needs as well. */
export function argumentsOfAgent(args: readonly string[]): string[] {
  return args.filter((argument) => namesOfAgents.has(nameOf(argument.replace(/=.*/s, '')).slice(2)));
}

/** Returns the packaged components that the arguments disable, such as servicelb. */
export function disabledBy(args: readonly string[]): string[] {
  return listed(parseK3sArguments(args), '--disable');
}

/** True where the arguments leave the cluster without kube-proxy, and so without any Service proxy. */
export function withoutProxy(args: readonly string[]): boolean {
  return lastOf(parseK3sArguments(args), ['--disable-kube-proxy'], 'false') !== 'false';
}

/** Returns what the arguments choose, so that it is no default of k3s. */
export function chosenBy(args: readonly string[]): Findings['chosen'] {
  const values = parseK3sArguments(args);
  return {
    ranges: rangeNames.some((name) => values.has(name)),
    proxyMode: values.has('--kube-proxy-arg=proxy-mode') || withoutProxy(args),
  };
}

/** Returns the DNS domain of the cluster. */
export function domainSetBy(args: readonly string[]): string {
  return lastOf(parseK3sArguments(args), ['--kubelet-arg=cluster-domain', '--cluster-domain'], 'cluster.local');
}

/** Returns the names that both lists of arguments set. */
export function namesSetByBoth(one: readonly string[], other: readonly string[]): string[] {
  const others = parseK3sArguments(other);
  return [...parseK3sArguments(one).keys()].filter((name) => others.has(name));
}

/** What decides about arguments, beside their values. */
interface Planned {
  readonly nodes: 1 | 2;
  /** Whether the nodes are on a network of the run's own. */
  readonly ownNetwork: boolean;
}

interface Impossible {
  readonly names: readonly string[];
  /** The values that cannot work; absent where all but `false` cannot. */
  readonly values?: (value: string) => boolean;
  /** Where they cannot work; absent where they never can. */
  readonly where?: (cluster: Planned) => boolean;
  readonly because: string;
}

/** The backends of flannel that need nothing but the node. https://docs.k3s.io/networking/basic-network-options#flannel-options */
const flannelBackends = ['vxlan', 'host-gw', 'wireguard-native'];

/** Arguments with which the disposable cluster of a run cannot start or cannot be used. The node would report it late, if at all. */
const impossible: readonly Impossible[] = [
  {
    names: ['--flannel-backend'],
    values: (value) => value === 'none',
    because: 'without flannel no Pod gets a network, and the node never becomes Ready',
  },
  {
    names: ['--flannel-backend'],
    values: (value) => value !== 'none' && !flannelBackends.includes(value),
    because: `k3s has the backends ${flannelBackends.join(', ')}, and tailscale, which needs a VPN; with any other it does not start`,
  },
  {
    names: ['--flannel-backend'],
    values: (value) => value === 'host-gw',
    where: ({ nodes }) => nodes > 1,
    because:
      'it sends packets between Pods of two nodes as they are, and the suite lets no packet for a Pod leave a node: choose vxlan or wireguard-native',
  },
  {
    names: ['--node-name', '--with-node-id', '--kubelet-arg=hostname-override', '--kube-proxy-arg=hostname-override'],
    where: ({ nodes }) => nodes > 1,
    because: 'each of the two nodes needs a name of its own, by which the engine knows it too',
  },
  {
    names: ['--resolv-conf', '--kubelet-arg=resolv-conf'],
    where: ({ ownNetwork }) => ownNetwork,
    because: 'on a network of its own the suite sets it, so that no query of a Pod leaves this machine',
  },
  { names: ['--no-flannel'], because: 'without flannel no Pod gets a network, and the node never becomes Ready' },
  {
    names: ['--disable-agent', '--disable-apiserver', '--disable-controller-manager', '--disable-scheduler', '--disable-etcd'],
    because: 'the server of the cluster needs all these components',
  },
  {
    names: ['--disable'],
    values: (value) => value.split(',').includes('coredns'),
    because: 'without CoreDNS no name of a Service is resolved, and the run waits for DNS',
  },
  {
    names: ['--node-taint', '--kubelet-arg=register-with-taints'],
    values: (value) => value.split(',').some((taint) => /:No(?:Schedule|Execute)$/.test(taint)),
    because:
      'Pods of DNS and of the suite do not tolerate the taint, so that no node takes them; one with the effect PreferNoSchedule can be used',
  },
  { names: ['--server', '--cluster-reset'], because: 'each run starts a cluster of its own and joins or restores no other' },
  {
    names: ['--token', '--agent-token', '--vpn-auth', '--etcd-s3-access-key', '--etcd-s3-secret-key'],
    because: 'it is a secret, and the report lists the arguments; the nodes of a run get one of their own where they need it',
  },
  {
    names: ['--datastore-endpoint', '--etcd-s3'],
    because: 'it keeps the state of the cluster outside the node, where a disposable cluster must change nothing',
  },
  {
    names: [
      ...['--config', '--token-file', '--agent-token-file', '--vpn-auth-file', '--flannel-conf', '--flannel-cni-conf'],
      ...['--datastore-cafile', '--datastore-certfile', '--datastore-keyfile', '--etcd-s3-endpoint-ca', '--cluster-reset-restore-path'],
      ...['kube-apiserver', 'kube-proxy', 'kube-scheduler', 'kubelet'].map((component) => `--${component}-arg=config`),
    ],
    because: 'it names a file in the node, where no such file is, and whose settings the suite could not see; set its values as arguments',
  },
  { names: ['--private-registry'], because: 'it names a file in the node; CONFORMANCE_REGISTRIES copies your file there' },
  {
    names: ['--data-dir', '--rootless', '--docker', '--container-runtime-endpoint', '--image-service-endpoint'],
    because: "the suite gives images to k3s' own containerd, in the usual folder",
  },
  {
    names: ['--write-kubeconfig'],
    values: (value) => value !== '/etc/rancher/k3s/k3s.yaml',
    because: 'the suite reads the kubeconfig from its usual place',
  },
  {
    names: ['--https-listen-port'],
    values: (value) => value !== '6443',
    because: 'the suite reaches the API server at port 6443 of the node',
  },
  {
    names: ['--bind-address', '--node-ip', '--advertise-address'],
    values: (value) => value !== '0.0.0.0',
    because: 'the node gets its address from the engine, as it starts',
  },
  { names: ['--log'], because: "the suite waits for a line of k3s' output, which would go to a file" },
];

/** Returns whether an address is in a range. That of another family is not. Both must be valid. */
function isIn(address: string, range: string): boolean {
  const [parsed, [network, prefix]] = [ipaddr.parse(address), ipaddr.parseCIDR(range)];
  return parsed.kind() === network.kind() && parsed.match(network, prefix);
}

/** Returns the second half of the sentence `… cannot work`, for values that contradict each other. */
function contradictions(args: readonly string[]): string[] {
  const values = parseK3sArguments(args);
  const { services, pods } = rangesSetBy(args);
  const families = (ranges: readonly string[]) => ranges.map((range) => (range.includes(':') ? 'IPv6' : 'IPv4'));
  const found: string[] = [];
  if (!families(services).includes('IPv4') || !families(pods).includes('IPv4'))
    found.push('a cluster of the run needs an IPv4 range for Services and one for Pods, beside which it may have IPv6 ranges');
  else if (families(services).join() !== families(pods).join())
    found.push(
      `the Service ranges ${services.join(',')} and the Pod ranges ${pods.join(',')} are not of the same families in the same order`,
    );
  for (const service of services) {
    const [network, prefix] = ipaddr.parseCIDR(service);
    const overlapping = pods.find((pod) => overlap(service, pod));
    if (overlapping !== undefined) found.push(`the Service range ${service} and the Pod range ${overlapping} overlap`);
    const largest = network.kind() === 'ipv6' ? 108 : 12;
    if (prefix < largest) found.push(`the API server rejects a Service range as large as ${service}: /${largest} is the largest`);
  }
  const further = [...services, ...pods].filter((range) => overlap(range, furtherServiceRange));
  found.push(...further.map((range) => `the range ${range} overlaps ${furtherServiceRange}, which claims add as a further Service range`));
  // k3s takes the tenth address of each --service-cidr for DNS. https://docs.k3s.io/cli/server#networking
  const tenths = rangesOf(values, ['--service-cidr'], '10.43.0.0/16').map((range) => addressAt(range, 10));
  for (const dns of values.has('--cluster-dns') ? listed(values, '--cluster-dns') : tenths) {
    if (!ipaddr.isValid(dns) || !services.some((service) => isIn(dns, service)))
      found.push(`the address ${dns} of DNS is not in the Service range ${services.join(',')}: --service-cidr sets both`);
  }
  const served = lastOf(values, ['--cluster-domain'], 'cluster.local');
  if (domainSetBy(args) !== served) {
    found.push(`Pods would search the domain ${domainSetBy(args)}, and CoreDNS serves ${served}: --cluster-domain sets both`);
  }
  return found;
}

/** Returns whether the nodes of a run are on a network of its own, and not on the engine's default one, which has no IPv6 and knows no names. */
export function needsOwnNetwork(nodes: 1 | 2, args: readonly string[]): boolean {
  return nodes > 1 || hasIPv6(args);
}

/**
 * Returns why a cluster of so many nodes with these arguments cannot start or cannot be used, in a sentence each without its full stop; none where nothing is
 * known.
 */
export function impossibleArguments(args: readonly string[], nodes: 1 | 2): string[] {
  const values = parseK3sArguments(args);
  const wrong = rangeNames.flatMap((name) => listed(values, name).flatMap((range) => (isRange(range) ? [] : `${name}=${range}`)));
  if (wrong.length > 0) return wrong.map((argument) => `${argument} has a range that is not written like 172.30.0.0/16 or fd00:43::/112`);
  const planned = { nodes, ownNetwork: needsOwnNetwork(nodes, args) };
  const named = impossible
    .filter(({ where = () => true }) => where(planned))
    .flatMap(({ names, values: cannot = (value) => value !== 'false', because }) =>
      names.filter((name) => values.get(name)?.some(cannot)).map((name) => `${name} cannot be used: ${because}`),
    );
  return [...named, ...contradictions(args)];
}
