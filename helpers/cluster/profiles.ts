import type { Capability } from '../ledger/capabilities.ts';
import type { ClaimId } from '../ledger/claims.ts';

/** A way to start a cluster, by name. */
export interface Profile {
  readonly name: string;
  /** The question that a run with this profile answers, in a sentence. */
  readonly asks: string;
  /** Arguments for `k3s server`. They also decide which capabilities the cluster has, such as `default proxy`. */
  readonly k3sArgs: readonly string[];
  /** With two, the second one is an agent that joins the server. */
  readonly nodes: 1 | 2;
  /** Set where the node is of the minor version before the one of a run without settings. */
  readonly minor?: 'previous';
  /** The capabilities of its cluster that a profile may lack. */
  readonly gives: readonly Capability[];
  /** The only claims that a run asks for; absent where it asks for all. */
  readonly claims?: readonly ClaimId[];
  /** About how many seconds a run takes on two cores with the images at hand. */
  readonly seconds: number;
}

// .ci/setup has a second safeguard for each range here and for the defaults of k3s.
/** Every profile. */
export const profiles: readonly Profile[] = [
  {
    name: 'default',
    asks: 'Are the claims true of a cluster with the default arguments of k3s?',
    k3sArgs: [],
    nodes: 1,
    gives: ['default ranges', 'default proxy'],
    seconds: 175,
  },
  {
    name: 'nftables',
    asks: 'Are the claims true where kube-proxy runs in nftables mode?',
    k3sArgs: ['--kube-proxy-arg=proxy-mode=nftables'],
    nodes: 1,
    gives: ['default ranges'],
    seconds: 180,
  },
  {
    name: 'two-nodes',
    asks: 'Are the claims true where a client and the Pods behind a Service may be on different nodes?',
    k3sArgs: [],
    nodes: 2,
    gives: ['default ranges', 'default proxy', 'two nodes'],
    seconds: 190,
  },
  {
    name: 'dual-stack',
    asks: 'Are the claims true where Services and Pods may have addresses of IPv4 and IPv6?',
    k3sArgs: ['--cluster-cidr=10.42.0.0/16,fd00:10:42::/56', '--service-cidr=10.43.0.0/16,fd00:10:43::/112'],
    nodes: 1,
    gives: ['default proxy', 'dual stack'],
    seconds: 180,
  },
  {
    name: 'small-range',
    asks: 'Are the claims about ClusterIPs true where the Service range has 30 addresses?',
    k3sArgs: ['--service-cidr=10.44.0.0/27'],
    nodes: 1,
    gives: ['default proxy', 'small Service range'],
    seconds: 30,
    // All claims together create more Services than the range has addresses.
    claims: ['stable-virtual-ip', 'virtual-address', 'never-changes', 'limited-by-range', 'range-full', 'bands'],
  },
  {
    name: 'short-sync',
    asks: 'Are the claims true where kube-proxy writes its rules at once, and synchronizes them again every second?',
    // In nftables mode too, which has no arguments of its own for this:
    // https://github.com/kubernetes/kubernetes/blob/v1.36.3/cmd/kube-proxy/app/options.go
    k3sArgs: ['--kube-proxy-arg=iptables-min-sync-period=100ms', '--kube-proxy-arg=iptables-sync-period=1s'],
    nodes: 1,
    gives: ['default ranges', 'default proxy', 'short sync'],
    seconds: 150,
  },
  {
    name: 'previous-minor',
    asks: 'Are the claims true of the Kubernetes minor before the current one?',
    k3sArgs: [],
    nodes: 1,
    minor: 'previous',
    gives: ['default ranges', 'default proxy'],
    seconds: 175,
  },
];

/** Returns the profile of a name. Throws when there is none. */
export function profileNamed(name: string): Profile {
  const profile = profiles.find((it) => it.name === name);
  if (profile === undefined) throw new Error(`there is no profile ${name}`);
  return profile;
}
