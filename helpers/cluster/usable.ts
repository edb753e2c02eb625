import type { CoreV1Event, V1EndpointSlice, V1Node, V1Pod } from '@kubernetes/client-node';
import { firstLineOf } from '../base/message-of.ts';
import { timeouts } from '../base/timeouts.ts';
import { UsageError } from '../base/usage-error.ts';
import { waitFor } from '../base/wait-for.ts';
import type { Kube } from '../kube/api.ts';
import { eventsOf } from '../kube/events.ts';
import { isReady } from '../kube/pod-state.ts';
import { withoutProxy } from './k3s-arguments.ts';

// When a disposable cluster is ready for claims, what is still missing, and what will never come by waiting.

/** What decides whether a cluster is usable: its nodes, and of kube-system the EndpointSlices and Pods of DNS, and the events. */
export interface Seen {
  readonly nodes: readonly V1Node[];
  readonly slices: readonly V1EndpointSlice[];
  readonly pods: readonly V1Pod[];
  readonly events: readonly CoreV1Event[];
}

function condition(object: { status?: { conditions?: { type: string; status: string; message?: string }[] } }, type: string) {
  return object.status?.conditions?.find((it) => it.type === type);
}

/** Shortens a chain of errors, which a container runtime joins with colons, to its end: the cause. */
function causeOf(message: string): string {
  return message.trim().split(': ').slice(-3).join(': ');
}

/** Returns why a DNS Pod is not ready yet, as far as the cluster reports it. */
function reasonOf(pod: V1Pod, events: readonly CoreV1Event[]): string {
  const scheduled = condition(pod, 'PodScheduled');
  if (scheduled?.status === 'False') return `its Pod is not scheduled (${scheduled.message ?? 'no reason given'})`;
  const state = pod.status?.containerStatuses?.[0]?.state;
  if (state?.running !== undefined) return 'its container runs and is not ready yet';
  if (state?.terminated !== undefined)
    return `its container ended (${state.terminated.reason ?? ''}, exit code ${state.terminated.exitCode})`;
  const last = eventsOf(pod.metadata?.name, events).at(-1);
  if (last?.reason === 'FailedCreatePodSandBox')
    return `its Pod has no sandbox, and the kubelet tries again (${causeOf(last.message ?? '')})`;
  if (last?.reason === 'Pulling') return 'its image is being pulled';
  const { reason, message } = state?.waiting ?? {};
  if (reason === undefined || reason === 'ContainerCreating' || reason === 'PodInitializing') return 'its Pod is being created';
  return `${reason}${message === undefined ? '' : ` (${causeOf(message)})`}`;
}

/**
 * Returns what a run has to wait for, after `waiting for `; undefined where every node is Ready and DNS has an endpoint. Without `dns`, the nodes are
 * enough.
 */
export function awaitedIn({ nodes, slices, pods, events }: Seen, { dns = true } = {}): string | undefined {
  if (nodes.length === 0) return 'the node to be Ready: it is not registered yet';
  const unready = nodes.find((node) => !isReady(node));
  if (unready !== undefined) {
    const name = nodes.length === 1 ? 'the node' : `node ${unready.metadata?.name}`;
    return `${name} to be Ready: ${condition(unready, 'Ready')?.message ?? 'it has not reported yet'}`;
  }
  if (!dns) return undefined;
  if (slices.some(({ endpoints }) => endpoints?.some(({ conditions }) => conditions?.ready === true))) return undefined;
  const [pod] = pods;
  if (pod === undefined) return 'CoreDNS to be ready: its Pod does not exist yet';
  if (isReady(pod)) return 'CoreDNS to be ready: its Service has no endpoint yet';
  return `CoreDNS to be ready: ${reasonOf(pod, events)}`;
}

/** An image that a node failed to pull. */
export interface FailedPull {
  readonly image: string;
  /** How often it failed. */
  readonly times: number;
  readonly cause: string;
  /** Whether the node has begun to pull it again. */
  readonly again: boolean;
}

/**
 * Returns the image that DNS still waits for after the node failed to pull it: that of a container, or the pause image of every Pod. Undefined where
 * none failed, and where the Pod has got past it.
 */
export function failedPull({ pods, events }: Pick<Seen, 'pods' | 'events'>): FailedPull | undefined {
  const waiting = pods.filter(({ status }) => {
    const state = status?.containerStatuses?.[0]?.state;
    return state?.running === undefined && state?.terminated === undefined && status?.phase !== 'Succeeded';
  });
  const failures = waiting.flatMap((pod) =>
    eventsOf(pod.metadata?.name, events).flatMap(({ message = '', count, series }) => {
      const [, image, rest] = /failed to (?:get sandbox image|pull image) "([^"]+)"(.*)/is.exec(message) ?? [];
      return image === undefined ? [] : [{ image, times: count ?? series?.count ?? 1, cause: causeOf(rest ?? '') }];
    }),
  );
  const last = failures.at(-1);
  if (last === undefined) return undefined;
  const times = failures.filter(({ image }) => image === last.image).reduce((sum, failure) => sum + failure.times, 0);
  const again = waiting.some((pod) => eventsOf(pod.metadata?.name, events).at(-1)?.reason === 'Pulling');
  return { ...last, times, again };
}

