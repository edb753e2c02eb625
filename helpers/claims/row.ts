/** What a cluster must offer before a claim can be observed on it. */
export type Need =
  /** k3s itself, for what k3s chooses and the stand-in's image would only repeat. */
  | 'k3s'
  /** The images the chapter names, not local builds in their place. */
  | 'original images'
  /** Service and Pod ranges that the run did not choose itself. */
  | 'default ranges'
  /** A proxy mode that the run did not choose itself. */
  | 'default proxy'
  /** A Service proxy whose rules we know: kube-proxy in iptables or nftables mode. */
  | 'known proxy'
  /** k3s' own ServiceLB. */
  | 'ServiceLB'
  /** A node that the run may look into: a shell on it, with its own commands. */
  | 'node shell'
  /** A machine of ours beside the node. */
  | 'outside'
  /** Packets for the Service and Pod ranges that nobody answers end in the node, not in somebody's network. */
  | 'contained packets'
  /** Pods in the node's own network namespace. */
  | 'host network'
  /** kubectl: the node's own, or on a cluster that was there already the one of this machine. */
  | 'kubectl'
  /** The lab's Pods as the chapter has them: no policy refuses them, and their images can be had. */
  | 'lab Pods'
  /** The ServiceCIDRs and who holds their addresses may be read. */
  | 'Service range';

interface Row {
  /** The heading of the chapter under which the sentence stands. */
  readonly section: string;
  /** What the chapter says there, in our words. */
  readonly says: string;
  /** The facts that together show the verdict; every one has to be seen in a run. */
  readonly facts: readonly [string, ...string[]];
  readonly needs?: readonly Need[];
  /** Kubernetes versions for which the verdict was written, as a semver range. */
  readonly kubernetes?: string;
  readonly sources?: readonly string[];
}

/** A row of the ledger. A person writes the verdict; a run only confirms it or not. */
export type Claim =
  | (Row & { readonly verdict: 'holds' })
  | (Row & { readonly verdict: 'corrected' | 'refuted'; readonly truth: string; readonly sources: readonly [string, ...string[]] });

/** A sentence that no run can decide, and why. */
export interface Excluded {
  readonly section: string;
  readonly says: string;
  readonly why: string;
}

/** The title of a claim's block: the id first, so that `-t` finds it. */
export function titleOf(id: string, claim: Claim): string {
  return `${id}: ${claim.says} [${claim.verdict}]`;
}
