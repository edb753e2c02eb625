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
  podLifecycle: { document: 'Pod Lifecycle', address: `${docs}/concepts/workloads/pods/pod-lifecycle/`, version: 'before 1.35' },
  sourceIp: { document: 'Using Source IP', address: `${docs}/tutorials/services/source-ip/`, version: 'before 1.35' },
  debugService: { document: 'Debug Services', address: `${docs}/tasks/debug/debug-application/debug-service/`, version: 'before 1.35' },
  proxyConfig: {
    document: 'kube-proxy Configuration (v1alpha1)',
    address: `${docs}/reference/config-api/kube-proxy-config.v1alpha1/`,
    version: 'before 1.35',
  },
  protocols: { document: 'Protocols for Services', address: `${docs}/reference/networking/service-protocols/`, version: 'before 1.35' },
} as const satisfies Record<string, Page>;

/** Returns the place of a sentence: a page, the heading there, and the anchor of the heading in its address. */
export function on(page: keyof typeof pages, section: string, anchor?: string): Origin {
  const { document, address, version } = pages[page];
  return { document, section, address: anchor === undefined ? address : `${address}#${anchor}`, version };
}
