import { inUrl } from '../base/in-url.ts';
import type { V1EndpointSlice, V1Pod, V1Service } from '@kubernetes/client-node';
import type { Pod, PodStatus, Service } from 'kubernetes-types/core/v1.js';
import {
  createNamespace,
  createPods,
  createService,
  deletePods,
  type Endpoint,
  endpointsOf,
  labelPod,
  patchPodStatus,
  patchService,
  podsReady,
  startPods,
  terminatePod,
} from '../kube/objects.ts';
import type { Shell } from '../kube/shell.ts';
import { type HandWrittenEndpoint, type HandWrittenSlice, writeSlice } from '../kube/slices.ts';
import { type Capability, refusableTypes } from '../ledger/capabilities.ts';
import type { RunContext } from './run-context.ts';
import { webService } from './workloads.ts';

/** A Service that has a ClusterIP. */
export interface CreatedService {
  readonly name: string;
  /** The ClusterIP: on a dual-stack Service that of its first family. */
  readonly address: string;
  /** The ClusterIPs: one for each family of the Service. */
  readonly addresses: readonly string[];
  /**
   * Returns `http://<address>:<port><path>`. The path is by default the one that makes a server answer with its name, the address the ClusterIP. An IPv6
   * address is in brackets.
   */
  url(port: number, path?: string, address?: string): string;
  /** The Service as the API server stored it when it was created. */
  readonly object: V1Service;
}

/** A namespace of a claim, and what suites do in it. Every method throws what the API server answers. */
export interface Namespace {
  readonly name: string;
  /** Creates the namespace itself: needed for `elsewhere` only. */
  create(): Promise<void>;
  /** Creates a Service, by default `web`. Throws when it gets no ClusterIP. */
  service(service?: Service): Promise<CreatedService>;
  /**
   * Creates a Service on port 8080 that no controller gives endpoints, and an EndpointSlice with these; without any, no slice. Needs "EndpointSlices by hand".
   */
  serviceByHand(
    name: string,
    endpoints?: readonly HandWrittenEndpoint[],
    spec?: Partial<NonNullable<Service['spec']>>,
  ): Promise<CreatedService>;
  /** Creates a Service of any kind, also one without a ClusterIP, and returns it as the API server stored it. */
  serviceObject(service: Service): Promise<V1Service>;
  /** Reads a Service. */
  read(service: string): Promise<V1Service>;
  /** Changes a Service by a JSON merge patch and returns the result. */
  patch(service: string, body: object): Promise<V1Service>;
  /** Creates Pods and waits until all are Ready. Throws when one does not become Ready, with the reason. */
  pods(...pods: readonly Pod[]): Promise<void>;
  /** Creates Pods without waiting for them. */
  startPods(...pods: readonly Pod[]): Promise<void>;
  /** Waits until the named Pods are Ready, and returns them. */
  podsReady(...names: readonly string[]): Promise<V1Pod[]>;
  /** Deletes Pods without grace and waits until they are gone. */
  deletePods(...names: readonly string[]): Promise<void>;
  /** Deletes a Pod with its own grace period, without waiting until it is gone. */
  terminate(pod: string): Promise<void>;
  /** Changes the status of a Pod: conditions are merged by their type. Needs "Pod status by hand". */
  patchPodStatus(pod: string, status: PodStatus): Promise<void>;
  /** Lists the Pods, all or those that a label selector matches. */
  listPods(labelSelector?: string): Promise<V1Pod[]>;
  /** Sets labels of a Pod; null removes one. */
  label(pod: string, labels: Readonly<Record<string, string | null>>): Promise<void>;
  /** Returns a shell in a Pod of this namespace. Throws when it cannot be opened. */
  shell(pod: string): Promise<Shell>;
  /** Creates an EndpointSlice by hand, or replaces the one of that name. Needs "EndpointSlices by hand". */
  slice(slice: HandWrittenSlice): Promise<V1EndpointSlice>;
  /** Deletes an EndpointSlice. */
  deleteSlice(name: string): Promise<void>;
  /** Reads the EndpointSlices of a Service, and every endpoint in them in the order of Pod names. */
  endpoints(service: string): Promise<{ slices: V1EndpointSlice[]; endpoints: Endpoint[] }>;
}

/** Throws when a Service is of a type that some clusters refuse, and `needs` does not name it. On such a cluster the claim would turn red. */
function checkType(type: string | undefined, needs: readonly Capability[]): void {
  const refusable = refusableTypes.find((name) => name === type);
  if (refusable !== undefined && !needs.includes(`${refusable} Services`))
    throw new Error(`this claim needs "${refusable} Services", which its row in the ledger does not name`);
}

/**
 * Returns the object through which a suite uses a namespace for a claim with these needs. The namespace need not exist yet. A Service of a type that some
 * clusters refuse is an error unless the claim needs it.
 */
export function namespaceOf({ cluster, kube, shellIn, keepNodes }: RunContext, name: string, needs: readonly Capability[]): Namespace {
  const serviceObject: Namespace['serviceObject'] = async (service) => {
    checkType(service.spec?.type, needs);
    return createService(kube, name, service);
  };
  const service: Namespace['service'] = async (wanted = webService()) => {
    const object = await serviceObject(wanted);
    const { clusterIP } = object.spec ?? {};
    const serviceName = object.metadata?.name ?? '';
    if (clusterIP === undefined || clusterIP === 'None' || clusterIP === '')
      throw new Error(`the Service ${serviceName} in ${name} has no ClusterIP (${clusterIP ?? 'none was set'})`);
    const url: CreatedService['url'] = (port, path = '/hostname', address = clusterIP) => `http://${inUrl(address)}:${port}${path}`;
    return { name: serviceName, address: clusterIP, addresses: object.spec?.clusterIPs ?? [clusterIP], object, url };
  };
  return {
    name,
    create: () => createNamespace(kube, name, cluster),
    service,
    serviceByHand: async (serviceName, endpoints = [], spec = {}) => {
      const created = await service(webService({ selector: {}, ...spec }, { name: serviceName }));
      if (endpoints.length > 0) await writeSlice(kube, name, { service: serviceName, endpoints });
      return created;
    },
    serviceObject,
    read: (service) => kube.core.readNamespacedService({ namespace: name, name: service }),
    patch: async (service, body) => {
      checkType((body as Service).spec?.type, needs);
      return patchService(kube, name, service, body);
    },
    pods: async (...pods) => {
      keepNodes(name, await createPods(kube, name, ...pods));
    },
    startPods: (...pods) => startPods(kube, name, ...pods),
    podsReady: async (...names) => {
      const pods = await podsReady(kube, name, names);
      keepNodes(name, pods);
      return pods;
    },
    deletePods: (...names) => deletePods(kube, name, names),
    terminate: (pod) => terminatePod(kube, name, pod),
    patchPodStatus: (pod, status) => patchPodStatus(kube, name, pod, status),
    listPods: async (labelSelector) =>
      (await kube.core.listNamespacedPod({ namespace: name, ...(labelSelector === undefined ? {} : { labelSelector }) })).items,
    label: (pod, labels) => labelPod(kube, name, pod, labels),
    shell: (pod) => shellIn(name, pod),
    slice: (slice) => writeSlice(kube, name, slice),
    deleteSlice: async (slice) => {
      await kube.discovery.deleteNamespacedEndpointSlice({ namespace: name, name: slice });
    },
    endpoints: (service) => endpointsOf(kube, name, service),
  };
}
