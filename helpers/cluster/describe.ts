import { isIPv6 } from 'node:net';
import type { V1Node } from '@kubernetes/client-node';
import { whyNoOutside } from '../engine/engine-preflight.ts';
import type { Kube, KubeAccess } from '../kube/api.ts';
import { isReady } from '../kube/pod-state.ts';
import { type Demands, ownContainer, workloadsWith } from '../kube/pods.ts';
import { refusal } from '../kube/refusal.ts';
import { openShell } from '../kube/shell.ts';
import { type Findings, refusableTypes } from '../ledger/capabilities.ts';
import { localKubectl } from './adopted.ts';
import type { ClusterDescription, NodeDescription } from './description.ts';
import { argumentsOfEveryNode, chosenBy, disabledBy, domainSetBy, rangesSetBy } from './k3s-arguments.ts';
import { type Engine, kubectlOnNode, type Node } from './own-node.ts';
import type { Settings } from './settings.ts';

/** A cluster that answers, before the run has created anything in it. */
export interface Answering {
  readonly kube: Kube;
  readonly access: KubeAccess;
  /** Absent on an adopted cluster. */
  readonly node?: Node & { readonly engine: Engine };
  readonly missingRights: readonly string[];
  /** ms of each phase so far. */
  readonly phases: Readonly<Record<string, number>>;
}

/** What the run has prepared in the cluster for its claims. */
export interface Prepared extends Pick<
  ClusterDescription,
  'run' | 'owner' | 'demands' | 'clientNamespace' | 'deleteGreen' | 'refusedPods'
> {
  /** The DNS domain that a Pod has seen. */
  readonly domain?: string;
}

/** Returns the InternalIPs of a node, one of each family, the first family first. */
function addressesOf(node: V1Node): string[] {
  const internal = (node.status?.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address);
  return internal.filter((address, index) => internal.findIndex((it) => isIPv6(it) === isIPv6(address)) === index);
}

/**
 * Returns whether the scheduler may place the Pods of the suite on a node that is Ready: it has every label that they select, and they tolerate each of its
 * taints.
 */
function takesPods({ metadata, spec }: V1Node, demands: Demands): boolean {
  const { nodeSelector = {}, tolerations = [] } = workloadsWith('any', demands).clientPod('any').spec ?? {};
  // The scheduler treats a cordon as this taint. The node may have it as well.
  const cordon = spec?.unschedulable === true ? [{ key: 'node.kubernetes.io/unschedulable', value: '', effect: 'NoSchedule' }] : [];
  const taints = [...cordon, ...(spec?.taints ?? [])].filter(({ effect }) => effect.startsWith('No'));
  return (
    Object.entries(nodeSelector).every(([label, value]) => metadata?.labels?.[label] === value) &&
    taints.every((taint) =>
      tolerations.some(
        ({ key, operator = 'Equal', value = '', effect }) =>
          (key === undefined || key === '' || key === taint.key) &&
          (operator === 'Exists' || value === (taint.value ?? '')) &&
          (effect === undefined || effect === '' || effect === taint.effect),
      ),
    )
  );
}

/** Returns the description of a node for Pods with these demands, with its container where it is one of this suite. */
export function describeNode(node: V1Node, demands: Demands, container?: string): NodeDescription {
  const { kernelVersion, osImage, architecture, containerRuntimeVersion } = node.status?.nodeInfo ?? {};
  return {
    name: node.metadata?.name ?? '',
    addresses: addressesOf(node),
    kernel: kernelVersion ?? '',
    operatingSystem: osImage ?? '',
    architecture: architecture ?? '',
    containerRuntime: containerRuntimeVersion ?? '',
    ready: isReady(node),
    ...(container === undefined ? {} : { container }),
    takesPods: takesPods(node, demands),
    // The kubelet's own default.
    podLimit: Number(node.status?.allocatable?.pods ?? 110),
  };
}

/**
 * Returns the ranges that the cluster publishes for Services, its own first: a cluster may have more than one ServiceCIDR, each with a range of each family.
 * Returns none before Kubernetes 1.33, and where the account may not read them.
 */
async function publishedServiceRanges(kube: Kube): Promise<string[]> {
  try {
    const { items: all } = await kube.networking.listServiceCIDR();
    // No Service gets an address from a range that is being deleted.
    const items = all.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
    const isOwn = ({ metadata }: { metadata?: { name?: string } }) => metadata?.name === 'kubernetes';
    return [...items.filter(isOwn), ...items.filter((it) => !isOwn(it))].flatMap(({ spec }) => spec?.cidrs ?? []);
  } catch (error) {
    refusal(error);
    return [];
  }
}

/** Returns the family of the API server's own Service: every Service gets an address of this one unless it requests another. */
async function firstFamily(kube: Kube): Promise<ClusterDescription['ipFamily']> {
  const { spec } = await kube.core.readNamespacedService({ namespace: 'default', name: 'kubernetes' });
  return isIPv6(spec?.clusterIP ?? '') ? 'IPv6' : 'IPv4';
}

