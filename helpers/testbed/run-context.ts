import { AsyncLocalStorage } from 'node:async_hooks';
import type { V1Pod } from '@kubernetes/client-node';
import type { ClusterDescription } from '../cluster/description.ts';
import { pinnedImages, type PinnedImages } from '../cluster/settings.ts';
import { connect, openShellInContainer } from '../engine/engine.ts';
import type { Kube } from '../kube/api.ts';
import { createPods } from '../kube/objects.ts';
import { onNode, ownContainer } from '../kube/pods.ts';
import { openLocalShell, openShell, type Shell } from '../kube/shell.ts';
import { workloadsOf } from './workloads.ts';

/** A server that all claims share. */
export interface Backend {
  /** The name of its Pod, with which it answers. */
  readonly name: string;
  /** The address of its Pod, of the cluster's first family. */
  readonly address: string;
  /** One address of each family. */
  readonly addresses: readonly string[];
  /** The name of its node. */
  readonly node: string;
  /** Returns a shell in it, in which a claim may be a client. */
  readonly shell: () => Promise<Shell>;
}

/** The servers that all claims share. */
export type Backends = readonly [Backend, Backend, Backend];

/** What all claims of a run share. */
export interface RunContext {
  readonly cluster: ClusterDescription;
  readonly kube: Kube;
  /** The ids of the claims to show. */
  readonly wanted: readonly string[];
  /** The name of the node of each Pod of the run that has become Ready, by `namespace/name`, as far as suites waited for it. */
  readonly podNodes: ReadonlyMap<string, string>;
  /** Adds Pods of a namespace to these. */
  readonly keepNodes: (namespace: string, pods: readonly V1Pod[]) => void;
  /** The name of the image that is used for a pinned one. */
  readonly image: (name: Exclude<keyof PinnedImages, 'k3s'>) => string;
  /** Runs one claim in a lane: what it calls client, node and shells uses those of the lane. */
  readonly inLane: <T>(lane: number, run: () => Promise<T>) => Promise<T>;
  /** Opens a shell in a Pod of the suite, or returns the one that is open. Throws as openShell does. */
  readonly shellIn: (namespace: string, pod: string) => Promise<Shell>;
  /** Closes the shells in the Pods of a namespace. */
  readonly closeShells: (namespace: string) => void;
  /**
   * Returns the lane's client: a Pod that only sends requests, in a namespace of no claim. With `node` it is the one on the node of that name. Throws when it
   * does not become Ready.
   */
  readonly client: (where?: { readonly node?: string }) => Promise<Shell>;
  /**
   * Returns three servers that all claims share and none changes: Pods of no Service, in a namespace of no claim, which answer TCP and UDP on port 80. They are
   * endpoints where a claim writes an EndpointSlice by hand. Throws when they do not become Ready.
   */
  readonly backends: () => Promise<Backends>;
  /** Returns the client in the node's own network namespace: a hostNetwork Pod. */
  readonly node: () => Promise<Shell>;
  /** Returns a shell on the node itself, with the node's own commands and kubectl: the server's by default. Throws on an adopted cluster. */
  readonly nodeShell: (name?: string) => Promise<Shell>;
  /** Returns the shell in which a student types kubectl: on the node, or on this machine where the cluster is adopted. */
  readonly kubectlShell: () => Promise<Shell>;
}

/**
 * Opens what all claims of a run share. `kube` leads to the cluster; `wanted` are the ids of the claims to show. Throws as
 * pinnedImages does.
 */
