import type { Claim } from '../row.ts';
import { on, source } from './pages.ts';

const topic = 'Traffic policies and distribution';
const suite = 'beyond/traffic-policy';

const iptables = `${source}/pkg/proxy/iptables/proxier.go`;
const nftables = `${source}/pkg/proxy/nftables/proxier.go`;
const topology = `${source}/pkg/proxy/topology.go`;
const hints = 'https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/endpointslice/trafficdist/trafficdist.go';

/** Claims of this topic. Ids are never changed; verdicts are what a person found to be true. */
export const trafficPolicy = {
  'local-without-local': {
    origin: on('internalTrafficPolicy', 'Using Service Internal Traffic Policy', 'using-service-internal-traffic-policy'),
    ...{ topic, suite },
    says: 'With internalTrafficPolicy Local, a Service without endpoints on the node of the client behaves there as if it had none at all.',
    verdict: 'refuted',
    hurts: 'traffic',
    truth:
      'It does not. Without any endpoint a client is refused at once. When all endpoints are on other nodes, its packets are dropped, and it times out.',
    why: 'kube-proxy writes a rule that rejects where a Service has no endpoint, and one that drops where it only has none on this node. The kernel answers the client in the first case alone.',
    checks: ['local-endpoint', 'only-elsewhere', 'none-anywhere', 'policy-cluster'],
    needs: ['known proxy', 'EndpointSlices by hand', 'host network'],
    sources: [iptables, nftables, 'https://kubernetes.io/docs/reference/networking/virtual-ips/#internal-traffic-policy'],
    e2e: [
      {
        test: 'Services should respect internalTrafficPolicy=Local Pod to Pod',
        stricter: 'It needs two nodes, and accepts any error of curl. Here the time-out is told from the refusal, on one node.',
      },
      {
        test: 'Services should respect internalTrafficPolicy=Local Pod (hostNetwork: true) to Pod',
        stricter: 'It accepts any error of curl. Here the node times out in one case, and is refused in the other.',
      },
    ],
  },
  'prefer-same-node': {
    origin: on('virtualIps', 'Traffic distribution control', 'traffic-distribution'),
    ...{ topic, suite },
    says: 'With trafficDistribution PreferSameNode, clients reach endpoints on their own node, and others where there are none.',
    verdict: 'holds',
    why: 'The EndpointSlice controller writes the name of its node as a hint into each ready endpoint. kube-proxy never reads the field: it follows the hints if every ready endpoint has one and at least one names its own node, and otherwise, by the same rule, those for zones.',
    checks: ['hints-name-the-node', 'own-node-first', 'none-for-this-node', 'one-hint-missing', 'field-is-not-read'],
    needs: ['known proxy', 'EndpointSlices by hand'],
    kubernetes: '>=1.34',
    sources: [topology, hints],
    e2e: [
      {
        test: 'Traffic Distribution should route traffic to an endpoint on the same node or fall back to same zone when using PreferSameNode',
        stricter: 'Here hints by hand show on one node which endpoints kube-proxy takes, and when it ignores hints. Zones are not tried.',
      },
      {
        test: 'Traffic Distribution should route traffic to an endpoint on the same node when using PreferSameNode and fall back when the endpoint becomes unavailable',
        stricter:
          'It needs three zones and two nodes. Here hints by hand show the fallback on one node, and missing hints and a Service without the field too.',
      },
    ],
  },
  'prefer-same-zone-without-zones': {
    origin: on('virtualIps', 'Traffic distribution control', 'traffic-distribution'),
    ...{ topic, suite },
    says: 'With trafficDistribution PreferSameZone, clients reach endpoints in their own zone.',
    verdict: 'corrected',
    hurts: 'traffic',
    truth:
      'They do if their nodes have the label topology.kubernetes.io/zone. Without it, as on a k3s by default, the field changes nothing, and no event or warning says so.',
    why: 'The EndpointSlice controller takes the zone of an endpoint from that label of its node, and writes no hint without one. kube-proxy compares hints with the label of its own node.',
    checks: ['no-label-no-hints', 'nobody-says-so', 'label-makes-hints', 'old-word-warns', 'other-words'],
    needs: ['known proxy', 'EndpointSlices by hand', 'cluster-wide changes'],
    kubernetes: '>=1.34',
    sources: [topology, hints, `${source}/pkg/api/service/warnings.go`],
    e2e: [
      {
        test: 'Traffic Distribution should route traffic to an endpoint in the same zone when using PreferClose',
        stricter: 'It looks at zones that exist. Here it is shown that without zones the field changes nothing.',
      },
      {
        test: 'Traffic Distribution should route traffic to an endpoint in the same zone when using PreferSameZone',
        stricter: 'It skips itself on clusters with fewer than three zones. Here the cluster has none at first.',
      },
    ],
  },
  'external-policy-inside': {
    origin: on('serviceApi', 'ServiceSpec', 'ServiceSpec'),
    ...{ topic, suite },
    says: 'externalTrafficPolicy is about node ports and external addresses, not about the ClusterIP.',
    verdict: 'holds',
    why: 'The rules of kube-proxy for the ClusterIP lead to the endpoints of the internal policy alone. The API server rejects the external one on a Service that nothing outside can reach.',
    checks: ['cluster-ip-is-answered', 'internal-policy-counts', 'not-for-cluster-ip'],
    needs: ['known proxy', 'EndpointSlices by hand', 'NodePort Services'],
    sources: [iptables, nftables],
  },
  'proxy-labels': {
    origin: on('labels', 'service.kubernetes.io/headless', 'servicekubernetesioheadless'),
    ...{ topic, suite },
    says: 'The label service-proxy-name hands a Service to another proxy, and the label headless marks endpoints that no proxy serves.',
    verdict: 'holds',
    why: 'kube-proxy does not watch Services with the first label, and EndpointSlices with the second. It looks for the second on no Service, as it did up to Kubernetes 1.35, and CoreDNS looks for neither.',
    checks: ['on-the-service', 'on-the-slice', 'name-still-resolves'],
    needs: ['known proxy', 'EndpointSlices by hand', 'DNS'],
    kubernetes: '>=1.36',
    sources: [`${source}/cmd/kube-proxy/app/server.go`],
    e2e: [
      {
        test: 'Services should implement service.kubernetes.io/headless',
        stricter: 'It accepts any failure. Here the client is refused, and the label on the Service is shown to have no effect.',
      },
      {
        test: 'Services should implement service.kubernetes.io/service-proxy-name',
        stricter: 'It does not ask for the name. The claim due-to-kube-proxy shows that the Service is not served.',
      },
    ],
  },
} as const satisfies Record<string, Claim>;
