/** What a test of e2e.test needs beyond a cluster of one node with one IP family; without it, the test skips itself or cannot be run. */
export type E2eNeed =
  | 'two nodes'
  | 'three nodes'
  | 'several zones'
  | 'three zones'
  | 'dual stack'
  | 'dual stack and two nodes'
  | 'parts of the control plane as Pods'
  | 'SSH to the nodes'
  | 'Google Compute Engine'
  | 'SCTP'
  | 'changes of the DNS server';

interface Test {
  readonly conformance?: true;
  readonly needs?: E2eNeed;
  /** Why no claim covers it, in one sentence. Absent where one does. */
  readonly outOfScope?: string;
}

/** The version of Kubernetes whose tests are listed. */
export const e2eVersion = '1.36.3';

const conformance = true;
const twoNodes = { needs: 'two nodes' } as const;
const dualStack = { needs: 'dual stack' } as const;
const dualStackAndTwoNodes = { needs: 'dual stack and two nodes' } as const;

const out = (outOfScope: string) => ({ outOfScope }) as const;
const typeOfNodePort = out('external-name and kept-across-types change the type from and to ClusterIP.');
const zones = out(
  'No profile has nodes in several zones. prefer-same-zone-without-zones shows the hints, and that kube-proxy follows them on one node.',
);
const nodePorts = out('It is about node ports, and the chapter has one sentence on them.');
const external = out('It is about traffic from outside the cluster, which does not go to the ClusterIP.');
const objects = out('It creates, changes and deletes objects of the API, and no packet is sent.');
const ownDns = out('It is about the DNS settings that a Pod asks for itself, and not about a Service.');
const hostnames = out('It is about the host name of a Pod, and not about a Service.');
const sctp = {
  needs: 'SCTP',
  ...out('It needs a kernel module for SCTP, which the nodes of most clusters do not have.'),
} as const;
const dnsServer = {
  needs: 'changes of the DNS server',
  ...out('It changes the settings of the DNS server, on which every other claim depends.'),
} as const;
const secondFamily = out('It is a test of Granular Checks once more in the second IP family, for which kube-proxy writes the same rules.');
const slicesByPort = out(
  'It needs slices that have different ports of one Service. The slices of slices-by-hand and duplicate-endpoint are for one port.',
);
const oneServer = out(
  'It wants an answer from each of several Pods. source-kept shows UDP from a Pod and from the node, with one Pod behind the Service.',
);
const oneServerForTheNode = out(
  'It wants an answer from each of several Pods. from-node and across-nodes show that the node is answered, with one Pod behind the Service.',
);
const oneServerOfBoth = out(
  'It wants an answer from each of several Pods. both-families-answer asks in both families, with one Pod behind the Service.',
);
const podAddress = out('It connects to the IP of a Pod, without a Service.');
const apiProxy = out('It is about the proxy of the API server, which connects to a Pod itself and not to the ClusterIP.');

/**
 * The tests of Kubernetes' own e2e.test that touch ClusterIP Services, by group and name, as e2e.test prints them without `[sig-network]` and without tags in
 * brackets. Rows of the ledger cite the group and the name: `Services should be rejected when no endpoints exist`.
 */
