import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { type Kube, openKube, refusal } from '../kube/api.ts';
import { clientPod } from '../kube/client-pod.ts';
import { createNamespace, createPods, deleteNamespace, namespaceLabels, waitFor } from '../kube/objects.ts';
import { openShell } from '../kube/shell.ts';
import { timeouts } from '../timeouts.ts';
import { UsageError } from '../usage-error.ts';
import { artifacts, type ClusterDescription, descriptionFile, writeDescription } from './description.ts';
import { connect, type EngineAddress, execInContainer, findEngine, labels, ownerAlive, ownerOf, removeContainer, sweep } from './engine.ts';
import { ensureImage } from './images.ts';
import { rangesOf, startNode } from './node.ts';
import { refuseOverlappingRoutes } from './preflight.ts';
import { imagesOf, pinnedImages, type Settings } from './settings.ts';

type Say = (line: string) => void;

interface Engine {
  readonly docker: Docker;
  readonly address: EngineAddress;
  readonly host: string;
}

async function openEngine(): Promise<Engine> {
  const { address, host } = await findEngine();
  return { docker: connect(address), address, host };
}

/** What a kept cluster was asked to be, as one label, so that a run which asks for something else is told. */
function asked(settings: Settings): string {
  return [settings.nodeImage, ...settings.k3sArgs, ...Object.values(settings.images)].join(' ');
}

async function keptContainer(docker: Docker): Promise<Docker.ContainerInfo | undefined> {
  const containers = await docker.listContainers({ filters: { label: [`${labels.role}=node`] } });
  return containers.find((container) => container.Labels[labels.owner] === undefined);
}

/** The process of another run that has a cluster in this engine. Orphans are swept before; what is left has a living owner. */
async function otherRun(docker: Docker): Promise<string | undefined> {
  const containers = await docker.listContainers({ filters: { label: [`${labels.role}=node`, labels.owner] } });
  return containers[0]?.Labels[labels.owner]?.split('/')[1];
}

interface Node {
  readonly container: string;
  readonly kubeconfig: string;
  readonly kept: boolean;
  readonly phases: Record<string, number>;
}

async function startedNode(
  engine: Engine,
  settings: Settings,
  { keep, say, starting }: { keep: boolean; say: Say; starting: () => void },
): Promise<Node> {
  refuseOverlappingRoutes(Object.values(rangesOf(settings.k3sArgs)));
  const [nodeImage, ...workloadImages] = imagesOf(settings);
  const began = Date.now();
  for (const image of [nodeImage, ...workloadImages]) await ensureImage(engine.docker, image, say);
  const info = (await engine.docker.info()) as { CgroupVersion?: string };
  const pulled = Date.now();
  starting();
  const { started, loadMs } = await startNode(engine.docker, {
    image: nodeImage,
    k3sArgs: settings.k3sArgs,
    cgroupVersion: info.CgroupVersion ?? '2',
    engineHost: engine.host,
    workloadImages,
    containerLabels: keep ? { [labels.asked]: asked(settings) } : { [labels.owner]: ownerOf(process.pid) },
    say,
  });
  return {
    container: started.getId(),
    kubeconfig: started.getKubeConfig(),
    kept: keep,
    phases: { 'pull images': pulled - began, 'save images': loadMs, 'start the node': Date.now() - pulled - loadMs },
  };
}

