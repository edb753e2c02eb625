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
  serviceApi: {
    document: 'Service (API)',
    address: `${docs}/reference/kubernetes-api/service-resources/service-v1/`,
    version: '1.36',
  },
  internalTrafficPolicy: {
    document: 'Service Internal Traffic Policy',
    address: `${docs}/concepts/services-networking/service-traffic-policy/`,
    version: 'before 1.35',
  },
  labels: {
    document: 'Well-Known Labels, Annotations and Taints',
    address: `${docs}/reference/labels-annotations-taints/`,
    version: 'before 1.35',
  },
} as const satisfies Record<string, Page>;

/** Returns the place of a sentence: a page, the heading there, and the anchor of the heading in its address. */
export function on(page: keyof typeof pages, section: string, anchor?: string): Origin {
  const { document, address, version } = pages[page];
  return { document, section, address: anchor === undefined ? address : `${address}#${anchor}`, version };
}
