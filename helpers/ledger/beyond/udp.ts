import type { Claim } from '../row.ts';
import { on } from './pages.ts';

const topic = 'UDP';
const suite = 'beyond/udp';

const cleanup = 'https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/proxy/conntrack/cleanup.go';

/** Claims of this topic. Ids are never changed; verdicts are what a person found to be true. */
export const udp = {
  'udp-follows-endpoints': {
    origin: on('virtualIps', 'Overview'),
    ...{ topic, suite },
    says: 'kube-proxy keeps to the EndpointSlices: when they change, traffic goes to the endpoints that they list now.',
    verdict: 'holds',
    why: 'The kernel keeps a rewrite for each source port as long as datagrams come. After a change of UDP endpoints kube-proxy deletes those rewrites that lead to no serving endpoint, and leaves TCP alone.',
    checks: ['replaced-endpoint', 'tcp-stays', 'terminating-endpoint'],
    needs: ['known proxy', 'EndpointSlices by hand'],
    kubernetes: '>=1.32',
    sources: [cleanup, 'https://github.com/kubernetes/kubernetes/issues/106274'],
    e2e: [
      {
        test: 'Networking Granular Checks: Services should update endpoints: udp',
        stricter:
          'It deletes a Pod, and asks from new source ports. Here a flow that keeps its source port must move to the other endpoint.',
      },
      {
        test: 'Conntrack should be able to preserve UDP traffic when server pod cycles for a ClusterIP service',
        stricter:
          'It waits a minute for the new Pod, and needs two nodes. Here TCP is the control, and a terminating endpoint is shown to keep its flow.',
      },
    ],
  },
  'udp-blackholed-at-zero': {
    origin: on('endToEndTests', 'should be rejected when no endpoints exist'),
    ...{ topic, suite },
    says: 'Clients of a Service without endpoints are refused.',
    silent: true,
    verdict: 'corrected',
    hurts: 'traffic',
    truth:
      'Only new UDP flows are. From Kubernetes 1.32 to 1.36, a client that keeps its source port still reaches the previous Pod, until the Service has another endpoint.',
    why: "When kube-proxy deletes rewrites that lead nowhere, it skips Services without endpoints. The kernel applies the Service's rules to new flows only, and keeps a flow for as long as its client sends.",
    checks: ['old-flow-goes-on', 'new-flow-refused', 'moves-to-the-next-endpoint'],
    needs: ['known proxy', 'EndpointSlices by hand'],
    kubernetes: '>=1.32 <1.37',
    sources: [cleanup, 'https://github.com/kubernetes/kubernetes/issues/139628'],
    cited: [
      {
        says: 'From Kubernetes 1.37, kube-proxy deletes these flows too.',
        source: 'https://github.com/kubernetes/kubernetes/issues/139628',
      },
    ],
  },
  'udp-refusal-must-be-read': {
    origin: on('endToEndTests', 'should be rejected when no endpoints exist'),
    ...{ topic, suite },
    says: 'A client of a Service without endpoints learns that it is refused.',
    silent: true,
    verdict: 'corrected',
    hurts: 'judgement',
    truth:
      'A UDP client learns of it only if it reads errors from its socket: nc -u prints nothing, and exits as after success. On the node the send itself fails: "operation not permitted".',
    why: "By kube-proxy's rule the kernel rejects the datagram with an ICMP error, which reaches only the next call on a connected socket. On the node the same rule stands where packets leave, so the kernel fails the send.",
    checks: ['answered-with-an-endpoint', 'socket-that-reads', 'nc-says-nothing', 'send-fails-on-the-node'],
    needs: ['known proxy', 'EndpointSlices by hand', 'host network'],
    sources: [
      'https://man7.org/linux/man-pages/man7/udp.7.html',
      'https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/proxy/iptables/proxier.go',
    ],
  },
} as const satisfies Record<string, Claim>;
