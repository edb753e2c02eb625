import {
  PatchStrategy,
  setHeaderOptions,
  type V1Endpoint,
  type V1EndpointSlice,
  type V1Pod,
  type V1Service,
} from '@kubernetes/client-node';
import type { Pod, PodStatus, Service } from 'kubernetes-types/core/v1.js';
import { messageOf } from '../base/message-of.ts';
import { timeouts } from '../base/timeouts.ts';
import { waitFor } from '../base/wait-for.ts';
import type { Kube } from './api.ts';
import { eventsOf } from './events.ts';
import { meshOptOuts } from './mesh-opt-outs.ts';
import { hindranceOf, patience } from './pod-state.ts';
import { type Demands, mergedEntries } from './pods.ts';
import { refusal } from './refusal.ts';

/** Labels of every namespace of the suite, and an annotation with its owner. The suite finds and deletes its namespaces by them. */
export const namespaceLabels = {
  managed: 'clusterip-conformance',
  run: 'clusterip-conformance-run',
  owner: 'clusterip-conformance.owner',
} as const;

/** Whose a namespace is, and what the cluster demands of it. */
export interface NamespaceOptions {
  readonly run: string;
  readonly owner: string;
  readonly demands: Demands;
}

/** Creates a namespace of the suite and waits until it has its default ServiceAccount, which Pods need. Throws what the API server answers. */
export async function createNamespace(kube: Kube, name: string, { run, owner, demands }: NamespaceOptions): Promise<void> {
  const { labels, annotations } = meshOptOuts.namespace;
  const own = { 'app.kubernetes.io/managed-by': namespaceLabels.managed, [namespaceLabels.run]: run };
  await kube.core.createNamespace({
    body: {
      metadata: {
        name,
        labels: mergedEntries(labels, demands.namespace.labels, own),
        annotations: mergedEntries(annotations, demands.namespace.annotations, { [namespaceLabels.owner]: owner }),
      },
    },
  });
  await waitFor(`the default ServiceAccount of ${name}`, timeouts.settled, async () => {
    try {
      return { done: await kube.core.readNamespacedServiceAccount({ namespace: name, name: 'default' }) };
    } catch (error) {
      return { seen: refusal(error).message };
    }
  });
}

/** Deletes all Pods of a namespace without grace and without waiting for them. Does nothing where the namespace is gone. Throws what the API server answers otherwise. */
export async function deletePodsAtOnce(kube: Kube, namespace: string): Promise<void> {
  await kube.core.deleteCollectionNamespacedPod({ namespace, gracePeriodSeconds: 0 }).catch(goneOrGoing);
}

/**
 * Deletes a namespace without waiting for it, its Pods first and without grace. Does nothing where it is gone or being deleted. Throws what the API server
 * answers otherwise.
 */
export async function deleteNamespace(kube: Kube, name: string): Promise<void> {
  await deletePodsAtOnce(kube, name);
  await kube.core.deleteNamespace({ name }).catch(goneOrGoing);
}

function goneOrGoing(error: unknown): void {
  if (![404, 409].includes(refusal(error).code)) throw error;
}

/** Creates a Service and returns it as the API server stored it. Throws what the API server answers. */
export async function createService(kube: Kube, namespace: string, service: Service): Promise<V1Service> {
  return kube.core.createNamespacedService({ namespace, body: service as unknown as V1Service });
}

/** Creates Pods, waits until each is Ready, and returns them. Throws as podsReady does. */
export async function createPods(kube: Kube, namespace: string, ...pods: readonly Pod[]): Promise<V1Pod[]> {
  await startPods(kube, namespace, ...pods);
  return podsReady(
    kube,
    namespace,
    pods.map((pod) => pod.metadata?.name ?? ''),
  );
}

/** Creates Pods without waiting for them. Throws what the API server answers. */
export async function startPods(kube: Kube, namespace: string, ...pods: readonly Pod[]): Promise<void> {
  await Promise.all(pods.map((pod) => startPod(kube, namespace, pod)));
}

/** Creates a Pod without waiting for it, or with `dryRun` has the API server only admit it. Throws what the API server answers. */
export async function startPod(kube: Kube, namespace: string, pod: Pod, { dryRun = false } = {}): Promise<void> {
  const request = { namespace, body: pod as unknown as V1Pod, ...(dryRun ? { dryRun: 'All' } : {}) };
  const deadline = Date.now() + timeouts.knownCause;
  await waitFor(`Pod ${pod.metadata?.name ?? ''} of ${namespace} to be admitted`, timeouts.settled, async () => {
    try {
      return { done: await kube.core.createNamespacedPod(request) };
    } catch (error) {
      // A quota that the cluster puts into new namespaces refuses every Pod until its controller has counted for the first time
      // (https://github.com/kubernetes/kubernetes/pull/136695).
      if (!messageOf(error).includes('status unknown for quota') || Date.now() > deadline) throw error;
      return { seen: messageOf(error) };
    }
  });
}

/** How long podsReady waits for Pods that something keeps from being Ready. */
interface Patience {
  /** The containers that the suite asked for, where those that the cluster has added are to be told apart. */
  readonly own?: readonly string[];
  /** ms after which a known cause that may pass is taken to stay. Default timeouts.podsReady. */
  readonly knownCause?: number;
}