/** Returns the pressure that keeps Pods from a node, with the kubelet's message; undefined where there is none. It lasts 5 minutes at least. */
function pressureOn(nodes: readonly V1Node[]): string | undefined {
  const found = nodes
    .flatMap((node) => ['DiskPressure', 'PIDPressure'].map((type) => condition(node, type)))
    .find((it) => it?.status === 'True');
  return found === undefined ? undefined : `${found.type} (${found.message ?? 'no message'})`;
}

/** Returns why the scheduler finds no node for DNS though all nodes are Ready; undefined where it found one, or a node is not Ready yet. */
function unscheduled({ nodes, pods: [pod] }: Seen): string | undefined {
  const scheduled = pod && condition(pod, 'PodScheduled');
  return scheduled?.status === 'False' && nodes.every(isReady) ? (scheduled.message ?? 'no reason given') : undefined;
}

interface Waiting {
  /** The arguments of the node. */
  readonly k3sArgs: readonly string[];
  /** ms for which the awaited thing has been the same. */
  readonly sameFor: number;
  /** ms since an image that DNS needs was first seen to fail. */
  readonly failingFor: number;
}

/**
 * Throws a UsageError for what does not come by waiting: an image that cannot be pulled, a node under pressure, DNS that no node takes, or DNS without a
 * Service proxy. A first failed pull may be a moment's fault, so it counts once the kubelet has failed again, or has not succeeded within timeouts.firstFailure.
 */
export function refuseHopeless(seen: Seen, { k3sArgs, sameFor, failingFor }: Waiting): void {
  const pressure = pressureOn(seen.nodes);
  if (pressure !== undefined) {
    throw new UsageError(
      `The node takes no Pods, because it reports ${pressure}. Free disk or end processes on the engine's machine, and run again.`,
    );
  }
  const pull = failedPull(seen);
  if (pull !== undefined && (pull.times >= 2 || (failingFor >= timeouts.firstFailure && !pull.again))) {
    throw new UsageError(
      `The node cannot pull the image ${pull.image}, without which no Pod of DNS starts: ${pull.cause}. Can containers of the engine reach the registry? ` +
        'Behind a proxy, set HTTPS_PROXY; for a mirror or credentials, set CONFORMANCE_REGISTRIES to a registries.yaml. After one run with a network, ' +
        'the images are kept for runs without it.',
    );
  }
  const misfit = unscheduled(seen);
  if (misfit !== undefined && sameFor >= timeouts.firstFailure) {
    throw new UsageError(
      `No node takes the Pod of CoreDNS, and it would take none of the suite's: ${misfit}. Remove the argument for k3s that causes this, or give the ` +
        "engine's machine more CPU and memory.",
    );
  }
  if (
    withoutProxy(k3sArgs) &&
    sameFor >= timeouts.firstFailure &&
    seen.pods.some(({ status }) => status?.containerStatuses?.[0]?.state?.running !== undefined)
  ) {
    throw new UsageError(
      'CoreDNS runs and does not become ready: --disable-kube-proxy leaves the cluster without a Service proxy, so that CoreDNS does not reach the API ' +
        'server. Remove the argument.',
    );
  }
}

async function observe(kube: Kube): Promise<Seen> {
  const namespace = 'kube-system';
  const [nodes, slices, pods, events] = await Promise.all([
    kube.core.listNode(),
    kube.discovery.listNamespacedEndpointSlice({ namespace, labelSelector: 'kubernetes.io/service-name=kube-dns' }),
    kube.core.listNamespacedPod({ namespace, labelSelector: 'k8s-app=kube-dns' }),
    kube.core.listNamespacedEvent({ namespace, fieldSelector: 'involvedObject.kind=Pod' }),
  ]);
  return { nodes: nodes.items, slices: slices.items, pods: pods.items, events: events.items };
}

interface UsableOptions {
  readonly k3sArgs: readonly string[];
  /** Whether DNS is waited for. On a node that has run before it is not: claims show it when DNS is dead. */
  readonly dns: boolean;
  /** Receives lines of progress. */
  readonly say: (line: string) => void;
}

/**
 * Waits until every node is Ready, DNS has an endpoint, and Pods can be created. Prints what it waits for, whenever that changes. Throws a UsageError as
 * refuseHopeless does, and after timeouts.clusterUsable an error that names what is missing.
 */
export async function usable(kube: Kube, { k3sArgs, dns, say }: UsableOptions): Promise<void> {
  let last = { awaited: '', since: 0 };
  let failingSince: number | undefined;
  await waitFor('the cluster to be usable', timeouts.clusterUsable, async () => {
    let awaited: string | undefined;
    try {
      const seen = await observe(kube);
      awaited = awaitedIn(seen, { dns });
      if (awaited === undefined) {
        await kube.core.readNamespacedServiceAccount({ namespace: 'default', name: 'default' });
        return { done: undefined };
      }
      const now = Date.now();
      failingSince = failedPull(seen) === undefined ? undefined : (failingSince ?? now);
      refuseHopeless(seen, {
        k3sArgs,
        sameFor: awaited === last.awaited ? now - last.since : 0,
        failingFor: now - (failingSince ?? now),
      });
    } catch (error) {
      if (error instanceof UsageError) throw error;
      awaited = `an answer of the API server: ${firstLineOf(error)}`;
    }
    if (awaited !== last.awaited) {
      last = { awaited, since: Date.now() };
      say(`waiting for ${awaited}`);
    }
    return { seen: `still waiting for ${awaited}` };
  });
}
