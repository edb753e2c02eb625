import semver from 'semver';
import type { Claim } from './row.ts';

/** What a run found out about its cluster, as far as capabilities depend on it. */
export interface Findings {
  /** The node is upstream Kubernetes in an image of this project, not k3s. */
  readonly standIn: boolean;
  /** The cluster existed before and was named by its context. */
  readonly adopted: boolean;
  /** As the API server reports it, such as v1.36.3+k3s1. */
  readonly version: string;
  /** The mode that the Service proxy itself reports; `unknown` where it cannot be asked. */
  readonly proxyMode: string;
  /** Replaced workload images, by the pinned name. */
  readonly images: Readonly<Record<string, string>>;
  /** What the run itself asked for, so that it is no default of the cluster. */
  readonly chosen: { readonly ranges: boolean; readonly proxyMode: boolean };
  /** Components that k3s packages and the run switched off. */
  readonly disabled: readonly string[];
  /** `none` where there is no kubectl to type with. */
  readonly kubectlVersion: string;
  /** Why the cluster does not run Pods of this kind; absent where it does. */
  readonly refusedPods: { readonly hostNetwork?: string; readonly lab?: string };
  /** Why a machine beside the node cannot reach it; absent where it can, and on an adopted cluster. */
  readonly noOutside?: string;
  /** Rights of manifests/rbac.yaml that the account lacks and the suite can do without, such as `list servicecidrs.networking.k8s.io`. */
  readonly missingRights: readonly string[];
  /** Empty where the cluster does not publish them. */
  readonly serviceRanges: readonly string[];
}

interface Entry {
  /** What a cluster with this capability has. */
  readonly means: string;
  /** Returns the reason why a cluster lacks it, or undefined when it has it. */
  readonly missing: (found: Findings) => string | undefined;
  /** True if a run without it may still be green; a function where that depends on the cluster. Default true. */
  readonly optional?: (found: Findings) => boolean;
}

/** What claims may need of a cluster: the one place that says what it is, how its absence is detected, and what a report prints then. */
export const capabilities = {
  k3s: {
    means: 'k3s itself, for what k3s chooses and the stand-in would only repeat',
    missing: ({ standIn, version }) => {
      if (standIn) return "the node is not k3s, and what this project's own image supplies is no observation";
      return version.includes('+k3s') ? undefined : `the cluster is not k3s (${version})`;
    },
  },
  'original images': {
    means: 'the images that the chapter names, not local builds in their place',
    missing: ({ images }) => (Object.keys(images).length > 0 ? 'other images replace those that the chapter names' : undefined),
  },
  'default ranges': {
    means: 'Service and Pod ranges that the run did not choose itself',
    missing: ({ adopted, chosen }) => {
      if (adopted) return 'whoever created this cluster may have chosen its ranges';
      return chosen.ranges ? 'this run chose the ranges itself' : undefined;
    },
  },
  'default proxy': {
    means: 'a proxy mode that the run did not choose itself',
    missing: ({ adopted, chosen }) => {
      if (adopted) return 'whoever created this cluster may have chosen its proxy mode';
      return chosen.proxyMode ? 'this run chose the proxy mode itself' : undefined;
    },
  },
  'known proxy': {
    means: 'kube-proxy in iptables or nftables mode, whose rules the suite knows',
    missing: ({ proxyMode }) =>
      proxyMode === 'iptables' || proxyMode === 'nftables'
        ? undefined
        : `the truth depends on the Service proxy, and its mode is ${proxyMode}`,
    // A disposable cluster whose mode cannot be read is a fault.
    optional: ({ adopted }) => adopted,
  },
  ServiceLB: {
    means: "k3s' own load balancer",
    missing: ({ adopted, standIn, disabled }) => {
      if (adopted) return 'whether this cluster runs ServiceLB or another load balancer is not known';
      return standIn || disabled.includes('servicelb') ? 'ServiceLB is not running' : undefined;
    },
  },
  'node shell': {
    means: 'a node that the run may look into: a shell with the commands of the node',
    missing: ({ adopted }) => (adopted ? 'the suite does not enter nodes of an existing cluster' : undefined),
  },
  outside: {
    means: "a machine of this project on the node's network",
    missing: ({ adopted, noOutside }) =>
      adopted ? 'a machine outside would send packets for the Service range into the network of this cluster' : noOutside,
  },
  'contained packets': {
    means: 'packets for the Service and Pod ranges that nothing answers end in the node',
    missing: ({ adopted }) => (adopted ? 'packets that nothing answers would leave the node for the network of this cluster' : undefined),
  },
  'host network': {
    means: "Pods in the node's own network namespace",
    missing: ({ refusedPods }) =>
      refusedPods.hostNetwork === undefined ? undefined : `the cluster does not run Pods in the node's network: ${refusedPods.hostNetwork}`,
  },
  kubectl: {
    means: "kubectl: the node's own, or on an existing cluster that of this machine",
    missing: ({ kubectlVersion }) => (kubectlVersion === 'none' ? 'there is no kubectl on this machine' : undefined),
  },
  'lab Pods': {
    means: 'the Pods of the lab as the chapter has them: admitted, running, and open to exec',
    missing: ({ refusedPods }) =>
      refusedPods.lab === undefined ? undefined : `the cluster does not run the Pods of the lab: ${refusedPods.lab}`,
  },
  'Service range': {
    means: 'the ServiceCIDRs and the holders of their addresses may be read',
    missing: ({ missingRights, serviceRanges }) => {
      if (missingRights.length > 0) return `the account may not ${missingRights.join(', ')}`;
      return serviceRanges.length === 0 ? 'the cluster does not publish its Service range' : undefined;
    },
  },
} as const satisfies Record<string, Entry>;

export type Capability = keyof typeof capabilities;

const entries: Readonly<Record<Capability, Entry>> = capabilities;

/** Why a cluster cannot show a claim, and whether a run may be green all the same. */
export interface Unmet {
  readonly reason: string;
  readonly optional: boolean;
}

/** Returns why a claim cannot be observed on a cluster, or undefined when it can. */
export function unmet(claim: Claim, found: Findings): Unmet | undefined {
  for (const name of claim.needs ?? []) {
    const reason = entries[name].missing(found);
    if (reason !== undefined) return { reason, optional: entries[name].optional?.(found) ?? true };
  }
  if (claim.kubernetes !== undefined && !semver.satisfies(semver.coerce(found.version) ?? '0.0.0', claim.kubernetes))
    return { reason: `the ledger's verdict is for Kubernetes ${claim.kubernetes}, and this is ${found.version}`, optional: true };
  return undefined;
}

/** Returns every capability, whether a cluster has it, and the reason where it does not. */
export function capabilitiesOf(found: Findings): { name: Capability; there: boolean; why?: string }[] {
  return (Object.keys(entries) as Capability[]).map((name) => {
    const why = entries[name].missing(found);
    return { name, there: why === undefined, ...(why === undefined ? {} : { why }) };
  });
}
