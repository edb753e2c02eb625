import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type Docker from 'dockerode';
import { timeouts } from '../base/timeouts.ts';
import { onUndo } from '../base/undo.ts';
import { UsageError } from '../base/usage-error.ts';
import { waitFor } from '../base/wait-for.ts';
import {
  connect,
  createNetwork,
  type EngineAddress,
  execInContainer,
  findEngine,
  labels,
  scriptInContainer,
  sweep,
} from '../engine/engine.ts';
import { type EngineFeatures, refuseUnfitEngine } from '../engine/engine-preflight.ts';
import { ensureImage } from '../engine/images.ts';
import { ownerOf } from '../engine/ownership.ts';
import { everyRangeOf, hasIPv6, needsOwnNetwork } from './k3s-arguments.ts';
import { checkMachine, type EngineInfo, overlappingNetworks } from './preflight.ts';
import { proxyLines } from './proxy.ts';
import { imagesOf, type Settings } from './settings.ts';

// A node in the container engine of this machine: started for a run, or kept from an earlier one.

/** The container engine of this machine. */
export interface Engine {
  readonly docker: Docker;
  readonly address: EngineAddress;
  readonly host: string;
}

/** Finds the container engine and connects to it. Throws as findEngine does. */
export async function openEngine(): Promise<Engine> {
  const { address, host } = await findEngine();
  return { docker: connect(address), address, host };
}

/**
 * Encodes the settings of a cluster as a label, to detect later that a run has different ones. Of a registries.yaml, which may have passwords, it has
 * only a part of the hash.
 */
function settingsLabel({ nodeImage, nodes, k3sArgs, images, registries }: Settings): string {
  const hash = registries === undefined ? undefined : createHash('sha256').update(readFileSync(registries)).digest('hex').slice(0, 12);
  return [
    nodeImage,
    ...(nodes === 1 ? [] : [`nodes:${nodes}`]),
    ...k3sArgs,
    ...Object.values(images),
    ...(hash === undefined ? [] : [`registries.yaml:${hash}`]),
  ].join(' ');
}

/** Returns the container of the kept cluster's server; undefined when there is none. */
export async function keptContainer(docker: Docker): Promise<Docker.ContainerInfo | undefined> {
  const containers = await docker.listContainers({ filters: { label: [`${labels.role}=node`] } });
  return containers.find((container) => container.Labels[labels.owner] === undefined);
}

/** Returns the process whose disposable cluster is in this engine; undefined when there is none. Call it after a sweep of orphans. */
export async function otherRun(docker: Docker): Promise<string | undefined> {
  const containers = await docker.listContainers({ filters: { label: [`${labels.role}=node`, labels.owner] } });
  const [host, pid] = containers[0]?.Labels[labels.owner]?.split('/') ?? [];
  if (pid === undefined) return undefined;
  return host === hostname() ? `process ${pid}` : `process ${pid} of ${host}`;
}

/** The nodes of a cluster of this suite, in a container each. */
export interface Node {
  /** That of the server. */
  readonly container: string;
  /** Those of the nodes that joined it. */
  readonly agents: readonly string[];
  readonly kubeconfig: string;
  /** Whether this process started it; otherwise it is the node of a kept cluster. */
  readonly startedHere: boolean;
  /** Takes the removal of the nodes off the undo list. Does nothing for the node of a kept cluster. */
  readonly leaveRunning: () => void;
  /** ms of each phase of the start. */
  readonly phases: Readonly<Record<string, number>>;
}

interface StartOptions {
  /** Whether the node is to outlive this process. */
  readonly keep: boolean;
  /** Receives lines of progress. */
  readonly say: (line: string) => void;
  /** Called when the checks have passed and the images are there, before the node is created. */
  readonly starting: () => void;
}

/**
 * Removes what a process has started: its nodes and their network. While `creating` returns true it looks again: the engine creates what it was asked
 * for, even if the process no longer waits. Throws after timeouts.command, and the error of the engine.
 */
export async function removeStarted(docker: Docker, starter: string, creating: () => boolean): Promise<void> {
  await waitFor('the engine to create the node, to remove it', timeouts.command, async () => {
    // Before the listing, which lacks a node that is created meanwhile.
    const wasCreating = creating();
    await sweep(docker, ({ [labels.starter]: of }) => of === starter);
    return wasCreating ? { seen: 'no node yet' } : { done: undefined };
  });
}

/** Returns what counts the requests to create something that the engine has not answered yet. After `end`, `begin` throws. */
function creations() {
  let [pending, ended] = [0, false];
  return {
    begin: () => {
      if (ended) throw new Error('the start was interrupted');
      pending++;
    },
    created: () => {
      pending--;
    },
    end: () => {
      ended = true;
    },
    /** True while the engine may create something that it has not reported yet. */
    pending: () => pending > 0,
    /** Forgets requests that have failed. */
    settled: () => {
      pending = 0;
    },
  };
}

