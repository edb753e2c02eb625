import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { artifacts } from '../artifacts.ts';
import type { Need } from '../claims/row.ts';
import { type Kube, type KubeAccess, openKube, refusal } from '../kube/api.ts';
import { clientPod } from '../kube/client-pod.ts';
import { createNamespace, createPods, deleteNamespace, isReady, namespaceLabels, waitFor } from '../kube/objects.ts';
import { openShell } from '../kube/shell.ts';
import { timeouts } from '../timeouts.ts';
import { UsageError } from '../usage-error.ts';
import { checkRights, findGaps, localKubectl, openAdopted } from './adopted.ts';
import { type ClusterDescription, descriptionFile, writeDescription } from './description.ts';
import { connect, type EngineAddress, execInContainer, findEngine, labels, ownerAlive, ownerOf, removeContainer, sweep } from './engine.ts';
import { ensureImage } from './images.ts';
import { rangesOf, startNode } from './node.ts';
import { keepImages } from './node-images.ts';
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

/** A node of our own, in a container. */
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
        // Such as an image that cannot be pulled, the DNS server's own or the one that every Pod starts with.
        const { items: warnings } = await kube.core.listNamespacedEvent({ namespace: 'kube-system', fieldSelector: 'type=Warning' });
        const words = [waiting?.reason ?? pods[0]?.status?.phase ?? 'none exists', waiting?.message, warnings.at(-1)?.message];
        return { seen: `no DNS Pod is ready (${words.filter((word) => word !== undefined).join(': ')})` };
      }
      await kube.core.readNamespacedServiceAccount({ namespace: 'default', name: 'default' });
      return { done: undefined };
    } catch (error) {
      return { seen: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) };
    }
  });
}

/** ms after which a run has ended for sure: of a process on another machine, or in a Pod that is gone, nothing else tells. */
const longestRun = 2 * 60 * 60_000;

/** Removes from a cluster that outlives its runs the namespaces of runs that are gone, and returns their names. */
async function sweepNamespaces(kube: Kube): Promise<string[]> {
  const { items } = await kube.core.listNamespace({ labelSelector: `app.kubernetes.io/managed-by=${namespaceLabels.managed}` });
  const orphans = items.filter(({ metadata }) => {
    const owner = metadata?.annotations?.[namespaceLabels.owner] ?? 'kept';
    const since = Date.now() - (metadata?.creationTimestamp?.getTime() ?? Date.now());
    return owner !== 'kept' && (!ownerAlive(owner) || since > longestRun);
  });
  const names = orphans.map(({ metadata }) => metadata?.name ?? '');
  await Promise.all(names.map((name) => deleteNamespace(kube, name)));
  return names;
}

/** Waits until namespaces are gone; what holds one up longer is said, and is no fault of the run. */
async function namespacesGone(kube: Kube, names: readonly string[]): Promise<void> {
  await waitFor('namespaces to be gone', timeouts.podsReady, async () => {
    const { items } = await kube.core.listNamespace();
    const left = items.filter(({ metadata }) => names.includes(metadata?.name ?? ''));
    const why = left.flatMap(({ status }) => status?.conditions ?? []).filter(({ status }) => status === 'True');
    if (left.length === 0) return { done: undefined };
    return { seen: [...left.map(({ metadata }) => metadata?.name), ...why.map(({ message }) => message)].join('; ') };
  }).catch((error: unknown) => {
    console.error(`Deleted, and not gone yet: ${error instanceof Error ? error.message : String(error)}`);
  });
}

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
  readonly node?: Node & { readonly engine: Engine };
  readonly gaps: Readonly<Partial<Record<Need, string>>>;
  readonly phases: Readonly<Record<string, number>>;
}

async function kubectlOnNode({ engine, container }: { engine: Engine; container: string }): Promise<string> {
  const { output } = await execInContainer(engine.docker, container, ['kubectl', 'version', '--client', '--output=json'], {
    limit: timeouts.command,
  });
  return (JSON.parse(output) as { clientVersion: { gitVersion: string } }).clientVersion.gitVersion;
}