/** Returns the mode that kube-proxy itself reports, requested by the client in the node's network; `unknown` where it does not answer. */
async function reportedProxyMode(kube: Kube, clientNamespace: string): Promise<string> {
  const shell = await openShell(kube, clientNamespace, 'node', ownContainer);
  const { output } = await shell.run('curl -s --max-time 2 localhost:10249/proxyMode');
  shell.close();
  return /^[a-z]+$/.test(output.trim()) ? output.trim() : 'unknown';
}

/**
 * Returns the range of node ports that the API server names when it rejects a port outside of it; `unknown` where it does not. A dry run would not do: it does
 * not compare the port with the range. A Service that is created nevertheless has no Pods, and is deleted.
 */
export async function nodePortRangeOf(kube: Kube, namespace: string): Promise<string> {
  const name = 'no-such-port';
  // A range may have one of the two ports. It hardly has both, since a node has ports of its own.
  for (const nodePort of [1, 65_535]) {
    const body = { metadata: { name }, spec: { type: 'NodePort', ports: [{ port: 80, nodePort }] } };
    try {
      await kube.core.createNamespacedService({ namespace, body });
    } catch (error) {
      const [, range] = /range of valid ports is (\d+-\d+)/.exec(refusal(error).message) ?? [];
      if (range !== undefined) return range;
      continue;
    }
    await kube.core.deleteNamespacedService({ namespace, name });
  }
  return 'unknown';
}

/**
 * Returns why the cluster refuses Services of each type, by dry runs. The API server itself accepts these, so only a policy or a quota refuses one. Throws
 * where the API server does not answer.
 */
export async function refusedServicesOf(kube: Kube, namespace: string): Promise<Findings['refusedServices']> {
  const tried = refusableTypes.map(async (type): Promise<Findings['refusedServices']> => {
    const spec = type === 'ExternalName' ? { type, externalName: 'example.invalid' } : { type, ports: [{ port: 80 }] };
    try {
      await kube.core.createNamespacedService({ namespace, body: { metadata: { name: type.toLowerCase() }, spec }, dryRun: 'All' });
      return {};
    } catch (error) {
      const { code, message } = refusal(error);
      // An overloaded server, or a webhook that fails or knows no dry runs, does not say whether the Service would be accepted.
      const undecided = code === 429 || code >= 500 || message.includes('does not support dry run');
      return undecided ? {} : { [type]: message.replaceAll(/\s+/g, ' ').trim() };
    }
  });
  return Object.assign({}, ...(await Promise.all(tried))) as Findings['refusedServices'];
}

/** Returns the DNS domain that the kubelet of this suite's own node gives to Pods; undefined where it does not report it. */
async function domainOfKubelet(kube: Kube, node: string): Promise<string | undefined> {
  try {
    // Its type is text, but the client parses JSON.
    const answer: unknown = await kube.core.connectGetNodeProxyWithPath({ name: node, path: 'configz' });
    return (answer as { kubeletconfig?: { clusterDomain?: string } }).kubeletconfig?.clusterDomain;
  } catch (error) {
    refusal(error);
    return undefined;
  }
}

/** Returns whether a Pod of k3s' ServiceLB runs in any namespace. k3s labels them with the Service that they serve. */
async function seesServiceLB(kube: Kube): Promise<boolean> {
  // https://github.com/k3s-io/k3s/blob/master/pkg/cloudprovider/servicelb.go
  const { items } = await kube.core.listPodForAllNamespaces({ labelSelector: 'svccontroller.k3s.cattle.io/svcname', limit: 1 });
  return items.length > 0;
}

type Network = Pick<
  ClusterDescription,
  'serviceRanges' | 'podRanges' | 'domain' | 'nodePortRange' | 'chosen' | 'disabled' | 'serviceLBSeen'
>;

/** Returns the parts that the arguments of a node set, or that an adopted cluster publishes. */
async function networkOf(
  { kube, node }: Answering,
  { k3sArgs }: Settings,
  { domain, clientNamespace }: Prepared,
  nodes: readonly V1Node[],
): Promise<Network> {
  const [serviceRanges, nodePortRange, serviceLBSeen, kubeletDomain] = await Promise.all([
    publishedServiceRanges(kube),
    nodePortRangeOf(kube, clientNamespace),
    node === undefined && seesServiceLB(kube),
    node === undefined ? undefined : domainOfKubelet(kube, nodes[0]?.metadata?.name ?? ''),
  ]);
  if (node === undefined) {
    const chosen = { ranges: false, proxyMode: false };
    // The spec.podCIDRs of nodes are only their parts of the Pod range, and some network plugins ignore them.
    return { serviceRanges, podRanges: [], domain: domain ?? 'cluster.local', nodePortRange, chosen, disabled: [], serviceLBSeen };
  }
  const { services, pods } = rangesSetBy(k3sArgs);
  return {
    serviceRanges: serviceRanges.length === 0 ? services : serviceRanges,
    podRanges: pods,
    domain: kubeletDomain ?? domainSetBy(k3sArgs),
    nodePortRange,
    serviceLBSeen,
    chosen: chosenBy(k3sArgs),
    disabled: disabledBy([...argumentsOfEveryNode, ...k3sArgs]),
  };
}

