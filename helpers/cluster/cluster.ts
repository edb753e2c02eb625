import { randomInt } from 'node:crypto';
import { accessSync, constants, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { messageOf } from '../base/message-of.ts';
import { artifacts } from '../base/paths.ts';
import { onUndo, undoAll } from '../base/undo.ts';
import { UsageError } from '../base/usage-error.ts';
import { labels, sweep } from '../engine/engine.ts';
import { keepImages } from '../engine/node-images.ts';
import { ownerOf } from '../engine/ownership.ts';
import { openKube } from '../kube/api.ts';
import { createPods } from '../kube/objects.ts';
import { workloadsWith } from '../kube/pods.ts';
import { type Adopt, openAdopted } from './adopted.ts';
import { type Answering, describeCluster, type Prepared } from './describe.ts';
import { type ClusterDescription, descriptionFile, writeDescription } from './description.ts';
import { holdLease, serverTime } from './lease.ts';
import {
  clientNamespaceOf,
  deleteNamespacesOf,
  deleteRangesOf,
  keptHere,
  namespacesGone,
  namespacesOfOthers,
  sweepNamespaces,
  untilKilledRunsExpire,
} from './namespaces.ts';
import { keptContainer, keptNode, openEngine, otherRun, startedNode } from './own-node.ts';
import { checkRights } from './rights.ts';
import { imagesOf, pinnedImages, type Settings } from './settings.ts';
import { createFirstNamespace, tryPods } from './try-pods.ts';
import { usable } from './usable.ts';

type Say = (line: string) => void;

/** The cluster of one run. */
export interface Cluster {
  readonly description: ClusterDescription;
  /** Keeps the images that the suite's own node has pulled by itself, for a run without a network. Prints the names, or why it failed. */
  keepImages(say: Say): Promise<void>;
  /** Removes what this process has created: the cluster, or only its namespaces from a cluster that outlives it. */
  stop(): Promise<void>;
}

interface OpenOptions {
  /** Whether a cluster that is started now is to outlive this process. */
  readonly keep: boolean;
  /** Receives lines of progress. */
  readonly say: Say;
  /** Called when every check of the settings has passed, while the cluster starts. */
  readonly starting?: () => void;
}

async function keepImagesOf(node: Answering['node'], settings: Settings, say: Say): Promise<void> {
  if (node === undefined) return;
  const [nodeImage, ...given] = imagesOf(settings);
  try {
    const kept = await keepImages(node.engine.docker, node.container, { nodeImage, given, say });
    if (kept.length > 0) say(`kept for runs without a network: ${kept.join(', ')}`);
  } catch (error) {
    say(`the images that the node pulled could not be kept, so the next run needs the network again: ${messageOf(error)}`);
  }
}

/** Creates the namespace of the shared clients, and in it the run's Lease and the client in the node's network where the cluster runs such Pods. */
async function startClients({ kube, node }: Answering, settings: Settings, run: string): Promise<Omit<Prepared, 'deleteGreen'>> {
  const { agnhost, nginx, curl } = pinnedImages();
  const imageOf = (pinned: string) => settings.images[pinned] ?? pinned;
  const clientNamespace = clientNamespaceOf(run);
  const owner = settings.keep ? keptHere() : ownerOf(process.pid);
  const { demands } = settings;
  await createFirstNamespace(kube, clientNamespace, { run, owner, demands });
  const stopRenewing = await holdLease(kube, clientNamespace, ownerOf(process.pid));
  onUndo(() => {
    stopRenewing();
    return Promise.resolve();
  });
  const images = { agnhost: imageOf(agnhost), nginx: imageOf(nginx), curl: imageOf(curl) };
  if (node === undefined) return { run, owner, clientNamespace, ...(await tryPods(kube, clientNamespace, images, demands)) };
  await createPods(kube, clientNamespace, workloadsWith(images.agnhost, demands).clientPod('node', { hostNetwork: true }));
  return { run, owner, clientNamespace, demands, refusedPods: {} };
}

/** Returns a new id for a run: 9 characters, so that no two runs on one cluster ever have the same. */
function newRun(): string {
  return randomInt(36 ** 9)
    .toString(36)
    .padStart(9, '0');
}

/** Makes a cluster that answers ready for claims, and describes it for Jest, which waits for the description. */
async function prepare(cluster: Answering, settings: Settings, { keep }: OpenOptions): Promise<Cluster> {
  const began = Date.now();
  const { kube, node } = cluster;
  await sweepNamespaces(kube);
  const run = newRun();
  const removeNamespaces = async () => {
    const removed = await deleteNamespacesOf(kube, run, (name) => settings.keep && name !== clientNamespaceOf(run));
    // A kept cluster is this suite's own, and no run has to wait until its namespaces are gone. Only there may claims change what is cluster-wide.
    if (node === undefined) await namespacesGone(kube, removed);
    else await deleteRangesOf(kube, run);
  };
  const existed = node?.startedHere !== true;
  if (existed) onUndo(removeNamespaces);
  const prepared = { ...(await startClients(cluster, settings, run)), deleteGreen: existed || keep };
  const described = await describeCluster(cluster, settings, prepared);
  const phases = { ...cluster.phases, 'wait until usable': (cluster.phases['wait until usable'] ?? 0) + Date.now() - began };
  const description: ClusterDescription = {
    ...described,
    usableAt: new Date().toISOString(),
    clockAhead: Date.now() - (await serverTime(kube)),
    phases,
  };
  writeDescription(description);
  // Until here a node that is to be kept is removed if anything fails; from here on only the namespaces are.
  if (keep && !existed) {
    node.leaveRunning();
    onUndo(removeNamespaces);
  }
  return { description, keepImages: (say) => keepImagesOf(node, settings, say), stop: undoAll };
}

async function openAdoptedCluster(settings: Settings, adopt: Adopt, options: OpenOptions): Promise<Cluster> {
  options.say(`the cluster of context ${adopt.context}; only namespaces of this run are created there, and removed`);
  const kube = await openAdopted(adopt);
  const missingRights = await checkRights(kube);
  options.starting?.();
  return prepare({ kube, access: adopt, missingRights, phases: {} }, settings, options);
}

async function openOwnCluster(settings: Settings, options: OpenOptions): Promise<Cluster> {
  const { keep, say, starting = () => {} } = options;
  const engine = await openEngine();
  const swept = await sweep(engine.docker);
  if (swept.length > 0) say(`removed containers that an earlier run left: ${swept.join(', ')}`);
  const busy = await otherRun(engine.docker);
  if (busy !== undefined) {
    throw new UsageError(
      `Another run (${busy}) has its cluster on this machine. Wait for it, or stop it: only one run per engine is supported.`,
    );
  }
  // Jest starts machines outside the cluster on behalf of this process. If it is killed, it leaves them behind.
  onUndo(async () => {
    await sweep(engine.docker, ({ [labels.owner]: owner }) => owner === ownerOf(process.pid));
  });
  const kept = await keptContainer(engine.docker);
  if (kept !== undefined) say(`using the kept cluster (container ${kept.Id.slice(0, 12)})`);
  else say(`node image: ${settings.nodeImage}, because ${settings.why}`);
  const node = kept === undefined ? await startedNode(engine, settings, { keep, say, starting }) : await keptNode(engine, kept, settings);
  if (kept !== undefined) starting();
  const began = Date.now();
  const access = { kubeconfig: join(artifacts, 'kubeconfig') };
  writeFileSync(access.kubeconfig, node.kubeconfig, { mode: 0o600 });
  const kube = openKube(access);
  await usable(kube, { dns: node.startedHere, k3sArgs: settings.k3sArgs, say });
  const phases = { ...node.phases, 'wait until usable': Date.now() - began };
  return prepare({ kube, access, node: { ...node, engine }, missingRights: [], phases }, settings, options);
}

/** Empties the place of the description in the folder for results. Throws a UsageError when nothing can be written there. */
function clearArtifacts(): void {
  try {
    mkdirSync(artifacts, { recursive: true });
    rmSync(descriptionFile, { force: true });
    accessSync(artifacts, constants.W_OK);
  } catch (error) {
    throw new UsageError(`Nothing can be written to ${artifacts}, which CONFORMANCE_ARTIFACTS may name: ${messageOf(error)}.`);
  }
}

/**
 * Opens the cluster of a run: the one that the settings name, or else the kept one, or else a new one. With `keep` a new one outlives this process.
 * What it creates is on the undo list of this process. Throws a UsageError for what a person can correct, after removing what was created.
 */
export async function openCluster(settings: Settings, options: OpenOptions): Promise<Cluster> {
  clearArtifacts();
  try {
    return await (settings.adopt === undefined ? openOwnCluster(settings, options) : openAdoptedCluster(settings, settings.adopt, options));
  } catch (error) {
    await undoAll().catch((left: unknown) => {
      console.error(`Not removed: ${messageOf(left)}`);
    });
    throw error;
  }
}

/** Removes the kept cluster and the containers of runs that have ended. Returns their names. Throws as findEngine does. */
export async function removeKept(): Promise<string[]> {
  const { docker } = await openEngine();
  const orphans = await sweep(docker);
  return [...orphans, ...(await sweep(docker, (found) => found[labels.owner] === undefined))];
}

/**
 * Deletes from an adopted cluster the namespaces of runs that have ended, and those that this user kept on this machine. Waits for the Leases of runs
 * that were killed on this machine. Returns the deleted names, and the namespaces that it leaves, each with its owner and age. Throws as openAdopted and
 * checkRights do.
 */
export async function cleanAdopted(adopt: Adopt, say: Say): Promise<{ removed: string[]; left: string[] }> {
  const kube = await openAdopted(adopt);
  await checkRights(kube);
  const wait = await untilKilledRunsExpire(kube);
  if (wait > 0) {
    say(`a run of this machine was killed; its Lease expires in ${Math.ceil(wait / 1_000)} s, and then its namespaces can be deleted …`);
    await setTimeout(wait);
  }
  const removed = await sweepNamespaces(kube, { alsoKept: true });
  await namespacesGone(kube, removed);
  return { removed, left: await namespacesOfOthers(kube) };
}

/** Throws a UsageError unless the command, which breaks or slows its cluster, would start a new one. */
export async function ownClusterOnly(settings: Settings, command: string): Promise<void> {
  if (settings.adopt !== undefined) throw new UsageError(`${command} starts a disposable cluster: unset CONFORMANCE_CONTEXT.`);
  const { docker } = await openEngine();
  if ((await keptContainer(docker)) !== undefined)
    throw new UsageError(`${command} starts a disposable cluster, and a kept one is running: remove it with npm run cluster:stop.`);
}
