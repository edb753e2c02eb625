import { hostname } from 'node:os';
import type Docker from 'dockerode';
import type { Kube } from '../kube/api.ts';
import { waitFor } from '../kube/objects.ts';
import { timeouts } from '../timeouts.ts';
import { UsageError } from '../usage-error.ts';
import { connect, type EngineAddress, execInContainer, findEngine, labels, ownerOf } from './engine.ts';
import { ensureImage } from './images.ts';
import { rangesOf, startNode } from './node.ts';
import { refuseOverlappingRoutes } from './preflight.ts';
import { imagesOf, type Settings } from './settings.ts';

// A node of our own in the container engine of this machine: started for a run, or kept from an earlier one.

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

/** What a kept cluster was asked to be, as one label, so that a run which asks for something else is told. */
function asked(settings: Settings): string {
  return [settings.nodeImage, ...settings.k3sArgs, ...Object.values(settings.images)].join(' ');
}

/** The container of the kept cluster; undefined when there is none. */
export async function keptContainer(docker: Docker): Promise<Docker.ContainerInfo | undefined> {
  const containers = await docker.listContainers({ filters: { label: [`${labels.role}=node`] } });
  return containers.find((container) => container.Labels[labels.owner] === undefined);
}

/** Which process has another run's cluster in this engine. Orphans are swept before; what is left has an owner that may be alive. */
export async function otherRun(docker: Docker): Promise<string | undefined> {
  const containers = await docker.listContainers({ filters: { label: [`${labels.role}=node`, labels.owner] } });
  const [host, pid] = containers[0]?.Labels[labels.owner]?.split('/') ?? [];
  if (pid === undefined) return undefined;
  return host === hostname() ? `process ${pid}` : `process ${pid} of ${host}`;
}

/** A node of our own, in a container. */
export interface Node {
  readonly container: string;
  readonly kubeconfig: string;
  readonly kept: boolean;
  readonly phases: Record<string, number>;
}

/** Starts a node and returns it when its API answers. Throws a UsageError for what the person can put right, and as startNode does. */
export async function startedNode(
  engine: Engine,
  settings: Settings,
  { keep, say, starting }: { keep: boolean; say: (line: string) => void; starting: () => void },
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

/** Returns the node of a kept cluster. Throws a UsageError when it was asked to be otherwise, or does not answer. */
export async function keptNode(engine: Engine, container: Docker.ContainerInfo, settings: Settings): Promise<Node> {
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
export async function usable(kube: Kube): Promise<void> {
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

/** The version of the node's own kubectl. */
export async function kubectlOnNode({ engine, container }: { engine: Engine; container: string }): Promise<string> {
  const { output } = await execInContainer(engine.docker, container, ['kubectl', 'version', '--client', '--output=json'], {
    limit: timeouts.command,
  });
  return (JSON.parse(output) as { clientVersion: { gitVersion: string } }).clientVersion.gitVersion;
}
