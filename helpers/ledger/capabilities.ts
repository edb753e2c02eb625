import semver from 'semver';
import type { Claim } from './row.ts';

/** What a user may allow on an existing cluster, each because it is more than creating Pods and Services in namespaces of the run. */
export const permissions = ['unanswered-packets', 'load-balancer'] as const;
/** One of the permissions. */
export type Permission = (typeof permissions)[number];

/** What a user may say of an existing cluster, because no API tells it: it was left as k3s sets it by default. */
export const statedDefaults = ['ranges', 'proxy-mode'] as const;
/** One of the stated defaults. */
export type StatedDefault = (typeof statedDefaults)[number];

/** The range of node ports that Kubernetes has by default. */
export const defaultNodePortRange = '30000-32767';

/** Types of Services that policies and quotas of an existing cluster may refuse. */
export const refusableTypes = ['NodePort', 'LoadBalancer', 'ExternalName'] as const;
/** One of these types. */
export type RefusableType = (typeof refusableTypes)[number];

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
  /** Why the cluster refuses Services of a type; without the types that it accepts. */
  readonly refusedServices: Partial<Readonly<Record<RefusableType, string>>>;
  /** Why a machine beside the node cannot reach it; absent where it can, and on an adopted cluster. */
  readonly noOutside?: string;
  /** Rights of manifests/rbac.yaml that the account lacks and the suite can do without, such as `list servicecidrs.networking.k8s.io`. */
  readonly missingRights: readonly string[];
  /** The nodes of the cluster. */
  readonly nodes: readonly { readonly ready: boolean; readonly takesPods: boolean }[];
  /** Arguments for k3s beyond those of every node; none on an existing cluster. */
  readonly k3sArgs: readonly string[];
  /** Empty where the cluster does not publish them. */
  readonly serviceRanges: readonly string[];
  /** As the API server reports it, such as 30000-32767; `unknown` where it does not. */
  readonly nodePortRange: string;
  /** What the user allows on an existing cluster. */
  readonly allowed: readonly Permission[];
  /** What the user says was left as k3s sets it on an existing cluster. */
  readonly statedDefaults: readonly StatedDefault[];
  /** Whether Pods of k3s' ServiceLB were seen on an existing cluster. */
  readonly serviceLBSeen: boolean;
  /** The part of the cluster's network that does not work at all; absent where all of it does, and where that was not checked. */
  readonly fault?: { readonly layer: string; readonly seen: string };
}

interface Entry {
  /** What a cluster with this capability has. */
  readonly means: string;
  /** Returns the reason why a cluster lacks it, or undefined when it has it. */
  readonly missing: (found: Findings) => string | undefined;
  /** Returns what would give a cluster this capability: a right, an image, a setting, or another kind of cluster. */
  readonly remedy: (found: Findings) => string;
  /** True if a run without it may still be green; a function where that depends on the cluster. Default true. */
  readonly optional?: (found: Findings) => boolean;
}

/** Returns the reason why a cluster has no second node for Pods, or undefined when it has one. */
function missingSecondNode({ nodes }: Findings): string | undefined {
  const usable = nodes.filter(({ ready, takesPods }) => ready && takesPods).length;
  if (usable > 1) return undefined;
  return nodes.length === 1
    ? 'the cluster has one node'
    : `of ${nodes.length} nodes, ${usable} ${usable === 1 ? 'is Ready and takes' : 'are Ready and take'} the Pods of the run`;
}

const disposable = 'a disposable cluster: run without CONFORMANCE_CONTEXT';
const asInRbac = 'the rights that manifests/rbac.yaml gives for it';

/** The resources for which an account may lack rights of manifests/rbac.yaml, by the capability that it then lacks. */
export const optionalRights = {
  'Service range': ['servicecidrs.networking.k8s.io', 'ipaddresses.networking.k8s.io'],
  'EndpointSlices by hand': ['endpointslices.discovery.k8s.io', 'endpoints'],
  'Pod status by hand': ['pods/status'],
  StatefulSets: ['statefulsets.apps'],
} as const satisfies Record<string, readonly string[]>;

/** Returns which rights for a capability the account lacks, as a reason; undefined where it lacks none. */
function lackedOf(missingRights: readonly string[], capability: keyof typeof optionalRights): string | undefined {
  const resources: readonly string[] = optionalRights[capability];
  const lacked = missingRights.filter((right) => resources.includes(right.replace(/^\S+ /, '')));
  return lacked.length === 0 ? undefined : `the account may not ${lacked.join(', ')}`;
}