/** Returns whether the last event of one of these Pods says that its image is being pulled. */
async function beingPulled(kube: Kube, namespace: string, names: readonly string[]): Promise<boolean> {
  const { items } = await kube.core.listNamespacedEvent({ namespace });
  return names.some((name) => eventsOf(name, items).at(-1)?.reason === 'Pulling');
}

/**
 * Waits until the named Pods are Ready, and returns them. Throws when an image has been refused twice, when a Pod can never become Ready, when a known cause
 * lasts, and else after timeouts.podsReady, each time with the reason. While an image is being pulled it waits for timeouts.imagePull.
 */
export async function podsReady(
  kube: Kube,
  namespace: string,
  names: readonly string[],
  { own, knownCause = timeouts.podsReady }: Patience = {},
): Promise<V1Pod[]> {
  const pointless = names.map(() => patience(knownCause));
  const awaited = `Pods of ${namespace} to be Ready`;
  const began = Date.now();
  return waitFor(awaited, timeouts.imagePull, async () => {
    const { items } = await kube.core.listNamespacedPod({ namespace });
    const found = names.map((name) => items.find((pod) => pod.metadata?.name === name));
    const missing = found.flatMap((pod, index) => {
      const name = names[index] ?? '';
      if (pod === undefined) return [`Pod ${name} does not exist`];
      const hindrance = hindranceOf(pod, own);
      const words = `Pod ${name} is ${pod.status?.phase ?? 'unknown'} (${hindrance?.why})`;
      if (pointless[index]?.(hindrance) === true)
        throw new Error(`in ${namespace}, ${words}${hindrance?.kind === 'image' ? `. ${otherImage}` : ''}`);
      return hindrance === undefined ? [] : [words];
    });
    if (missing.length === 0) return { done: found as V1Pod[] };
    const seen = missing.join('; ');
    if (Date.now() - began > timeouts.podsReady && !(await beingPulled(kube, namespace, names)))
      throw new Error(`waited ${timeouts.podsReady} ms for ${awaited}; last seen: ${seen}`);
    return { seen };
  });
}

const otherImage = 'CONFORMANCE_IMAGES names another image where this one cannot be pulled.';

/** Deletes Pods with a grace period in s and waits until they are gone: a terminating Pod may still answer. */
export async function deletePods(kube: Kube, namespace: string, names: readonly string[], gracePeriodSeconds = 0): Promise<void> {
  await Promise.all(names.map((name) => kube.core.deleteNamespacedPod({ namespace, name, gracePeriodSeconds })));
  await waitFor(`Pods ${names.join(', ')} of ${namespace} to be gone`, timeouts.podsReady, async () => {
    const { items } = await kube.core.listNamespacedPod({ namespace });
    const left = items.map((pod) => pod.metadata?.name ?? '').filter((name) => names.includes(name));
    return left.length === 0 ? { done: undefined } : { seen: `${left.join(', ')} still there` };
  });
}

/** Makes a patch a JSON merge patch. */
export const mergePatch = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);

/** Sets labels of a Pod; null takes one away. */
export async function labelPod(kube: Kube, namespace: string, name: string, podLabels: Record<string, string | null>): Promise<void> {
  await kube.core.patchNamespacedPod({ namespace, name, body: { metadata: { labels: podLabels } } }, mergePatch);
}

/** Deletes a Pod with its own grace period, without waiting until it is gone. Throws what the API server answers. */
export async function terminatePod(kube: Kube, namespace: string, name: string): Promise<void> {
  await kube.core.deleteNamespacedPod({ namespace, name });
}

/** Changes the status of a Pod: conditions are merged by their type. Throws what the API server answers. */
export async function patchPodStatus(kube: Kube, namespace: string, name: string, status: PodStatus): Promise<void> {
  const options = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch);
  await kube.core.patchNamespacedPodStatus({ namespace, name, body: { status } }, options);
}

/** Changes a Service by a JSON merge patch and returns the result. Throws what the API server answers. */
export async function patchService(kube: Kube, namespace: string, name: string, body: object): Promise<V1Service> {
  return kube.core.patchNamespacedService({ namespace, name, body }, mergePatch);
}

/** One endpoint as the EndpointSlices of a Service list it. */
export interface Endpoint {
  readonly address: string;
  readonly pod: string | undefined;
  readonly ready: boolean;
  /** The target ports of its slice; empty when the slice lists none. */
  readonly ports: readonly number[];
}

/** Reads the EndpointSlices of a Service, and every endpoint in them, in the order of Pod names. */
export async function endpointsOf(
  kube: Kube,
  namespace: string,
  service: string,
): Promise<{ slices: V1EndpointSlice[]; endpoints: Endpoint[] }> {
  const { items } = await kube.discovery.listNamespacedEndpointSlice({ namespace, labelSelector: `kubernetes.io/service-name=${service}` });
  // The API server prints null where a slice has no endpoints.
  const slices = items.map((slice) => Object.assign(slice, { endpoints: (slice.endpoints as V1Endpoint[] | null) ?? [] }));
  const endpoints = slices.flatMap((slice) =>
    slice.endpoints.map((endpoint) => ({
      address: endpoint.addresses[0] ?? '',
      pod: endpoint.targetRef?.name,
      // The API documents that an unset condition means ready.
      ready: endpoint.conditions?.ready ?? true,
      ports: (slice.ports ?? []).map(({ port }) => port ?? 0),
    })),
  );
  return { slices, endpoints: endpoints.sort((a, b) => (a.pod ?? '').localeCompare(b.pod ?? '')) };
}