const groups = {
  Services: {
    'should serve a basic endpoint from pods': { conformance },
    'should serve multiport endpoints from pods': { conformance },
    'should be updated after adding or deleting ports': {},
    'should preserve source pod IP for traffic thru service cluster IP': twoNodes,
    'should allow pods to hairpin back to themselves through services': {},
    'should be able to up and down services': {},
    'should work after the service has been recreated': out(
      'A Service that is created again is a new Service, and nearly every claim connects to one.',
    ),
    'should work after restarting kube-proxy': { needs: 'parts of the control plane as Pods' },
    'should work after restarting apiserver': {
      needs: 'parts of the control plane as Pods',
      ...out('The suite reads what a cluster does through its API server, and does not stop that.'),
    },
    'should be able to create a functioning NodePort service': { conformance },
    'should be possible to connect to a service via ExternalIP when the external IP is not assigned to a node': out(
      'It is about external IPs, which a Service has beside its ClusterIP; Kubernetes 1.36 deprecates them.',
    ),
    'should be able to update service type to NodePort listening on same port number but different protocols': out(
      'No claim asks a node port by UDP: kept-across-types changes the type of a Service with TCP alone, and tcp-and-udp-on-one-number asks a ClusterIP.',
    ),
    'should be able to change the type from ExternalName to ClusterIP': { conformance },
    'should be able to change the type from ExternalName to NodePort': { conformance, ...typeOfNodePort },
    'should be able to change the type from ClusterIP to ExternalName': { conformance },
    'should be able to change the type from NodePort to ExternalName': { conformance, ...typeOfNodePort },
    'should prevent NodePort collisions': nodePorts,
    'should check NodePort out-of-range': {},
    'should release NodePorts on delete': nodePorts,
    'should create endpoints for unready pods': {},
    'should be able to connect to terminating and unready endpoints if PublishNotReadyAddresses is true': twoNodes,
    'should not be able to connect to terminating and unready endpoints if PublishNotReadyAddresses is false': twoNodes,
    'should have session affinity work for service with type clusterIP': { conformance },
    'should have session affinity timeout work for service with type clusterIP': {},
    'should be able to switch session affinity for service with type clusterIP': { conformance },
    'should have session affinity work for NodePort service': { conformance },
    'should have session affinity timeout work for NodePort service': nodePorts,
    'should be able to switch session affinity for NodePort service': { conformance, ...nodePorts },
    'should implement service.kubernetes.io/service-proxy-name': {},
    'should implement service.kubernetes.io/headless': {},
    'should be rejected when no endpoints exist': {},
    'should be rejected for evicted pods (no endpoints exist)': {},
    'should respect internalTrafficPolicy=Local Pod to Pod': twoNodes,
    'should respect internalTrafficPolicy=Local Pod (hostNetwork: true) to Pod': twoNodes,
    'should respect internalTrafficPolicy=Local Pod and Node, to Pod (hostNetwork: true)': {
      ...twoNodes,
      ...out(
        'local-without-local asks from a Pod and from the node. By host-network-endpoint, rules do not depend on the kind of Pod behind them.',
      ),
    },
    'should support externalTrafficPolicy=Local for type=NodePort': { ...twoNodes, ...external },
    'should fail health check node port if there are only terminating endpoints': { ...twoNodes, ...external },
    'should fallback to terminating endpoints when there are no ready endpoints with internalTrafficPolicy=Cluster': twoNodes,
    'should fallback to local terminating endpoints when there are no ready endpoints with internalTrafficPolicy=Local': twoNodes,
    // The third l is upstream's.
    'should fallback to terminating endpoints when there are no ready endpoints with externallTrafficPolicy=Cluster': {
      ...twoNodes,
      ...external,
    },
    'should fallback to local terminating endpoints when there are no ready endpoints with externalTrafficPolicy=Local': {
      ...twoNodes,
      ...external,
    },
    'should find a service from listing all namespaces': { conformance, ...objects },
    'should complete a service status lifecycle': { conformance, ...objects },
    'should delete a collection of services': { conformance, ...objects },
    'should serve endpoints on same port and different protocols': { conformance },
    'should serve endpoints on same port and different protocol for internal traffic on Type LoadBalancer': out(
      'It is the test above for a Service of type LoadBalancer, whose ClusterIP is like any other.',
    ),
    'should allow creating a basic SCTP service with pod and endpoints': sctp,
    'should implement NodePort and HealthCheckNodePort correctly when ExternalTrafficPolicy changes': {
      needs: 'three nodes',
      ...external,
    },
    'should connect to the ports exposed by restartable init containers': {},
    'should connect to the named ports exposed by restartable init containers': {},
    'should support named targetPorts that resolve to different ports on different endpoints': {},
  },
  DNS: {
    'should provide DNS for the cluster': { conformance },
    'should resolve DNS of partial qualified names for the cluster': {},
    'should provide /etc/hosts entries for the cluster': {
      conformance,
      ...out('It is about a file in the Pod that has no names of Services.'),
    },
    'should provide DNS for services': { conformance },
    'should resolve DNS of partial qualified names for services': { conformance },
    'should provide DNS for pods for Hostname': { conformance },
    'should provide DNS for pods for Subdomain': { conformance },
    'should provide DNS for ExternalName services': { conformance },
    'should support configurable pod DNS nameservers': { conformance, ...ownDns },
    'should support configurable pod resolv.conf': ownDns,
    'should work with the pod containing more than 6 DNS search paths and longer than 256 search list characters': ownDns,
    'should work with a search path containing an underscore and a search path with a single dot': ownDns,
    'should work with a service name that starts with a digit': {},
  },
  'DNS HostNetwork': {
    'should resolve DNS of partial qualified names for services on hostNetwork pods with dnsPolicy: ClusterFirstWithHostNet': {},
    'spec.Hostname field is not silently ignored and is used for hostname for a Pod': hostnames,
    'spec.Hostname field is silently ignored and the node hostname is used when hostNetwork is set to true for a Pod': hostnames,
  },
  'DNS configMap nameserver': {
    'Change stubDomain should be able to change stubDomain configuration': dnsServer,
    'Forward PTR lookup should forward PTR records lookup to upstream nameserver': dnsServer,
    'Forward external name lookup should forward externalname lookup to upstream nameserver': dnsServer,
  },
  '[Feature:PerformanceDNS]': {
    'Should answer DNS query for maximum number of services per cluster': out(
      'It measures a cluster with thousands of Services, and a run of this suite is over in minutes.',
    ),
  },
  EndpointSlice: {
    'should create and delete EndpointSlices for a Service with a selector that matches no pods': { conformance },
    'should create Endpoints and EndpointSlices for Pods matching a Service': { conformance },
    'should support creating EndpointSlice API operations': { conformance, ...objects },
    'should support a Service with multiple ports specified in multiple EndpointSlices': { conformance, ...slicesByPort },
    'should support a Service with multiple endpoint IPs specified in multiple EndpointSlices': { conformance, ...slicesByPort },
  },
  EndpointSliceMirroring: {
    'should mirror a custom Endpoints resource through create update and delete': { conformance },
    'should mirror a custom Endpoint with multiple subsets and same IP address': out(
      'The Endpoints of mirrored-endpoints have one subset with one port.',
    ),
  },
  Endpoints: {
    'should test the lifecycle of an Endpoint': { conformance, ...objects },
  },
  EndpointsController: {
    'should create and delete Endpoints for a Service with a selector that matches no pods': { conformance },
    'should create Endpoints for Pods matching a Service': { conformance },
  },
  'API Server': {
    'should provide secure master service': { conformance },
    'should have Endpoints and EndpointSlices pointing to API Server': { conformance },
  },
  'Service endpoints latency': {
    'should not be very high': { conformance },
  },
  Networking: {
    'should check kube-proxy urls': {
      ...twoNodes,
      ...out('The suite asks one of these addresses for the proxy mode, and no document makes a claim of them.'),
    },
    'should recreate its iptables rules if they are deleted': { needs: 'SSH to the nodes' },
  },
  'Networking Granular Checks: Pods': {
    'should function for intra-pod communication: http': { conformance, ...podAddress },
    'should function for intra-pod communication: udp': { conformance, ...podAddress },
    'should function for intra-pod communication: sctp': { needs: 'SCTP', ...podAddress },
    'should function for node-pod communication: http': { conformance, ...podAddress },
    'should function for node-pod communication: udp': { conformance, ...podAddress },
    'should function for node-pod communication: sctp': { needs: 'SCTP', ...podAddress },
  },
  'Networking Granular Checks: Services': {
    'should function for pod-Service: http': twoNodes,
    'should function for pod-Service: udp': { ...twoNodes, ...oneServer },
    'should function for pod-Service: sctp': sctp,
    'should function for node-Service: http': { ...twoNodes, ...oneServerForTheNode },
    'should function for node-Service: udp': { ...twoNodes, ...oneServer },
    'should function for node-Service: sctp': sctp,
    'should function for endpoint-Service: http': twoNodes,
    'should function for endpoint-Service: udp': twoNodes,
    'should function for endpoint-Service: sctp': sctp,
    'should function for multiple endpoint-Services with same selector': twoNodes,
    'should update endpoints: http': twoNodes,
    'should update endpoints: udp': twoNodes,
    'should update nodePort: http': { ...twoNodes, ...nodePorts },
    'should support basic nodePort: udp functionality': { ...twoNodes, ...nodePorts },
    'should update nodePort: udp': { ...twoNodes, ...nodePorts },
    'should function for client IP based session affinity: http': twoNodes,
    'should function for client IP based session affinity: udp': {
      ...twoNodes,
      ...out('kube-proxy writes the same rules of affinity for UDP as for TCP, and the claims show them with TCP.'),
    },
    'should be able to handle large requests: http': twoNodes,
    'should be able to handle large requests: udp': twoNodes,
    'should function for service endpoints using hostNetwork': twoNodes,
  },
  NoSNAT: {
    'Should be able to send traffic between Pods without SNAT': podAddress,
  },
  Conntrack: {
    'should be able to preserve UDP traffic when server pod cycles for a NodePort service': { ...twoNodes, ...nodePorts },
    'should be able to preserve UDP traffic when server pod cycles for a ClusterIP service': twoNodes,
    'should be able to preserve UDP traffic when server pod cycles for a ClusterIP service with InternalTrafficPolicy set to Local': {
      ...twoNodes,
      ...out('It is the test above with another traffic policy, which claims of their own show.'),
    },
    'should be able to preserve UDP traffic when server pod cycles for a ClusterIP service and client is hostNetwork': {
      ...twoNodes,
      ...out('It is the test above from the network of the node, which tracks connections in the same table.'),
    },
    'should be able to preserve UDP traffic when initial unready endpoints get ready': {
      ...twoNodes,
      ...out('udp-blackholed-at-zero shows a flow that loses its endpoint and gets another one, but none that begins before there is one.'),
    },
    'proxy implementation should not be vulnerable to the invalid conntrack state bug': {
      ...twoNodes,
      ...out('It needs a privileged Pod that forges packets.'),
    },
    'should be able to cleanup conntrack entries when UDP service target port changes for a NodePort service': {
      ...twoNodes,
      ...nodePorts,
    },
  },
  KubeProxy: {
    'should set TCP CLOSE_WAIT timeout': twoNodes,
    'should update metric for tracking accepted packets destined for localhost nodeports': nodePorts,
  },
  'Connectivity Pod Lifecycle': {
    'should be able to connect from a Pod to a terminating Pod': podAddress,
    'should be able to connect to other Pod from a terminating Pod': podAddress,
    'should be able to have zero downtime on a Blue Green deployment using Services and Readiness Gates': {},
  },
  'Service CIDRs': {
    'should create Services and serve on different Service CIDRs': twoNodes,
  },
  'ServiceCIDR and IPAddress API': {
    'should support ServiceCIDR API operations': { conformance },
    'should support IPAddress API operations': { conformance },
  },
  'Topology Hints': {
    'should distribute endpoints evenly': {
      needs: 'several zones',
      ...out('It counts how a controller spreads Pods over zones, and no cluster of this suite has two zones.'),
    },
  },
  'Traffic Distribution': {
    'should route traffic to an endpoint in the same zone when using PreferClose': { needs: 'three zones' },
    'should route traffic correctly between pods on multiple nodes when using PreferClose': { needs: 'three zones', ...zones },
    'should route traffic to an endpoint in the same zone when using PreferSameZone': { needs: 'three zones' },
    'should route traffic correctly between pods on multiple nodes when using PreferSameZone': { needs: 'three zones', ...zones },
    'should route traffic to an endpoint on the same node or fall back to same zone when using PreferSameNode': { needs: 'three zones' },
    'should route traffic to an endpoint on the same node when using PreferSameNode and fall back when the endpoint becomes unavailable': {
      needs: 'three zones',
    },
  },
  '[Feature:IPv6DualStack]': {
    'should create a single stack service with cluster ip from primary service range': dualStack,
    'should create service with ipv4 cluster ip': dualStack,
    'should create service with ipv6 cluster ip': dualStack,
    'should create service with ipv4,v6 cluster ip': dualStack,
    'should create service with ipv6,v4 cluster ip': dualStack,
  },
  '[Feature:IPv6DualStack] Granular Checks: Services Secondary IP Family': {
    'should function for pod-Service: http': { ...dualStackAndTwoNodes, ...oneServerOfBoth },
    'should function for pod-Service: udp': { ...dualStackAndTwoNodes, ...oneServerOfBoth },
    'should function for pod-Service: sctp': sctp,
    'should function for node-Service: http': { ...dualStackAndTwoNodes, ...oneServerOfBoth },
    'should function for node-Service: udp': { ...dualStackAndTwoNodes, ...oneServerOfBoth },
    'should function for endpoint-Service: http': dualStackAndTwoNodes,
    'should function for endpoint-Service: udp': dualStackAndTwoNodes,
    'should update endpoints: http': { ...dualStackAndTwoNodes, ...secondFamily },
    'should update endpoints: udp': { ...dualStackAndTwoNodes, ...secondFamily },
    'should function for client IP based session affinity: http': { ...dualStackAndTwoNodes, ...secondFamily },
    'should function for client IP based session affinity: udp': { ...dualStackAndTwoNodes, ...secondFamily },
    'should be able to handle large requests: http': { ...dualStackAndTwoNodes, ...secondFamily },
    'should be able to handle large requests: udp': { ...dualStackAndTwoNodes, ...secondFamily },
    'should function for service endpoints using hostNetwork': { ...dualStackAndTwoNodes, ...secondFamily },
  },
  'Proxy version v1': {
    'should proxy through a service and a pod': { conformance, ...apiProxy },
    'A set of valid responses are returned for both pod and service ProxyWithPath': { conformance, ...apiProxy },
    'A set of valid responses are returned for both pod and service Proxy': { conformance, ...apiProxy },
  },
  // Of sig-architecture.
  'Conformance Tests': {
    'should have at least two untainted nodes': {
      conformance,
      ...out('It counts nodes, and no packet is sent. On one node it fails, so that a cluster of one node cannot be certified.'),
    },
  },
  // Of sig-node.
  Pods: {
    'should contain environment variables for services': { conformance },
  },
} as const satisfies Record<string, Readonly<Record<string, Test>>>;

/** A test of e2e.test that touches ClusterIP Services. */
export interface E2eTest extends Test {
  readonly group: string;
  readonly name: string;
  /** Its group and its name, as rows of the ledger cite it. */
  readonly test: string;
}

/** Every test of the list, in its order. */
export const e2eTests: readonly E2eTest[] = Object.entries(groups).flatMap(([group, tests]) =>
  Object.entries<Test>(tests).map(([name, test]) => ({ group, name, test: `${group} ${name}`, ...test })),
);