/** Throws a UsageError where the engine gave a network addresses of the cluster's own ranges. */
async function refuseOverlap(docker: Docker, network: string, k3sArgs: readonly string[]): Promise<void> {
  const [found] = overlappingNetworks([await docker.getNetwork(network).inspect()], everyRangeOf(k3sArgs));
  if (found === undefined) return;
  throw new UsageError(
    `The engine gave the network for this run addresses of the cluster's own ranges: ${found.line}. Choose other ranges with CONFORMANCE_K3S_ARGS, or remove ` +
      'unused networks with `docker network prune`.',
  );
}

/**
 * Starts the nodes of a cluster and returns them when its API answers. Several nodes, and nodes with IPv6, are on a network of their own. The removal of
 * all of it is on the undo list. Throws a UsageError when engine or machine is not ready for a cluster or cannot pull an image, and as startNodes does.
 */
export async function startedNode(engine: Engine, settings: Settings, { keep, say, starting }: StartOptions): Promise<Node> {
  const info = (await engine.docker.info()) as EngineInfo & EngineFeatures;
  await refuseUnfitEngine(engine.docker, info);
  for (const line of proxyLines(process.env)) say(line);
  await checkMachine(engine.docker, info, settings.k3sArgs, say);
  const [nodeImage, ...workloadImages] = imagesOf(settings);
  const began = Date.now();
  for (const image of [nodeImage, ...workloadImages]) await ensureImage(engine.docker, image, say);
  const pulled = Date.now();
  starting();
  const starter = ownerOf(process.pid);
  const creating = creations();
  const leaveRunning = onUndo(() => {
    creating.end();
    return removeStarted(engine.docker, starter, creating.pending);
  });
  const containerLabels = {
    [labels.starter]: starter,
    ...(keep ? { [labels.settings]: settingsLabel(settings) } : { [labels.owner]: starter }),
  };
  try {
    const ipv6 = hasIPv6(settings.k3sArgs);
    let network: string | undefined;
    if (needsOwnNetwork(settings.nodes, settings.k3sArgs)) {
      creating.begin();
      network = await createNetwork(engine.docker, { ipv6, networkLabels: containerLabels });
      creating.created();
      await refuseOverlap(engine.docker, network, settings.k3sArgs);
    }
    // Loaded late: testcontainers takes more than half a second to load, and only a new node needs it.
    const { startNodes } = await import('./node.ts');
    const { server, agents, loadMs } = await startNodes(engine.docker, {
      image: nodeImage,
      nodes: settings.nodes,
      k3sArgs: settings.k3sArgs,
      cgroupVersion: info.CgroupVersion ?? '2',
      engineHost: engine.host,
      network,
      workloadImages,
      registries: settings.registries,
      environment: process.env,
      containerLabels,
      create: creating.begin,
      created: creating.created,
      say,
    });
    return {
      container: server.getId(),
      agents,
      kubeconfig: server.getKubeConfig(),
      startedHere: true,
      leaveRunning,
      phases: { 'pull images': pulled - began, 'save images': loadMs, 'start the node': Date.now() - pulled - loadMs },
    };
  } finally {
    creating.settled();
  }
}

/** Returns the nodes of a kept cluster, given by its server. Throws a UsageError when it was started with other settings, or does not answer. */
export async function keptNode(engine: Engine, container: Docker.ContainerInfo, settings: Settings): Promise<Node> {
  const now = settingsLabel(settings);
  const was = container.Labels[labels.settings] ?? '';
  if (was !== now) {
    throw new UsageError(
      `The kept cluster was started with different settings.\n  started with:  ${was}\n  requested now: ${now}\n` +
        'Remove it with `npm run cluster:stop`, or run with the settings it was started with.',
    );
  }
  const { exitCode, output } = await execInContainer(engine.docker, container.Id, ['cat', '/etc/rancher/k3s/k3s.yaml'], {
    limit: timeouts.command,
  });
  const port = container.Ports.find(({ PrivatePort }) => PrivatePort === 6443)?.PublicPort;
  if (exitCode !== 0 || port === undefined) {
    throw new UsageError(
      `The kept cluster (container ${container.Id.slice(0, 12)}) does not answer. Remove it with \`npm run cluster:stop\`.`,
    );
  }
  const kubeconfig = output.replace(/server: .*/, `server: https://${engine.host}:${port}`);
  const joined = await engine.docker.listContainers({
    filters: { label: [`${labels.role}=agent`, `${labels.starter}=${container.Labels[labels.starter]}`] },
  });
  const agents = joined.map(({ Id }) => Id);
  if (agents.length !== settings.nodes - 1) {
    throw new UsageError(
      `The kept cluster has lost a node: of ${settings.nodes}, ${agents.length + 1} run. Remove it with \`npm run cluster:stop\`.`,
    );
  }
  return { container: container.Id, agents, kubeconfig, startedHere: false, leaveRunning: () => undefined, phases: {} };
}

/** Returns the version of the kubectl on the node. Throws as scriptInContainer does. */
export async function kubectlOnNode({ engine, container }: { engine: Engine; container: string }): Promise<string> {
  const script = 'kubectl version --client --output=json 2>/dev/null';
  const output = await scriptInContainer(engine.docker, container, script, { limit: timeouts.command });
  return (JSON.parse(output) as { clientVersion: { gitVersion: string } }).clientVersion.gitVersion;
}
