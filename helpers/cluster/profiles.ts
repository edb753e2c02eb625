import type { ClaimId } from '../ledger/claims.ts';

/** A way to start a cluster, by name. */
export interface Profile {
  readonly name: string;
  /** The question that a run with this profile answers, in a sentence. */
  readonly asks: string;
  /** Arguments for `k3s server`. They also decide which capabilities the cluster has, such as `default proxy`. */
  readonly k3sArgs: readonly string[];
  readonly nodes: 1;
  /** The only claims that a run asks for; absent where it asks for all. */
  readonly claims?: readonly ClaimId[];
  /** About how many seconds a run takes on two cores with the images at hand; absent where that is unknown. */
  readonly seconds?: number;
}

/** Every profile. */
export const profiles: readonly Profile[] = [
  { name: 'default', asks: 'Are the claims true of a cluster with the default arguments of k3s?', k3sArgs: [], nodes: 1, seconds: 90 },
  {
    name: 'nftables',
    asks: 'Are the claims true where kube-proxy runs in nftables mode?',
    k3sArgs: ['--kube-proxy-arg=proxy-mode=nftables'],
    nodes: 1,
    seconds: 90,
  },
];

/** Returns the profile of a name. Throws when there is none. */
export function profileNamed(name: string): Profile {
  const profile = profiles.find((it) => it.name === name);
  if (profile === undefined) throw new Error(`there is no profile ${name}`);
  return profile;
}
