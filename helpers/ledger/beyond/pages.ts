import type { Origin } from '../row.ts';

/** A page of Kubernetes' documentation, and the version of it that was read. */
interface Page {
  readonly document: string;
  readonly address: string;
  readonly version: string;
}

/** The source of the Kubernetes that the verdicts were read against; a path in it follows. */
export const source = 'https://github.com/kubernetes/kubernetes/blob/v1.36.3';

const docs = 'https://kubernetes.io/docs';

const pages = {
  service: { document: 'Service', address: `${docs}/concepts/services-networking/service/`, version: '1.36' },
  virtualIps: { document: 'Virtual IPs and Service Proxies', address: `${docs}/reference/networking/virtual-ips/`, version: '1.36' },
  podLifecycle: { document: 'Pod Lifecycle', address: `${docs}/concepts/workloads/pods/pod-lifecycle/`, version: '1.36' },
  sourceIp: { document: 'Using Source IP', address: `${docs}/tutorials/services/source-ip/`, version: '1.36' },
  debugService: { document: 'Debug Services', address: `${docs}/tasks/debug/debug-application/debug-service/`, version: '1.36' },
  proxyConfig: {
    document: 'kube-proxy Configuration (v1alpha1)',
    address: `${docs}/reference/config-api/kube-proxy-config.v1alpha1/`,
    version: '1.36',
  },
  protocols: { document: 'Protocols for Services', address: `${docs}/reference/networking/service-protocols/`, version: '1.36' },
  endpointSlices: { document: 'EndpointSlices', address: `${docs}/concepts/services-networking/endpoint-slices/`, version: '1.36' },
  dualStack: { document: 'IPv4/IPv6 dual-stack', address: `${docs}/concepts/services-networking/dual-stack/`, version: '1.36' },
  serviceApi: { document: 'Service (API)', address: `${docs}/reference/kubernetes-api/core/service-v1/`, version: '1.36' },
  endpointSliceApi: {
    document: 'EndpointSlice (API)',
    address: `${docs}/reference/kubernetes-api/discovery/endpoint-slice-v1/`,
    version: '1.36',
  },
  podDns: {
    document: 'DNS for Services and Pods',
    address: `${docs}/concepts/services-networking/dns-pod-service/`,
    version: '1.36',
  },
  dnsSpecification: {
    document: 'Kubernetes DNS-Based Service Discovery',
    address: 'https://github.com/kubernetes/dns/blob/master/docs/specification.md',
    version: '1.1.0',
  },
  dnsDebugging: {
    document: 'Debugging DNS Resolution',
    address: `${docs}/tasks/administer-cluster/dns-debugging-resolution/`,
    version: '1.36',
  },
  statefulSets: { document: 'StatefulSets', address: `${docs}/concepts/workloads/controllers/statefulset/`, version: '1.36' },
  apiFromPod: {
    document: 'Accessing the Kubernetes API from a Pod',
    address: `${docs}/tasks/run-application/access-api-from-pod/`,
    version: '1.36',
  },
  extendRanges: {
    document: 'Extend Service IP Ranges',
    address: `${docs}/tasks/network/extend-service-ip-ranges/`,
    version: '1.36',
  },
  internalTrafficPolicy: {
    document: 'Service Internal Traffic Policy',
    address: `${docs}/concepts/services-networking/service-traffic-policy/`,
    version: '1.36',
  },
  networkPolicies: {
    document: 'Network Policies',
    address: `${docs}/concepts/services-networking/network-policies/`,
    version: '1.36',
  },
  labels: {
    document: 'Well-Known Labels, Annotations and Taints',
    address: `${docs}/reference/labels-annotations-taints/`,
    version: '1.36',
  },
  endToEndTests: {
    document: "Kubernetes' end-to-end tests",
    address: `${source}/test/e2e/network/service.go`,
    version: '1.36.3',
  },
  apiConcepts: { document: 'Kubernetes API Concepts', address: `${docs}/reference/using-api/api-concepts/`, version: '1.36' },
} as const satisfies Record<string, Page>;

/** Returns the place of a sentence: a page, the heading there, and the anchor of the heading in its address. */
export function on(page: keyof typeof pages, section: string, anchor?: string): Origin {
  const { document, address, version } = pages[page];
  return { document, section, address: anchor === undefined ? address : `${address}#${anchor}`, version };
}