export function openContext(cluster: ClusterDescription, kube: Kube, wanted: readonly string[]): RunContext {
  const lanes = new AsyncLocalStorage<number>();
  const lane = () => lanes.getStore() ?? 0;
  const pinned = pinnedImages();
  const image: RunContext['image'] = (name) => cluster.images[pinned[name]] ?? pinned[name];

  const workloads = workloadsOf({ cluster, image });

  // A shell runs one command at a time, so each lane has its own.
  const shells = new Map<string, Promise<Shell>>();
  /** Returns the lane's shell of that name. Opens a new one when the last was lost or could not be opened: one fault costs one claim. */
  const shared = (name: string, open: () => Shell | Promise<Shell>): Promise<Shell> => {
    const key = `${name} ${lane()}`;
    const before = (shells.get(key) ?? Promise.resolve(undefined)).catch(() => undefined);
    const shell = before.then((found) => (found === undefined || found.lost() ? open() : found));
    shells.set(key, shell);
    return shell;
  };
  const shellIn = (namespace: string, pod: string) => shared(`${namespace}/${pod}`, () => openShell(kube, namespace, pod, ownContainer));
  const closeShells = (namespace: string) => {
    for (const [key, shell] of shells) {
      if (!key.startsWith(`${namespace}/`)) continue;
      shells.delete(key);
      shell.then(
        (open) => {
          open.close();
        },
        () => undefined,
      );
    }
  };

  // One client for each lane and not for all: a kernel sends a client a few ICMP refusals at once and then one a second (net.ipv4.icmp_ratelimit).
  const clients = new Map<string, Promise<string>>();
  const failures = new Map<string, number>();
  const ofNodePod = cluster.nodes.find(({ addresses }) => addresses.includes(cluster.nodeAddress));
  const podNodes = new Map(
    ofNodePod === undefined || cluster.refusedPods.hostNetwork !== undefined ? [] : [[`${cluster.clientNamespace}/node`, ofNodePod.name]],
  );
  const keepNodes: RunContext['keepNodes'] = (namespace, pods) => {
    for (const { metadata, spec } of pods) if (spec?.nodeName !== undefined) podNodes.set(`${namespace}/${metadata?.name}`, spec.nodeName);
  };
  const startClient = async (key: string, node: string | undefined): Promise<string> => {
    const failed = failures.get(key) ?? 0;
    const where = node === undefined ? '' : `-on-${cluster.nodes.findIndex(({ name }) => name === node)}`;
    const name = `client-${cluster.run}-${process.pid}-${lane()}-${failed}${where}`;
    try {
      const pod = workloads.clientPod(name, node === undefined ? {} : onNode(node));
      keepNodes(cluster.clientNamespace, await createPods(kube, cluster.clientNamespace, pod));
    } catch (error) {
      failures.set(key, failed + 1);
      // A fault that passes costs one claim. Where no Pod starts at all, not every claim waits for that again.
      if (failed === 0) clients.delete(key);
      throw error;
    }
    return name;
  };
  const client: RunContext['client'] = async ({ node } = {}) => {
    const key = `${lane()} ${node ?? ''}`;
    const pod = clients.get(key) ?? startClient(key, node);
    clients.set(key, pod);
    return shellIn(cluster.clientNamespace, await pod);
  };
  const startBackends = async (): Promise<Backends> => {
    const pods = await createPods(kube, cluster.clientNamespace, ...['a', 'b', 'c'].map((name) => workloads.server(name)));
    keepNodes(cluster.clientNamespace, pods);
    const [a, b, c] = pods.map(({ metadata, spec, status }) => ({
      name: metadata?.name ?? '',
      address: status?.podIP ?? '',
      addresses: (status?.podIPs ?? []).map(({ ip }) => ip),
      node: spec?.nodeName ?? '',
      shell: () => shellIn(cluster.clientNamespace, metadata?.name ?? ''),
    }));
    if (a === undefined || b === undefined || c === undefined) throw new Error('the shared servers were not created');
    return [a, b, c];
  };
  let backends: Promise<Backends> | undefined;
  const nodeShell = (name?: string) => {
    if (cluster.node === undefined) throw new Error('this claim needs a "node shell", which its row in the ledger does not name');
    const { container: server, engine } = cluster.node;
    const container = cluster.nodes.find((node) => node.name === name)?.container ?? server;
    const what = container === server ? 'the node' : `node ${name}`;
    return shared(what, () => openShellInContainer(connect(engine), container, what));
  };
  return {
    cluster,
    kube,
    wanted,
    podNodes,
    keepNodes,
    image,
    inLane: (number, run) => lanes.run(number, run),
    shellIn,
    closeShells,
    client,
    backends: () => (backends ??= startBackends()),
    node: () => shellIn(cluster.clientNamespace, 'node'),
    nodeShell,
    kubectlShell: () => (cluster.node === undefined ? shared('this machine', openLocalShell) : nodeShell()),
  };
}
