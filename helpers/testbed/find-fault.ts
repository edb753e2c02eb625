import type { V1Pod } from '@kubernetes/client-node';
import { inUrl } from '../base/in-url.ts';
import { timeouts } from '../base/timeouts.ts';
import { waitFor } from '../base/wait-for.ts';
import type { Fault, Layer } from '../cluster/description.ts';
import { createService, endpointsOf, startPods } from '../kube/objects.ts';
import { hindranceOf, isReady } from '../kube/pod-state.ts';
import type { Shell } from '../kube/shell.ts';
import { http } from '../probe/attempt.ts';
import { recordType, type RecordType, resolve } from '../probe/resolve.ts';
import { NotSettled, settle } from '../probe/settle.ts';
import type { RunContext } from './run-context.ts';
import { webService, workloadsOf } from './workloads.ts';

// One plain Service with one Pod and one client, tried while the first claims run. Where these do not work, no claim can be shown.

const server = 'basic-server';
const client = 'basic-client';
const service = 'basic';
// By the search path of a Pod, so that it does not depend on the domain of the cluster.
const everyClustersName = 'kubernetes.default.svc';

/** Returns whether a request was answered, and how it ended. */
async function requestLayer(name: string, from: Shell, url: string): Promise<Layer> {
  const { ending, response } = await http(from, url);
  const works = ending === 'answered' && response === server;
  return { name, works, seen: works ? `${url} is answered` : `${url} is ${ending} (${response})` };
}

async function dnsLayer(from: Shell, type: RecordType): Promise<Layer> {
  const { addresses, response } = await resolve(from, everyClustersName, type);
  if (addresses.length > 0) return { name: 'DNS', works: true, seen: `${everyClustersName} is ${addresses.join(', ')}` };
  return { name: 'DNS', works: false, seen: `${everyClustersName}, which every cluster has, has no address: ${response}` };
}

/**
 * Waits until both Pods are Ready and returns them. Returns why one is not after timeouts.basicPods; while an image is pulled it waits as long as claims do.
 * Throws what the API server answers, and where an image is pulled for too long.
 */
async function runningPods({ kube, cluster }: RunContext): Promise<{ pods: readonly V1Pod[] } | { stuck: string }> {
  const namespace = cluster.clientNamespace;
  const began = Date.now();
  return waitFor<{ pods: readonly V1Pod[] } | { stuck: string }>(`Pods ${server} and ${client}`, timeouts.podsReady, async () => {
    const { items } = await kube.core.listNamespacedPod({ namespace });
    const pods = [server, client].map((name) => items.find(({ metadata }) => metadata?.name === name));
    const found = pods.filter((pod) => pod !== undefined);
    if (found.length === pods.length && found.every(isReady)) return { done: { pods: found } };
    const seen = found.flatMap((pod) => hindranceOf(pod)?.why ?? []).join('; ') || 'a Pod was deleted';
    if (Date.now() - began < timeouts.basicPods) return { seen };
    const { items: events } = await kube.core.listNamespacedEvent({ namespace });
    const ofPods = events.filter(({ involvedObject: { name } }) => name === server || name === client);
    const last = ofPods.filter(({ type }) => type !== 'Normal').at(-1);
    if (last === undefined && ofPods.some(({ reason }) => reason === 'Pulling')) return { seen: `${seen}; an image is being pulled` };
    return { done: { stuck: last === undefined ? seen : `${seen}; ${last.reason}: ${last.message}` } };
  });
}