async function keptNode(engine: Engine, container: Docker.ContainerInfo, settings: Settings): Promise<Node> {
  const was = container.Labels[labels.asked] ?? '';
  if (was !== asked(settings)) {
    throw new UsageError(
      `A kept cluster is running that was asked for otherwise.\n  it is:     ${was}\n  asked now: ${asked(settings)}\n` +
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
  return { container: container.Id, kubeconfig, kept: true, phases: {} };
}

/** Waits until a Pod could use the cluster: its node is Ready, DNS has an endpoint, and Pods can be created. */
async function usable(kube: Kube): Promise<void> {
  await waitFor('the cluster to be usable', timeouts.clusterUsable, async () => {
    try {
      const { items } = await kube.core.listNode();
      const node = items[0]?.status?.conditions?.find(({ type }) => type === 'Ready');
      if (node?.status !== 'True') return { seen: `the node is not Ready (${node?.message ?? 'not registered'})` };
      const dns = await kube.discovery.listNamespacedEndpointSlice({
        namespace: 'kube-system',
        labelSelector: 'kubernetes.io/service-name=kube-dns',
      });
      if (!dns.items.some(({ endpoints }) => endpoints?.some(({ conditions }) => conditions?.ready === true))) {
        const { items: pods } = await kube.core.listNamespacedPod({ namespace: 'kube-system', labelSelector: 'k8s-app=kube-dns' });
        const waiting = pods[0]?.status?.containerStatuses?.[0]?.state?.waiting;
        return {
          seen: `no DNS Pod is ready (${waiting?.reason ?? pods[0]?.status?.phase ?? 'none exists'}${waiting?.message === undefined ? '' : `: ${waiting.message}`})`,
        };
      }
      await kube.core.readNamespacedServiceAccount({ namespace: 'default', name: 'default' });
      return { done: undefined };
    } catch (error) {
      return { seen: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) };
    }
  });
}

/** Removes from a kept cluster the namespaces of runs that are gone. */
async function sweepNamespaces(kube: Kube): Promise<void> {
  const { items } = await kube.core.listNamespace({ labelSelector: `app.kubernetes.io/managed-by=${namespaceLabels.managed}` });
  const orphans = items.filter(({ metadata }) => {
    const owner = metadata?.annotations?.[namespaceLabels.owner] ?? 'kept';
    return owner !== 'kept' && !ownerAlive(owner);
  });
  await Promise.all(orphans.map(({ metadata }) => deleteNamespace(kube, metadata?.name ?? '')));
}

/** The cluster of one run. */
export interface Cluster {
  readonly description: ClusterDescription;
  /** Removes what the run made: the whole cluster, or its namespaces from a kept one. */
  stop(): Promise<void>;
}

async function prepare(engine: Engine, node: Node, settings: Settings, say: Say): Promise<Cluster> {
  const began = Date.now();
  mkdirSync(artifacts, { recursive: true });
  const kubeconfig = join(artifacts, 'kubeconfig');
  writeFileSync(kubeconfig, node.kubeconfig, { mode: 0o600 });
  const kube = openKube(kubeconfig);
  say('waiting for the node to be Ready and DNS to answer …');
  await usable(kube);

  const run = Math.random().toString(36).slice(2, 7);
  const clientNamespace = `clusterip-${run}-clients`;
  const removeNamespaces = async () => {
    const { items } = await kube.core.listNamespace({ labelSelector: `${namespaceLabels.run}=${run}` });
    const mine = items.map(({ metadata }) => metadata?.name ?? '').filter((name) => !settings.keep || name === clientNamespace);
    await Promise.all(mine.map((name) => deleteNamespace(kube, name)));
  };
  const stop = async () => {
    if (!node.kept) await removeContainer(engine.docker, node.container);
    else await removeNamespaces();
  };

  const { agnhost } = pinnedImages();
  const owner = settings.keep ? 'kept' : ownerOf(process.pid);
  await sweepNamespaces(kube);
  await createNamespace(kube, clientNamespace, { run, owner });
  await createPods(kube, clientNamespace, clientPod('node', settings.images[agnhost] ?? agnhost, { hostNetwork: true }));
  const onNode = await openShell(kube, clientNamespace, 'node');
  const proxyMode = (await onNode.run('curl -s --max-time 2 localhost:10249/proxyMode')).output.trim();
  onNode.close();

  const { gitVersion } = await kube.version.getCode();
  const kubectl = await execInContainer(engine.docker, node.container, ['kubectl', 'version', '--client', '--output=json'], {
    limit: timeouts.command,
  });
  const nodes = (await kube.core.listNode()).items.map(({ metadata, status }) => ({
    name: metadata?.name ?? '',
    address: status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '',
    kernel: status?.nodeInfo?.kernelVersion ?? '',
    operatingSystem: status?.nodeInfo?.osImage ?? '',
    architecture: status?.nodeInfo?.architecture ?? '',
    containerRuntime: status?.nodeInfo?.containerRuntimeVersion ?? '',
  }));
  const serviceRange = await kube.networking
    .readServiceCIDR({ name: 'kubernetes' })
    .then(({ spec }) => spec?.cidrs?.[0])
    .catch((error: unknown) => {
      refusal(error); // before 1.33 there is no such object
      return undefined;
    });
  const description: ClusterDescription = {
    run,
    owner,
    nodeImage: settings.nodeImage,
    why: settings.why,
    standIn: !gitVersion.includes('+k3s'),
    version: gitVersion,
    kubectlVersion: (JSON.parse(kubectl.output) as { clientVersion: { gitVersion: string } }).clientVersion.gitVersion,
    proxyMode: proxyMode === '' ? 'unknown' : proxyMode,
    serviceRange: serviceRange ?? rangesOf(settings.k3sArgs).services,
    podRange: rangesOf(settings.k3sArgs).pods,
    nodes,
    nodeAddress: nodes[0]?.address ?? '',
    k3sArgs: settings.k3sArgs,
    images: settings.images,
    kubeconfig,
    container: node.container,
    engine: engine.address,
    clientNamespace,
    keptCluster: node.kept,
    keepRed: settings.keep,
    usableAt: new Date().toISOString(),
    phases: { ...node.phases, 'wait until usable': Date.now() - began },
  };
  writeDescription(description);
  return { description, stop };
}

/**
 * Gives the run its cluster: the kept one if there is one, or else a new one that goes with the run (or stays, with `keep`).
 * `starting` is called once nothing that a person can get wrong is left, while the node starts.
 * Throws a UsageError for what the person can put right; nothing that was started stays behind then.
 */
export async function openCluster(
  settings: Settings,
  { keep, say, starting = () => {} }: { keep: boolean; say: Say; starting?: () => void },
): Promise<Cluster> {
  const engine = await openEngine();
  const swept = await sweep(engine.docker);
  if (swept.length > 0) say(`removed what an earlier run left: ${swept.join(', ')}`);
  const busy = await otherRun(engine.docker);
  if (busy !== undefined) {
    throw new UsageError(
      `Another run (process ${busy}) has its cluster on this machine. Wait for it, or stop it: one at a time is what a machine bears.`,
    );
  }
  const kept = await keptContainer(engine.docker);
  if (kept !== undefined) say(`using the kept cluster (container ${kept.Id.slice(0, 12)})`);
  else say(`node image: ${settings.nodeImage}, because ${settings.why}`);
  rmSync(descriptionFile, { force: true });
  const node = kept === undefined ? await startedNode(engine, settings, { keep, say, starting }) : await keptNode(engine, kept, settings);
  if (kept !== undefined) starting();
  try {
    return await prepare(engine, node, settings, say);
  } catch (error) {
    if (kept === undefined) await removeContainer(engine.docker, node.container);
    throw error;
  }
}

/** Removes the kept cluster, and everything that runs without a living owner left; returns what was removed. */
export async function removeKept(): Promise<string[]> {
  const { docker } = await openEngine();
  const orphans = await sweep(docker);
  return [...orphans, ...(await sweep(docker, (found) => found[labels.owner] === undefined))];
}

/** Removes what this process started and has not stopped yet; for the way out after a signal. */
export async function removeOwn(): Promise<void> {
  const { docker } = await openEngine();
  const own = ownerOf(process.pid);
  await sweep(docker, (found) => found[labels.owner] === own);
}
