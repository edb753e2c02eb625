import type { V1EndpointSlice } from '@kubernetes/client-node';
import type { Endpoint, EndpointHints, EndpointPort, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { Kube } from './api.ts';
import { refusal } from './refusal.ts';

/** An endpoint of such a slice. Hints for nodes are newer than the package with the types. */
export type HandWrittenEndpoint = Omit<Endpoint, 'hints'> & {
  readonly hints?: EndpointHints & { readonly forNodes?: readonly { readonly name: string }[] };
};

/** An EndpointSlice that no controller manages. */
export interface HandWrittenSlice {
  /** The Service that it belongs to; null leaves out the label that names it. */
  readonly service: string | null;
  /** Default: the name of the Service. */
  readonly name?: string;
  /** Addresses of one family. */
  readonly endpoints: readonly HandWrittenEndpoint[];
  /** Each joins the Service port of the same name. Default: one without a name, 80 with TCP. */
  readonly ports?: readonly EndpointPort[];
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * Returns the object for the API server. The Service and the slice are joined by the label
 * (https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors).
 */
export function sliceObject({ service, name, endpoints, ports, labels }: HandWrittenSlice): EndpointSlice {
  const family = endpoints[0]?.addresses[0]?.includes(':') === true ? 'IPv6' : 'IPv4';
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: name ?? service ?? 'slice',
      labels: {
        'endpointslice.kubernetes.io/managed-by': 'clusterip-conformance',
        ...(service === null ? {} : { 'kubernetes.io/service-name': service }),
        ...labels,
      },
    },
    addressType: family,
    endpoints: [...endpoints],
    ports: [...(ports ?? [{ name: '', port: 80, protocol: 'TCP' }])],
  };
}

/** Creates an EndpointSlice, or replaces the one of that name, and returns it as the API server stored it. Throws what the API server answers. */
export async function writeSlice(kube: Kube, namespace: string, slice: HandWrittenSlice): Promise<V1EndpointSlice> {
  const body = sliceObject(slice) as unknown as V1EndpointSlice;
  try {
    return await kube.discovery.createNamespacedEndpointSlice({ namespace, body });
  } catch (error) {
    if (refusal(error).code !== 409) throw error;
    return kube.discovery.replaceNamespacedEndpointSlice({ namespace, name: body.metadata?.name ?? '', body });
  }
}