/** Returns what a person looks at first where a layer does not work. `nodes` are those of the server and of the client, as far as they are known. */
function whereToLook(layer: string, layers: readonly Layer[], nodes: readonly string[]): string[] {
  const onNodes = nodes.length === 0 ? 'every node' : `node ${[...new Set(nodes)].join(' and ')}`;
  const fromNode = layers.find(({ name }) => name === 'node to Service');
  const proxy =
    'The Service proxy: does kube-proxy run on every node, and does its log have errors? In k3s it is part of the k3s process, and its log that of k3s.';
  const bridge = `On ${onNodes}: \`sysctl net.bridge.bridge-nf-call-iptables\` must be 1. Otherwise packets between Pods of one node bypass the rules of the Service proxy.`;
  switch (layer) {
    case 'Pod':
      return [
        `The kubelet, the container runtime and the network plugin (CNI) of ${onNodes}: their logs, in k3s that of k3s.`,
        'Conditions and taints of the nodes: `kubectl describe nodes`.',
      ];
    case 'Pod to Pod':
      return [
        `The network plugin (CNI) on ${onNodes}: its Pods and log; in k3s, flannel is part of the k3s process.`,
        ...(new Set(nodes).size > 1 ? ['A firewall between these nodes, for the port of the network plugin (8472/UDP for VXLAN).'] : []),
        'A NetworkPolicy that the cluster creates in every new namespace.',
      ];
    case 'Pod to Service':
      if (fromNode === undefined) return [proxy, bridge];
      return fromNode.works
        ? [bridge, proxy]
        : [proxy, `The rules of the Service proxy on ${onNodes}: \`iptables-save -t nat\` or \`nft list ruleset\`.`];
    default:
      return [
        'The DNS Pods: `kubectl -n kube-system get pods -l k8s-app=kube-dns -o wide`, and their log.',
        'The endpoints of the DNS Service: `kubectl -n kube-system get endpointslices -l kubernetes.io/service-name=kube-dns`.',
      ];
  }
}

/**
 * Tries the layers of the cluster's network, each of which needs the ones before it: a Pod, Pod to Pod, Pod to Service, DNS. Returns the first that does not
 * work, or undefined where all do. It takes as long as the Pods need to start, and at most timeouts.basicPods and timeouts.basics more where a layer does not
 * work. Throws where it cannot judge: what the API server answers, and when a shell is lost.
 */
export async function findFault(context: RunContext): Promise<Fault | undefined> {
  const { kube, cluster, shellIn } = context;
  const namespace = cluster.clientNamespace;
  const workloads = workloadsOf(context);
  const { spec } = await createService(kube, namespace, webService({ selector: { app: service } }, { name: service }));
  await startPods(kube, namespace, workloads.server(server, { labels: { app: service } }), workloads.clientPod(client));
  const running = await runningPods(context);
  if ('stuck' in running) {
    const layer: Layer = { name: 'Pod', works: false, seen: `a plain Pod does not become Ready: ${running.stuck}` };
    return { layer: layer.name, seen: layer.seen, lookAt: whereToLook(layer.name, [], []), layers: [layer], stopped: true };
  }
  const nodes = running.pods.map((pod) => pod.spec?.nodeName ?? '');
  const toPod = `http://${inUrl(running.pods[0]?.status?.podIP ?? '')}:80/hostname`;
  const toService = `http://${inUrl(spec?.clusterIP ?? '')}:8080/hostname`;
  const from = await shellIn(namespace, client);
  const observe = async () => [
    await requestLayer('Pod to Pod', from, toPod),
    await requestLayer('Pod to Service', from, toService),
    await dnsLayer(from, recordType(cluster.ipFamily)),
  ];
  let layers: Layer[];
  try {
    const accept = (seen: readonly Layer[]) => seen.every(({ works }) => works);
    await settle(observe, { waitingFor: 'every layer to work', accept, inARow: 1, within: timeouts.basics });
    return undefined;
  } catch (error) {
    if (!(error instanceof NotSettled)) throw error;
    layers = error.seen as Layer[];
  }
  // What else helps to find the cause.
  if (!layers.some(({ name, works }) => name === 'Pod to Pod' && works))
    layers.unshift(await requestLayer('Pod', await shellIn(namespace, server), toPod));
  if (cluster.refusedPods.hostNetwork === undefined) layers.push(await requestLayer('node to Service', await context.node(), toService));
  const lowest = layers.find(({ works }) => !works);
  // Where only nodes do not reach the Service, claims about nodes show it, and the others can be shown.
  if (lowest === undefined || lowest.name === 'node to Service') return undefined;
  const { endpoints } = await endpointsOf(kube, namespace, service);
  const unlisted =
    lowest.name === 'Pod to Service' && !endpoints.some(({ ready }) => ready)
      ? ['The EndpointSlice of the Service lists no ready Pod: does kube-controller-manager run? In k3s it is part of the k3s process.']
      : [];
  return {
    layer: lowest.name,
    seen: lowest.seen,
    lookAt: [...unlisted, ...whereToLook(lowest.name, layers, nodes)],
    layers,
    stopped: lowest.name !== 'DNS',
  };
}