/** Returns the entry of Services of a type. */
function servicesOf(type: RefusableType): Entry {
  return {
    means: `Services of type ${type}, which some clusters refuse by a policy or a quota`,
    missing: ({ refusedServices: { [type]: why } }) =>
      why === undefined ? undefined : `the cluster refuses Services of type ${type}: ${why}`,
    remedy: () =>
      `an exception for the namespaces of the run, clusterip-*, from what refuses Services of type ${type}: a policy or a ResourceQuota`,
  };
}

/** What claims may need of a cluster: the one place that says what it is, how its absence is detected, and what a report prints then. */
export const capabilities = {
  k3s: {
    means: 'k3s itself, for what k3s chooses and the stand-in would only repeat',
    missing: ({ standIn, version }) => {
      if (standIn) return 'the node is not k3s: its image is our own, so it proves nothing about k3s';
      return version.includes('+k3s') ? undefined : `the cluster is not k3s (${version})`;
    },
    remedy: () => 'a k3s cluster',
  },
  'original images': {
    means: 'the images that the chapter names, not local builds in their place',
    missing: ({ images }) => (Object.keys(images).length > 0 ? 'other images replace those that the chapter names' : undefined),
    remedy: () => 'the original images: unset CONFORMANCE_IMAGES, where a registry can be reached',
  },
  'default ranges': {
    means: 'Service and Pod ranges that the run did not choose itself',
    missing: ({ adopted, chosen, statedDefaults: stated }) => {
      if (adopted) return stated.includes('ranges') ? undefined : 'the ranges may have been set when the cluster was created';
      return chosen.ranges ? 'this run chose the ranges itself' : undefined;
    },
    remedy: ({ adopted }) =>
      adopted
        ? 'CONFORMANCE_DEFAULTS=ranges, if k3s was installed without --service-cidr and --cluster-cidr'
        : 'a run that does not set the ranges',
  },
  'default proxy': {
    means: 'a proxy mode that the run did not choose itself',
    missing: ({ adopted, chosen, statedDefaults: stated }) => {
      if (adopted) return stated.includes('proxy-mode') ? undefined : 'the proxy mode may have been set when the cluster was created';
      return chosen.proxyMode ? 'this run chose the proxy mode itself' : undefined;
    },
    remedy: ({ adopted }) =>
      adopted ? 'CONFORMANCE_DEFAULTS=proxy-mode, if k3s was installed without a proxy mode' : 'a run that does not set the proxy mode',
  },
  'known proxy': {
    means: 'kube-proxy in iptables or nftables mode, whose rules the suite knows',
    missing: ({ proxyMode }) =>
      proxyMode === 'iptables' || proxyMode === 'nftables'
        ? undefined
        : `the truth depends on the Service proxy, and its mode is ${proxyMode}`,
    // A disposable cluster whose mode cannot be read is a fault.
    optional: ({ adopted }) => adopted,
    remedy: () =>
      'a cluster whose nodes report at localhost:10249/proxyMode that kube-proxy is in one of these modes, to Pods with hostNetwork',
  },
  ServiceLB: {
    means: "k3s' own load balancer",
    missing: ({ adopted, standIn, disabled, allowed, serviceLBSeen }) => {
      if (adopted && !allowed.includes('load-balancer'))
        return 'a Service of type LoadBalancer would open a port on nodes of this cluster, or order a load balancer elsewhere';
      if (adopted) return serviceLBSeen ? undefined : 'no Pod of ServiceLB was found, so another load balancer may serve this cluster';
      return standIn || disabled.includes('servicelb') ? 'ServiceLB is not running' : undefined;
    },
    remedy: ({ adopted }) =>
      adopted
        ? 'CONFORMANCE_ALLOW=load-balancer, on a k3s where ServiceLB already serves a Service: k3s then opens a port on its nodes for this claim'
        : 'k3s with its ServiceLB',
  },
  'node shell': {
    means: 'a node that the run may look into: a shell with the commands of the node',
    missing: ({ adopted }) => (adopted ? 'the suite does not enter nodes of an existing cluster' : undefined),
    remedy: () => disposable,
  },
  outside: {
    means: "a machine of this project on the node's network",
    missing: ({ adopted, noOutside }) =>
      adopted ? 'a machine outside would send packets for the Service range into the network of this cluster' : noOutside,
    remedy: () => disposable,
  },
  'contained packets': {
    means: 'packets for the Service and Pod ranges that nothing answers end in the node, or the user allows them to leave it',
    missing: ({ adopted, allowed }) =>
      adopted && !allowed.includes('unanswered-packets')
        ? 'packets that nothing answers would leave the node for the network of this cluster'
        : undefined,
    remedy: () =>
      'CONFORMANCE_ALLOW=unanswered-packets, if it does no harm that single packets for unused addresses of the cluster leave its nodes',
  },
  'host network': {
    means: "Pods in the node's own network namespace",
    missing: ({ refusedPods }) =>
      refusedPods.hostNetwork === undefined ? undefined : `the cluster does not run Pods in the node's network: ${refusedPods.hostNetwork}`,
    remedy: () => 'the right to run hostNetwork Pods in the namespaces of the run, as the Pod security level privileged gives it',
  },
  kubectl: {
    means: "kubectl: the node's own, or on an existing cluster that of this machine",
    missing: ({ kubectlVersion }) => (kubectlVersion === 'none' ? 'there is no kubectl on this machine' : undefined),
    remedy: () => 'kubectl on the PATH of this machine',
  },
  'lab Pods': {
    means: 'the Pods of the lab as the chapter has them: admitted, running, and open to exec',
    missing: ({ refusedPods }) =>
      refusedPods.lab === undefined ? undefined : `the cluster does not run the Pods of the lab: ${refusedPods.lab}`,
    remedy: () =>
      'the right to run Pods without a security context, as the Pod security level baseline gives it, and images that can be pulled: CONFORMANCE_IMAGES names others',
  },
  'Service range': {
    means: 'the ServiceCIDRs and the holders of their addresses may be read',
    missing: ({ missingRights, serviceRanges }) => {
      const lacked = lackedOf(missingRights, 'Service range');
      if (lacked !== undefined) return lacked;
      return serviceRanges.length === 0 ? 'the cluster does not publish its Service range' : undefined;
    },
    remedy: () => 'Kubernetes 1.33 or newer, and the right to get and list servicecidrs and ipaddresses, as manifests/rbac.yaml has it',
  },
  'EndpointSlices by hand': {
    means: 'EndpointSlices and Endpoints may be written in the namespaces of the run',
    missing: ({ missingRights }) => lackedOf(missingRights, 'EndpointSlices by hand'),
    remedy: () => asInRbac,
  },
  'Pod status by hand': {
    means: 'the status of Pods may be changed in the namespaces of the run',
    missing: ({ missingRights }) => lackedOf(missingRights, 'Pod status by hand'),
    remedy: () => asInRbac,
  },
  StatefulSets: {
    means: 'StatefulSets may be created in the namespaces of the run',
    missing: ({ missingRights }) => lackedOf(missingRights, 'StatefulSets'),
    remedy: () => asInRbac,
  },
  'cluster-wide changes': {
    means: 'a cluster of the run alone, so that claims may create ServiceCIDRs and IPAddresses, and label nodes',
    missing: ({ adopted }) => (adopted ? 'the suite changes nothing cluster-wide on an existing cluster' : undefined),
    remedy: () => disposable,
  },
  'separate kube-proxy': {
    means: 'kube-proxy as a process of its own, which the run may stop and start',
    missing: ({ adopted, standIn }) => {
      if (adopted) return 'the suite does not enter nodes of an existing cluster';
      return standIn ? undefined : 'kube-proxy is part of the k3s process';
    },
    remedy: () => 'a node where kube-proxy is a process of its own: the stand-in, which `.ci/setup` builds (README.md explains it)',
  },
  'two nodes': {
    means: 'two nodes that are Ready and take the Pods of the run',
    missing: missingSecondNode,
    remedy: ({ adopted }) =>
      adopted
        ? 'a second Linux node that takes Pods with the nodeSelector and the tolerations of the run'
        : 'CONFORMANCE_PROFILE=two-nodes',
  },
  IPv4: {
    means: 'Services with IPv4 addresses',
    missing: ({ serviceRanges }) =>
      serviceRanges.length === 0 || serviceRanges.some((range) => !range.includes(':')) ? undefined : 'the Service range is of IPv6 alone',
    remedy: () => 'a cluster with an IPv4 range for Services',
  },
  'dual stack': {
    means: 'Service ranges of IPv4 and of IPv6',
    missing: ({ serviceRanges }) => {
      if (serviceRanges.length === 0) return 'the cluster does not publish its Service range';
      return new Set(serviceRanges.map((range) => range.includes(':'))).size === 2 ? undefined : 'the cluster has one IP family';
    },
    remedy: ({ adopted }) => (adopted ? 'a dual-stack cluster' : 'CONFORMANCE_PROFILE=dual-stack'),
  },
  'small Service range': {
    means: "a Service range of the run's own cluster with at most 30 addresses, which a claim may use up",
    missing: ({ adopted, serviceRanges }) => {
      if (adopted) return 'a claim must not take every address of an existing cluster';
      const ranges = serviceRanges.filter((range) => !range.includes(':'));
      return ranges.length > 0 && ranges.every((range) => Number(range.split('/')[1]) >= 27)
        ? undefined
        : 'the Service range has too many addresses';
    },
    remedy: () => 'CONFORMANCE_PROFILE=small-range, without CONFORMANCE_CONTEXT',
  },
  'short sync': {
    means: 'a kube-proxy whose sync period is 1 s, not 30 s',
    // This argument is for the iptables mode and the nftables mode.
    missing: ({ k3sArgs }) =>
      k3sArgs.includes('--kube-proxy-arg=iptables-sync-period=1s') ? undefined : 'this run did not shorten the sync period of kube-proxy',
    remedy: () => 'CONFORMANCE_PROFILE=short-sync, without CONFORMANCE_CONTEXT',
  },
  'neighbour look-up': {
    means: 'a Pod network in which a node looks up an unused address, and nothing replies',
    missing: ({ adopted }) =>
      adopted ? 'the Pod network of an existing cluster may answer, route or drop what is sent to unused addresses' : undefined,
    remedy: () => disposable,
  },
  'default node ports': {
    means: `the range of node ports that Kubernetes has by default, ${defaultNodePortRange}`,
    missing: ({ nodePortRange }) => {
      if (nodePortRange === 'unknown') return 'the API server does not report its range of node ports';
      return nodePortRange === defaultNodePortRange ? undefined : `node ports of this cluster are from ${nodePortRange}`;
    },
    remedy: () => 'a cluster whose API server has no --service-node-port-range',
  },
  'NodePort Services': servicesOf('NodePort'),
  'LoadBalancer Services': servicesOf('LoadBalancer'),
  'ExternalName Services': servicesOf('ExternalName'),
  DNS: {
    means: 'a DNS server of the cluster that answers Pods',
    missing: ({ fault }) => (fault?.layer === 'DNS' ? `DNS of the cluster is dead: ${fault.seen}` : undefined),
    remedy: () => 'a DNS server that answers: the report names what to look at',
    optional: () => false,
  },
} as const satisfies Record<string, Entry>;