// As many as all lanes of claims take.
const enoughPlaces = 80;

/** Returns how many more Pods the nodes take on which Pods of the run may be, at least up to 80: further nodes are not looked at. */
export async function freePlacesOf(kube: Kube, nodes: readonly NodeDescription[]): Promise<number> {
  let free = 0;
  for (const { name, podLimit } of nodes.filter((node) => node.ready && node.takesPods)) {
    if (free >= enoughPlaces) break;
    // A Pod that has ended takes no place.
    const fieldSelector = `spec.nodeName=${name},status.phase!=Succeeded,status.phase!=Failed`;
    const { items } = await kube.core.listPodForAllNamespaces({ fieldSelector });
    free += Math.max(0, podLimit - items.length);
  }
  return free;
}

type Seen = Pick<ClusterDescription, 'proxyMode' | 'nodeAddress' | 'nodes'>;

/** Returns the container of a node by the node's name: k3s takes the host name, which in a container is its short id. The server may have another name. */
function containerOf(node: Node | undefined, name: string): string | undefined {
  return node?.agents.find((agent) => name.startsWith(agent.slice(0, 12))) ?? node?.container;
}

/** Returns the nodes, and what the client in the node's network sees of its own where it runs. */
async function seenOf(
  { kube, node }: Answering,
  { refusedPods, clientNamespace, demands }: Prepared,
  found: readonly V1Node[],
  ipFamily: ClusterDescription['ipFamily'],
): Promise<Seen> {
  const nodes = found.map((it) => describeNode(it, demands, containerOf(node, it.metadata?.name ?? '')));
  if (refusedPods.hostNetwork !== undefined)
    return { nodes, proxyMode: 'unknown', nodeAddress: (nodes.find(({ ready }) => ready) ?? nodes[0])?.addresses[0] ?? '' };
  const [{ status }, proxyMode] = await Promise.all([
    kube.core.readNamespacedPod({ namespace: clientNamespace, name: 'node' }),
    reportedProxyMode(kube, clientNamespace),
  ]);
  // A node's first address may be of another family than the first one of Services.
  const ofFamily = (status?.hostIPs ?? []).find(({ ip }) => isIPv6(ip) === (ipFamily === 'IPv6'))?.ip;
  return { nodes, proxyMode, nodeAddress: ofFamily ?? status?.hostIP ?? '' };
}

/** Returns what holds for a node of this suite, or for a cluster without one. */
function originOf(
  { node }: Answering,
  { profile, nodeImage }: Settings,
  version: string,
): Pick<Findings, 'adopted' | 'standIn'> & Pick<ClusterDescription, 'kept' | 'node' | 'nodeImage' | 'profile'> {
  if (node === undefined) return { adopted: true, standIn: false, kept: false };
  return {
    adopted: false,
    standIn: !version.includes('+k3s'),
    kept: !node.startedHere,
    node: { container: node.container, engine: node.engine.address },
    nodeImage,
    ...(profile === undefined ? {} : { profile }),
  };
}

/** Returns the description of a cluster in which the clients run, but for its times. Throws the error of the API server or the engine. */
export async function describeCluster(
  cluster: Answering,
  settings: Settings,
  prepared: Prepared,
): Promise<Omit<ClusterDescription, 'usableAt' | 'clockAhead' | 'phases'>> {
  const { kube, access, node, missingRights } = cluster;
  const { run, owner, demands, clientNamespace, deleteGreen, refusedPods } = prepared;
  const [{ items: nodes }, ipFamily] = await Promise.all([kube.core.listNode(), firstFamily(kube)]);
  const [{ gitVersion: version }, kubectlVersion, noOutside, seen, network, refusedServices] = await Promise.all([
    kube.version.getCode(),
    node === undefined ? localKubectl() : kubectlOnNode(node),
    node === undefined ? undefined : whyNoOutside(node.engine.docker),
    seenOf(cluster, prepared, nodes, ipFamily),
    networkOf(cluster, settings, prepared, nodes),
    // On a node of this suite there are no policies and no quotas.
    node === undefined ? refusedServicesOf(kube, clientNamespace) : {},
  ]);
  return {
    ...(node === undefined ? { freePlaces: await freePlacesOf(kube, seen.nodes) } : {}),
    ...{ run, owner, demands, clientNamespace, deleteGreen, refusedPods, missingRights, access, version },
    ...originOf(cluster, settings, version),
    ...seen,
    ...network,
    ipFamily,
    refusedServices,
    kubectlVersion: kubectlVersion ?? 'none',
    ...(noOutside === undefined ? {} : { noOutside }),
    why: settings.why,
    allowed: settings.allowed,
    statedDefaults: settings.statedDefaults,
    k3sArgs: settings.k3sArgs,
    images: settings.images,
    keepRed: settings.keep,
  };
}
