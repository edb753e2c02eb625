import type { Origin } from '../row.ts';

/** A page of Kubernetes' documentation, and the version of it that was read. */
interface Page {
  readonly document: string;
  readonly address: string;
  readonly version: string;
}

const docs = 'https://kubernetes.io/docs';

const pages = {
  service: { document: 'Service', address: `${docs}/concepts/services-networking/service/`, version: '1.35' },
  virtualIps: { document: 'Virtual IPs and Service Proxies', address: `${docs}/reference/networking/virtual-ips/`, version: '1.35' },
  allocation: {
    document: 'Service ClusterIP allocation',
    address: `${docs}/concepts/services-networking/cluster-ip-allocation/`,
    version: 'before 1.35',
  },
  extendRanges: {
    document: 'Extend Service IP Ranges',
    address: `${docs}/tasks/network/extend-service-ip-ranges/`,
    version: 'before 1.35',
  },
  serviceApi: {
    document: 'Service v1 in the API reference',
    address: `${docs}/reference/kubernetes-api/service-resources/service-v1/`,
    version: '1.36',
  },
  apiConcepts: { document: 'Kubernetes API Concepts', address: `${docs}/reference/using-api/api-concepts/`, version: 'before 1.35' },
  accessApi: {
    document: 'Accessing the Kubernetes API from a Pod',
    address: `${docs}/tasks/run-application/access-api-from-pod/`,
    version: 'before 1.35',
  },
} as const satisfies Record<string, Page>;

/** Returns the place of a sentence: a page, the heading there, and the anchor of the heading in its address. */
export function on(page: keyof typeof pages, section: string, anchor?: string): Origin {
  const { document, address, version } = pages[page];
  return { document, section, address: anchor === undefined ? address : `${address}#${anchor}`, version };
}