/** What the Service proxy says it runs in, asked on the node; `unknown` where no Pod may stand there or nothing answers. */
async function proxyModeOn(kube: Kube, namespace: string): Promise<string> {
  const onNode = await openShell(kube, namespace, 'node');
  const { output } = await onNode.run('curl -s --max-time 2 localhost:10249/proxyMode');
  onNode.close();
  return /^[a-z]+$/.test(output.trim()) ? output.trim() : 'unknown';
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
  const owner = settings.keep ? 'kept' : ownerOf(process.pid);
  const clientNamespace = `clusterip-${run}-clients`;
  const stop = async () => {
    if (node?.kept === false) await removeContainer(node.engine.docker, node.container);
    else {
      const { items } = await kube.core.listNamespace({ labelSelector: `${namespaceLabels.run}=${run}` });
      const mine = items.map(({ metadata }) => metadata?.name ?? '').filter((name) => !settings.keep || name === clientNamespace);
      await Promise.all(mine.map((name) => deleteNamespace(kube, name)));
      // A kept cluster is ours, and nobody there minds if they end a little later.
      if (node === undefined) await namespacesGone(kube, mine);
    }
    removeMine = undefined;
  };
  removeMine = stop;
  try {
    const { gitVersion: version } = await kube.version.getCode();
    // The API server's own Service has an address of the family that comes first.
    const { spec } = await kube.core.readNamespacedService({ namespace: 'default', name: 'kubernetes' });
    if (isIPv6(spec?.clusterIP ?? ''))
      throw new UsageError(
        `This cluster gives its Services IPv6 addresses first (${spec?.clusterIP}), and the claims are written for IPv4.`,
      );
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
    const { items: nodeObjects } = await kube.core.listNode();
    const nodes = nodeObjects.map(({ metadata, status }) => ({
      name: metadata?.name ?? '',
      address: status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '',
      kernel: status?.nodeInfo?.kernelVersion ?? '',
      operatingSystem: status?.nodeInfo?.osImage ?? '',
      architecture: status?.nodeInfo?.architecture ?? '',
      containerRuntime: status?.nodeInfo?.containerRuntimeVersion ?? '',
    }));
    // On several nodes "the node" is the one on which the client of that name stands.
    const nodeAddress = onNode
      ? (await kube.core.readNamespacedPod({ namespace: clientNamespace, name: 'node' })).status?.hostIP
      : nodes[0]?.address;
    const serviceRanges = await kube.networking
      .readServiceCIDR({ name: 'kubernetes' })
      .then(({ spec }) => spec?.cidrs ?? [])
      .catch((error: unknown) => {
        refusal(error); // before 1.33 there is no such object
        return [];
      });
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
      nodes,
      readyNodes: nodeObjects.filter(isReady).map(({ metadata }) => metadata?.name ?? ''),
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
    return { description, keepImages: (say) => keepImagesOf(node, settings, say), stop };
  } catch (error) {
    await stop();
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
      `Another run (process ${busy}) has its cluster on this machine. Wait for it, or stop it: one at a time is what a machine bears.`,
    );
  }
  removeMine = async () => {
    await sweep(engine.docker, (found) => found[labels.owner] === ownerOf(process.pid));
  };
  const kept = await keptContainer(engine.docker);
  if (kept !== undefined) say(`using the kept cluster (container ${kept.Id.slice(0, 12)})`);
  else say(`node image: ${settings.nodeImage}, because ${settings.why}`);
  const node = kept === undefined ? await startedNode(engine, settings, { keep, say, starting }) : await keptNode(engine, kept, settings);
  if (kept !== undefined) starting();
  const began = Date.now();
  const access = { kubeconfig: join(artifacts, 'kubeconfig') };
  writeFileSync(access.kubeconfig, node.kubeconfig, { mode: 0o600 });
  const kube = openKube(access);
  say('waiting for the node to be Ready and DNS to answer …');
  try {
    await usable(kube);
  } catch (error) {
    if (kept === undefined) await removeContainer(engine.docker, node.container);
    throw error;
  }
  return prepare(
    { kube, access, node: { ...node, engine }, gaps: {}, phases: { ...node.phases, 'wait until usable': Date.now() - began } },
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

/** Removes from a cluster that was there already the namespaces of runs that are gone; returns their names. Throws as openAdopted does. */
export async function cleanAdopted(adopt: NonNullable<Settings['adopt']>): Promise<string[]> {
  const kube = await openAdopted(adopt);
  const names = await sweepNamespaces(kube);
  await namespacesGone(kube, names);
  return names;
}

/** Removes what this process made and has not removed yet; for the way out after a signal. */
export async function removeOwn(): Promise<void> {
  await removeMine?.();
}