/** The name of something that a cluster must have to show a claim. */
export type Capability = keyof typeof capabilities;

const entries: Readonly<Record<Capability, Entry>> = capabilities;

/** Why a cluster cannot show a claim, and whether a run may be green all the same. */
export interface Unmet {
  readonly reason: string;
  /** What would make the claim observable. */
  readonly remedy: string;
  readonly optional: boolean;
}

/** Returns why a claim cannot be observed on a cluster, or undefined when it can. */
export function unmet(claim: Claim, found: Findings): Unmet | undefined {
  for (const name of claim.needs ?? []) {
    const reason = entries[name].missing(found);
    if (reason !== undefined) return { reason, remedy: entries[name].remedy(found), optional: entries[name].optional?.(found) ?? true };
  }
  if (claim.kubernetes !== undefined && !semver.satisfies(semver.coerce(found.version) ?? '0.0.0', claim.kubernetes))
    return {
      reason: `the ledger's verdict is for Kubernetes ${claim.kubernetes}, and this is ${found.version}`,
      remedy: `a cluster of Kubernetes ${claim.kubernetes}`,
      optional: true,
    };
  return undefined;
}

/** Returns every capability, whether a cluster has it, and where it does not the reason and a remedy. */
export function capabilitiesOf(found: Findings): { name: Capability; there: boolean; why?: string; remedy?: string }[] {
  return (Object.keys(entries) as Capability[]).map((name) => {
    const why = entries[name].missing(found);
    return { name, there: why === undefined, ...(why === undefined ? {} : { why, remedy: entries[name].remedy(found) }) };
  });
}
