import { accessSync, constants, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { artifacts } from '../artifacts.ts';
import type { Need } from '../claims/row.ts';
import { type Kube, type KubeAccess, openKube } from '../kube/api.ts';
import { clientPod } from '../kube/client-pod.ts';
import { createNamespace, createPods, isReady, waitFor } from '../kube/objects.ts';
import { timeouts } from '../timeouts.ts';
import { UsageError } from '../usage-error.ts';
import { checkRights, findGaps, localKubectl, openAdopted } from './adopted.ts';
import { type ClusterDescription, descriptionFile, writeDescription } from './description.ts';
import { labels, ownerOf, removeContainer, sweep } from './engine.ts';
import { addressOf, nodeFacts, proxyModeOn, refuseIPv6First, serviceRangesOf } from './facts.ts';
import { deleteNamespacesOf, keptHere, namespacesGone, namespacesOfOthers, sweepNamespaces } from './namespaces.ts';
import { keepImages } from './node-images.ts';
import { rangesOf } from './node.ts';
import { type Engine, keptContainer, keptNode, kubectlOnNode, type Node, openEngine, otherRun, startedNode, usable } from './own-node.ts';
import { imagesOf, pinnedImages, type Settings } from './settings.ts';

type Say = (line: string) => void;

/** The cluster of one run. */
export interface Cluster {
  readonly description: ClusterDescription;
  /** Keeps the images that a node of our own has fetched by itself, for a run without a network. Says what it kept, or why it could not. */
  keepImages(say: Say): Promise<void>;
  /** Removes what the run made: the whole cluster, or its namespaces from one that outlives it. */
  stop(): Promise<void>;
}

/** What this process has made and not removed yet; for the way out after a signal. */
let removeMine: (() => Promise<void>) | undefined;

/** A cluster that answers, before the run has anything in it. */
interface Found {
  readonly kube: Kube;
  readonly access: KubeAccess;
  readonly node?: Node & { readonly engine: Engine; readonly startedHere: boolean };
  readonly gaps: Readonly<Partial<Record<Need, string>>>;
  readonly phases: Readonly<Record<string, number>>;
}

async function keepImagesOf(node: Found['node'], settings: Settings, say: Say): Promise<void> {
  if (node === undefined) return;
  const [nodeImage, ...given] = imagesOf(settings);
  try {
    const kept = await keepImages(node.engine.docker, node.container, nodeImage, given);
    if (kept.length > 0) say(`kept for runs without a network: ${kept.join(', ')}`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    say(`the images that the node fetched could not be kept, so the next run needs the network again: ${why}`);
  }
}

async function prepare(found: Found, settings: Settings): Promise<Cluster> {
  const began = Date.now();
  const standsFor = (pinned: string) => settings.images[pinned] ?? pinned;
  const { kube, access, node } = found;
  const run = Math.random().toString(36).slice(2, 7);
  const owner = settings.keep ? keptHere : ownerOf(process.pid);
  const clientNamespace = `clusterip-${run}-clients`;
  const stop = async () => {
    if (node !== undefined) await sweep(node.engine.docker, ({ [labels.owner]: of }) => of === ownerOf(process.pid));
    if (node?.kept !== false) {
      const mine = await deleteNamespacesOf(kube, run, (name) => settings.keep && name !== clientNamespace);
      // A kept cluster is ours, and nobody there minds if they end a little later.
      if (node === undefined) await namespacesGone(kube, mine);
    }
    removeMine = undefined;
  };
  // Until it is ready a cluster to be kept is worth nothing to anybody, and goes as any other.
  const undo = node?.startedHere === true ? () => removeContainer(node.engine.docker, node.container) : stop;
  removeMine = undo;
  try {
    const { gitVersion: version } = await kube.version.getCode();
    await refuseIPv6First(kube);
    const pinned = pinnedImages();
    const images = { agnhost: standsFor(pinned.agnhost), nginx: standsFor(pinned.nginx), curl: standsFor(pinned.curl) };
    await sweepNamespaces(kube);
    await createNamespace(kube, clientNamespace, { run, owner });
    const kubectl = node === undefined ? await localKubectl() : await kubectlOnNode(node);
    const gaps: Partial<Record<Need, string>> = { ...found.gaps };
    if (node === undefined) Object.assign(gaps, await findGaps(kube, clientNamespace, { version, kubectl, images }));
    const onNode = gaps['host network'] === undefined;
    if (onNode) await createPods(kube, clientNamespace, clientPod('node', images.agnhost, { hostNetwork: true }));
    const proxyMode = onNode ? await proxyModeOn(kube, clientNamespace) : 'unknown';
    const { items: nodes } = await kube.core.listNode();
    // On several nodes "the node" is the one on which the client of that name stands.
    const nodeAddress = onNode
      ? (await kube.core.readNamespacedPod({ namespace: clientNamespace, name: 'node' })).status?.hostIP
      : addressOf(nodes[0]);
    const serviceRanges = await serviceRangesOf(kube);
    const [serviceRange] = serviceRanges;
    const ranges = node === undefined ? undefined : rangesOf(settings.k3sArgs);
    if (serviceRange === undefined && ranges === undefined) gaps['Service range'] ??= 'the cluster does not tell its Service range';
    const description: ClusterDescription = {
      run,
      owner,
      adopted: node === undefined,
      ...(node === undefined ? {} : { node: { container: node.container, engine: node.engine.address }, nodeImage: settings.nodeImage }),
      gaps,
      why: settings.why,
      standIn: node !== undefined && !version.includes('+k3s'),
      version,
      kubectlVersion: kubectl ?? 'none',
      proxyMode,
      serviceRange: serviceRange ?? ranges?.services ?? 'unknown',
      dualStack: serviceRanges.length > 1,
      podRange: ranges?.pods ?? 'unknown',
      nodes: nodes.map(nodeFacts),
      readyNodes: nodes.filter(isReady).map(({ metadata }) => metadata?.name ?? ''),
      nodeAddress: nodeAddress ?? '',
      k3sArgs: settings.k3sArgs,
      images: settings.images,
      access,
      clientNamespace,
      keptCluster: node?.kept ?? true,
      keepRed: settings.keep,
      usableAt: new Date().toISOString(),
      phases: { ...found.phases, 'wait until usable': (found.phases['wait until usable'] ?? 0) + Date.now() - began },
    };
    writeDescription(description);
    removeMine = stop;
    return { description, keepImages: (say) => keepImagesOf(node, settings, say), stop };
  } catch (error) {
    await undo().catch((left: unknown) => {
      console.error(String(left));
    });
    throw error;
  }
}

interface OpenOptions {
  readonly keep: boolean;
  readonly say: Say;
  /** Called once nothing that a person can get wrong is left, while the cluster starts. */
  readonly starting?: () => void;
}

async function openAdoptedCluster(
  settings: Settings,
  adopt: NonNullable<Settings['adopt']>,
  { say, starting }: OpenOptions,
): Promise<Cluster> {
  say(`the cluster of context ${adopt.context}; only namespaces of this run are made there, and removed`);
  const kube = await openAdopted(adopt);
  const gaps = await checkRights(kube);
  starting?.();
  return prepare({ kube, access: adopt, gaps, phases: {} }, settings);
}

async function openOwnCluster(settings: Settings, { keep, say, starting = () => {} }: OpenOptions): Promise<Cluster> {
  const engine = await openEngine();
  const swept = await sweep(engine.docker);
  if (swept.length > 0) say(`removed what an earlier run left: ${swept.join(', ')}`);
  const busy = await otherRun(engine.docker);
  if (busy !== undefined) {
    throw new UsageError(
      `Another run (${busy}) has its cluster on this machine. Wait for it, or stop it: one at a time is what a machine bears.`,
    );
  }
  const kept = await keptContainer(engine.docker);
  let beingMade = false;
  removeMine = async () => {
    // A kept cluster has no owner; where there was none before, one that is being made is this run's.
    const isMine = ({ [labels.owner]: owner }: Record<string, string>) =>
      owner === ownerOf(process.pid) || (keep && beingMade && owner === undefined);
    // The engine goes on making what it was asked for, so a first look may come too early.
    await waitFor('the node that is being made', timeouts.command, async () => {
      const removed = await sweep(engine.docker, isMine);
      return beingMade && removed.length === 0 ? { seen: 'the engine has not made it yet' } : { done: undefined };
    });
  };
  if (kept !== undefined) say(`using the kept cluster (container ${kept.Id.slice(0, 12)})`);
  else say(`node image: ${settings.nodeImage}, because ${settings.why}`);
  const making = () => {
    beingMade = true;
    starting();
  };
  const node =
    kept === undefined
      ? await startedNode(engine, settings, { keep, say, starting: making }).catch((error: unknown) => {
          beingMade = false;
          throw error;
        })
      : await keptNode(engine, kept, settings);
  if (kept !== undefined) starting();
  const began = Date.now();
  const access = { kubeconfig: join(artifacts, 'kubeconfig') };
  let kube: Kube;
  try {
    writeFileSync(access.kubeconfig, node.kubeconfig, { mode: 0o600 });
    kube = openKube(access);
    say('waiting for the node to be Ready and DNS to answer …');
    await usable(kube);
  } catch (error) {
    if (kept === undefined) await removeContainer(engine.docker, node.container);
    throw error;
  } finally {
    beingMade = false;
  }
  return prepare(
    {
      kube,
      access,
      node: { ...node, engine, startedHere: kept === undefined },
      gaps: {},
      phases: { ...node.phases, 'wait until usable': Date.now() - began },
    },
    settings,
  );
}

/**
 * Gives the run its cluster: the one that the settings name, or the kept one if there is one, or else a new one that goes with the run (or
 * stays, with `keep`). Throws a UsageError for what the person can put right; nothing that was started stays behind then.
 */
export async function openCluster(settings: Settings, options: OpenOptions): Promise<Cluster> {
  try {
    mkdirSync(artifacts, { recursive: true });
    rmSync(descriptionFile, { force: true });
    accessSync(artifacts, constants.W_OK);
  } catch (error) {
    throw new UsageError(`Nothing can be written to ${artifacts}, which CONFORMANCE_ARTIFACTS may name: ${(error as Error).message}.`);
  }
  return settings.adopt === undefined ? openOwnCluster(settings, options) : openAdoptedCluster(settings, settings.adopt, options);
}

/** Removes the kept cluster, and everything that runs without a living owner left; returns what was removed. */
export async function removeKept(): Promise<string[]> {
  const { docker } = await openEngine();
  const orphans = await sweep(docker);
  return [...orphans, ...(await sweep(docker, (found) => found[labels.owner] === undefined))];
}

/**
 * Removes from a cluster that was there already the namespaces of runs that are gone, and those that runs of this machine kept; returns their
 * names, and says of each that it leaves why. Throws as openAdopted and checkRights do.
 */
export async function cleanAdopted(adopt: NonNullable<Settings['adopt']>): Promise<{ removed: string[]; left: string[] }> {
  const kube = await openAdopted(adopt);
  await checkRights(kube);
  const removed = await sweepNamespaces(kube, { alsoKept: true });
  await namespacesGone(kube, removed);
  return { removed, left: await namespacesOfOthers(kube) };
}

/**
 * Refuses, for a command that breaks or holds up what it runs on, every cluster but one that it starts itself. Throws a UsageError.
 */
export async function ownClusterOnly(settings: Settings, command: string): Promise<void> {
  if (settings.adopt !== undefined) throw new UsageError(`${command} is for a cluster of our own: unset CONFORMANCE_CONTEXT.`);
  const { docker } = await openEngine();
  if ((await keptContainer(docker)) !== undefined)
    throw new UsageError(`${command} is for new clusters, and a kept one is running: remove it with npm run cluster:stop.`);
}

/** Removes what this process made and has not removed yet; for the way out after a signal. */
export async function removeOwn(): Promise<void> {
  await removeMine?.();
}
