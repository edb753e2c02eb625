import type { Claim } from '../row.ts';
import { on, source } from './pages.ts';

const topic = 'Endpoints and rollouts';
const suite = 'beyond/endpoints';

/** Claims of this topic. Ids are never changed; verdicts are what a person found to be true. */
export const endpoints = {
  'slices-by-hand': {
    origin: on('service', 'Services without selectors', 'services-without-selectors'),
    ...{ topic, suite },
    says: 'A Service without a selector gets no EndpointSlices. You add one with the label kubernetes.io/service-name, and with the name of the port.',
    verdict: 'holds',
    why: 'kube-proxy joins a Service and an EndpointSlice by that label, and their ports by name and protocol. Where one of them differs, it finds no endpoint and rejects connections.',
    checks: ['right-slice-answers', 'no-slice', 'other-port-name', 'other-protocol', 'no-label', 'no-port-name'],
    needs: ['known proxy', 'EndpointSlices by hand'],
    sources: ['https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/proxy/endpointslicecache.go'],
  },
  'conditions-decide': {
    origin: on('endpointSliceApi', 'EndpointConditions', 'EndpointConditions'),
    ...{ topic, suite },
    says: 'Of the conditions of an endpoint, ready and serving are true where they are not set, and terminating is false.',
    verdict: 'holds',
    why: 'kube-proxy fills in these values when it reads an EndpointSlice. It sends connections to endpoints that are ready, and where none is, to those that terminate and still serve.',
    checks: ['none-set', 'not-ready', 'not-ready-but-serving', 'terminating-only'],
    needs: ['known proxy', 'EndpointSlices by hand'],
    sources: [`${source}/pkg/proxy/endpointslicecache.go`],
  },
  'terminating-serves-alone': {
    origin: on('virtualIps', 'Traffic to terminating endpoints', 'traffic-to-terminating-endpoints'),
    ...{ topic, suite },
    says: 'With the traffic policy Local, kube-proxy sends connections to terminating endpoints if all local ones terminate.',
    verdict: 'corrected',
    hurts: 'traffic',
    truth:
      'With the policy Cluster too, new connections reach Pods that terminate and still serve, as long as no endpoint is ready. Meanwhile Endpoints, and so `kubectl get endpoints`, has no address.',
    why: 'kube-proxy takes the terminating endpoints that serve where no endpoint is ready, with both policies. The controller of Endpoints leaves out terminating Pods unless the Service has that field, and that of EndpointSlices does not.',
    checks: ['alone', 'alone-and-local', 'beside-a-ready-one', 'no-longer-serving', 'deleted-pod', 'refused-once-gone'],
    needs: ['known proxy', 'EndpointSlices by hand'],
    sources: [
      `${source}/pkg/proxy/topology.go`,
      `${source}/pkg/controller/endpoint/endpoints_controller.go`,
      'https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#terminating',
    ],
    cited: [{ says: 'With the policy Local, only the endpoints on the node count.', source: `${source}/pkg/proxy/topology.go` }],
    e2e: [
      {
        test: 'Services should fallback to terminating endpoints when there are no ready endpoints with internalTrafficPolicy=Cluster',
        stricter:
          'It runs on two nodes only. Here a ready endpoint ends the fallback, and a client of an endpoint that no longer serves is refused.',
      },
      {
        test: 'Services should fallback to local terminating endpoints when there are no ready endpoints with internalTrafficPolicy=Local',
        stricter: 'It runs on two nodes only, and takes any failure for a refusal.',
      },
    ],
  },
  'no-retry': {
    origin: { ...on('virtualIps', 'iptables proxy mode', 'proxy-mode-iptables'), version: '1.28' },
    ...{ topic, suite },
    says: 'If the chosen Pod does not respond, the connection fails. No other Pod is tried.',
    verdict: 'holds',
    why: 'The kernel rewrites the destination once for each connection, by the rule that it drew. The Pod without a listener answers with a reset, and a client sees the same as without endpoints.',
    checks: ['some-refused', 'all-answered-without-it'],
    needs: ['EndpointSlices by hand'],
    sources: [`${source}/pkg/proxy/iptables/proxier.go`, `${source}/pkg/proxy/nftables/proxier.go`],
  },
  'publish-not-ready': {
    origin: on('podLifecycle', 'Pod Termination Flow', 'pod-termination-flow'),
    ...{ topic, suite },
    says: 'Endpoints of terminating Pods are never ready, so that they get no regular traffic.',
    verdict: 'corrected',
    hurts: 'traffic',
    truth:
      'Not with publishNotReadyAddresses: then a Pod gets its share of the traffic from the moment it has an address until it is gone, ready or not, terminating or not.',
    why: 'The EndpointSlice controller sets the condition ready of every endpoint of such a Service, whatever the state of its Pod. kube-proxy takes the ready endpoints first.',
    checks: ['never-ready-answers', 'refused-without-the-field', 'terminating-gets-its-share', 'not-without-the-field', 'said-to-be-ready'],
    needs: ['known proxy'],
    sources: ['https://github.com/kubernetes/endpointslice/blob/v0.36.3/utils.go'],
    e2e: [
      {
        test: 'Services should create endpoints for unready pods',
        stricter: 'Here a Service without the field is the control at the same moment.',
      },
      {
        test: 'Services should be able to connect to terminating and unready endpoints if PublishNotReadyAddresses is true',
        stricter:
          'It runs on two nodes only, without a ready Pod beside the others. Here the terminating Pod gets a share beside a ready one.',
      },
      {
        test: 'Services should not be able to connect to terminating and unready endpoints if PublishNotReadyAddresses is false',
        stricter: 'It takes any failure of curl. Here the client is refused.',
      },
    ],
  },
  'selector-removed-freezes': {
    origin: on('serviceApi', 'ServiceSpec', 'ServiceSpec'),
    ...{ topic, suite },
    says: 'Kubernetes does not modify the endpoints of a Service without a selector.',
    verdict: 'holds',
    why: 'The EndpointSlice controller passes over such a Service, and its earlier slices stay as they are, with Pods that are gone and without new ones. kube-proxy still follows them, and a slice with the same addresses that the mirroring controller adds, because the Endpoints stay too.',
    checks: ['old-pod-still-answers', 'new-pod-never-answers', 'deleted-pod-stays-listed', 'followed-again'],
    needs: ['known proxy', 'contained packets'],
    sources: [`${source}/pkg/controller/endpointslice/endpointslice_controller.go`],
  },
  'empty-selector': {
    origin: on('serviceApi', 'ServiceSpec', 'ServiceSpec'),
    ...{ topic, suite },
    says: 'An empty selector is the same as none: Kubernetes adds no endpoints.',
    verdict: 'holds',
    why: 'The API server does not store an empty map, so the EndpointSlice controller sees a Service without a selector. Elsewhere in the API an empty label selector selects everything.',
    checks: ['label-selects', 'empty-selects-nothing', 'empty-is-refused'],
    needs: ['known proxy'],
    sources: [`${source}/pkg/controller/endpointslice/endpointslice_controller.go`],
  },
  'cluster-ip-as-endpoint': {
    origin: on('service', 'Custom EndpointSlices', 'custom-endpointslices'),
    ...{ topic, suite },
    says: 'The addresses of endpoints cannot be ClusterIPs of other Services, nor loopback nor link-local addresses.',
    verdict: 'corrected',
    hurts: 'traffic',
    truth:
      'The API server rejects loopback and link-local addresses. It accepts a ClusterIP, and then a client gets no answer: in nftables mode it is refused, in iptables mode its packets are lost.',
    why: 'The kernel rewrites the destination of a connection once. The packet then has the ClusterIP as its destination, which no host has: nftables rules reject it, and iptables rules let it pass.',
    checks: ['accepted', 'not-answered', 'pod-address-is-answered', 'others-rejected'],
    needs: ['known proxy', 'contained packets', 'EndpointSlices by hand'],
    endings: { 'not-answered': { iptables: 'timed out', nftables: 'refused' } },
    sources: [`${source}/pkg/apis/core/validation/validation.go`, `${source}/pkg/proxy/nftables/proxier.go`],
  },
  'duplicate-endpoint': {
    origin: on('endpointSlices', 'Duplicate endpoints', 'duplicate-endpoints'),
    ...{ topic, suite },
    says: 'An endpoint may be in several EndpointSlices of a Service. Those who read them must count it once.',
    verdict: 'holds',
    why: 'kube-proxy keeps the endpoints of a Service port by address and port, so that one from two slices is one.',
    checks: ['no-double-share'],
    needs: ['EndpointSlices by hand'],
    sources: [`${source}/pkg/proxy/endpointslicecache.go`],
  },
  'mirrored-endpoints': {
    origin: on('endpointSlices', 'EndpointSlice mirroring', 'endpointslice-mirroring'),
    ...{ topic, suite },
    says: 'The control plane mirrors the Endpoints of a Service without a selector into EndpointSlices, unless they have the label endpointslice.kubernetes.io/skip-mirror.',
    verdict: 'holds',
    why: 'The mirroring controller writes a slice with the same addresses and ports, and deletes it with the Endpoints. kube-proxy reads only slices.',
    checks: ['mirrored', 'answered', 'label-skips-it', 'deleted-with-it'],
    needs: ['known proxy', 'EndpointSlices by hand'],
    sources: [`${source}/pkg/controller/endpointslicemirroring/endpointslicemirroring_controller.go`],
    e2e: [
      {
        test: 'EndpointSliceMirroring should mirror a custom Endpoints resource through create update and delete',
        stricter: 'It reads objects only. Here connections follow them, and the label is tried too.',
      },
    ],
  },
  'readiness-gate': {
    origin: on('podLifecycle', 'Status for Pod readiness', 'pod-readiness-status'),
    ...{ topic, suite },
    says: 'A Pod is ready only when its containers are ready and all conditions that its readinessGates name are True.',
    verdict: 'holds',
    why: 'The kubelet counts a missing condition as False, and sets Ready by it. A client that may patch the status of Pods sets the condition, and the EndpointSlice controller follows Ready.',
    checks: ['refused-while-unset', 'answered-once-true', 'switched-without-loss'],
    needs: ['known proxy', 'Pod status by hand'],
    sources: [`${source}/pkg/kubelet/status/generate.go`],
    e2e: [
      {
        test: 'Connectivity Pod Lifecycle should be able to have zero downtime on a Blue Green deployment using Services and Readiness Gates',
        stricter: 'It requests once every few seconds and tries again. Here 50 requests a second have one attempt each.',
      },
    ],
  },
  'host-network-endpoint': {
    origin: on('networkPolicies', 'NetworkPolicy and hostNetwork pods', 'networkpolicy-and-hostnetwork-pods'),
    ...{ topic, suite },
    says: 'The address of a Pod with hostNetwork is one of its node.',
    verdict: 'holds',
    why: 'The kubelet reports the address of the node as that of the Pod, and the EndpointSlice controller takes it from there. kube-proxy writes the same rules for any address.',
    checks: ['endpoint-is-the-node', 'answered-from-a-pod', 'answered-from-the-node', 'refused-without-it'],
    needs: ['known proxy', 'host network'],
    sources: ['https://github.com/kubernetes/endpointslice/blob/v0.36.3/utils.go'],
    e2e: [
      {
        test: 'Networking Granular Checks: Services should function for service endpoints using hostNetwork',
        stricter:
          'It runs on two nodes, and also asks by UDP and at the node port. Here the address is compared, and the client is refused without the Pod.',
      },
    ],
  },
  'rollout-needs-a-pause': {
    origin: on('podLifecycle', 'Pod Termination Flow', 'pod-termination-flow'),
    ...{ topic, suite },
    says: 'The kubelet runs the preStop hook of a deleted Pod before it sends TERM to its processes. At the same time the control plane takes the Pod out of the regular traffic.',
    verdict: 'holds',
    why: 'kube-proxy may write its rules a second after the deletion, and until then sends connections to the old Pod. During the hook its processes still answer them, and once the Pod is gone, no process answers at its address.',
    checks: ['pause-loses-none', 'stale-address-is-not-answered', 'corrected-address-is'],
    needs: ['known proxy', 'contained packets', 'EndpointSlices by hand'],
    sources: [`${source}/pkg/proxy/runner/bounded_frequency_runner.go`],
    e2e: [
      {
        test: 'Connectivity Pod Lifecycle should be able to have zero downtime on a Blue Green deployment using Services and Readiness Gates',
        stricter: 'It requests once every few seconds and tries again. Here 50 requests a second have one attempt each.',
      },
    ],
  },
  'hundred-per-slice': {
    origin: on('service', 'EndpointSlices', 'endpointslices'),
    ...{ topic, suite },
    says: 'Kubernetes adds another EndpointSlice for a Service only once all that exist have 100 endpoints.',
    verdict: 'corrected',
    hurts: 'nobody',
    truth:
      'By default the EndpointSlice controller puts at most 100 endpoints into a slice. Another is added much earlier: for endpoints that come at once and do not fit into one together, and always for Pods with other port numbers.',
    why: 'A slice has one list of ports for all of its endpoints, so the EndpointSlice controller keeps slices apart by family and by port numbers. So that few slices change, new endpoints first fill slices that change anyway, and the rest goes into one slice that has room for all of it, or into a new one.',
    checks: ['at-most-100', 'new-slice-beside-a-free-one', 'own-slice-for-other-ports'],
    needs: ['Pod status by hand'],
    sources: [
      'https://github.com/kubernetes/endpointslice/blob/v0.36.3/reconciler.go',
      'https://github.com/kubernetes/endpointslice/blob/v0.36.3/utils.go',
      'https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#distribution-of-endpointslices',
    ],
    e2e: [
      {
        test: 'EndpointSlice should create Endpoints and EndpointSlices for Pods matching a Service',
        stricter: 'It has a few Pods. Here 101 Pods fill one slice and begin another.',
      },
    ],
  },
  'evicted-pods-refused': {
    origin: on('endpointSlices', 'EndpointSlice API', 'endpointslice-resource'),
    ...{ topic, suite },
    says: 'The EndpointSlices of a Service list all Pods that match its selector.',
    verdict: 'corrected',
    hurts: 'traffic',
    truth:
      'All but Pods without an address and Pods that have ended, such as evicted ones, even with publishNotReadyAddresses. With that field, though, a Pod that was never ready stays listed after its end, until the controller looks at the Service again, as when the Service changes.',
    why: 'An evicted Pod stays as an object of phase Failed, with its labels and its address, and the EndpointSlice controller leaves out such Pods. But it looks again only when the readiness, an address, a label or the hostname of a Pod changes, or the Pod is deleted, and not when its phase changes.',
    checks: ['listed-before', 'left-out-once-evicted', 'refused-once-evicted', 'never-ready-stays'],
    needs: ['known proxy', 'Pod status by hand'],
    cited: [
      {
        says: 'The same is true of every Pod that is not ready when it ends, and without that field it is listed as not ready.',
        source: 'https://github.com/kubernetes/endpointslice/blob/v0.36.3/util/controller_utils.go',
      },
    ],
    sources: [
      'https://github.com/kubernetes/endpointslice/blob/v0.36.3/util/controller_utils.go',
      'https://github.com/kubernetes/kubernetes/issues/109414',
    ],
    e2e: [
      {
        test: 'Services should be rejected for evicted pods (no endpoints exist)',
        stricter: 'Here the same Pod is an endpoint and answers before. Its eviction is written into its status, not caused.',
      },
    ],
  },
} as const satisfies Record<string, Claim>;
