import type { Claim } from '../row.ts';
import { on, source } from './pages.ts';

const topic = 'Session affinity';
const suite = 'beyond/affinity';

const iptables = `${source}/pkg/proxy/iptables/proxier.go`;
const nftables = `${source}/pkg/proxy/nftables/proxier.go`;

/** Claims of this topic. Ids are never changed; verdicts are what a person found to be true. */
export const affinity = {
  'affinity-per-port': {
    origin: on('virtualIps', 'Session affinity', 'session-affinity'),
    ...{ topic, suite },
    says: 'With ClientIP affinity, the connections of a client reach the same Pod each time.',
    verdict: 'corrected',
    hurts: 'traffic',
    truth:
      'Only those to one port do. Each port of a Service has an affinity of its own, which its node port shares: a client may stay with one Pod on port 80, and with another on port 443.',
    why: 'kube-proxy writes rules for each port of a Service and each endpoint, and by these the kernel keeps a list of clients. Connections to the ClusterIP and to the node port pass the same rules.',
    checks: ['each-port-sticks', 'ports-differ', 'node-port-has-the-same', 'spreads-without-affinity'],
    needs: ['known proxy', 'EndpointSlices by hand', 'host network', 'NodePort Services'],
    sources: [iptables, nftables],
    e2e: [
      {
        test: 'Services should have session affinity work for service with type clusterIP',
        stricter: 'It asks one port, and accepts 15 equal answers within 2 minutes. Here 24 ports are asked, and their node ports.',
      },
      {
        test: 'Services should have session affinity work for NodePort service',
        stricter: 'It asks the node port alone. Here the node port and the ClusterIP must lead to the same Pod.',
      },
    ],
  },
  'affinity-renewed': {
    origin: on('virtualIps', 'Session stickiness timeout', 'session-stickiness-timeout'),
    ...{ topic, suite },
    says: 'timeoutSeconds is the longest time for which a client stays with its Pod.',
    verdict: 'corrected',
    hurts: 'judgement',
    truth: 'It is the longest time between two new connections. A client that keeps opening connections stays with its Pod.',
    why: "With every new connection the kernel starts the client's time again, as kube-proxy's rules tell it.",
    checks: ['lasts-while-it-is-used', 'ends-when-idle'],
    needs: ['known proxy', 'EndpointSlices by hand'],
    sources: [iptables, nftables],
    e2e: [
      {
        test: 'Services should have session affinity timeout work for service with type clusterIP',
        stricter: 'It shows only that affinity ends, after pauses of 130 s. Here it is also shown to outlast its time while it is used.',
      },
    ],
  },
  'affinity-through-churn': {
    origin: on('virtualIps', 'Session affinity', 'session-affinity'),
    ...{ topic, suite },
    says: 'With ClientIP affinity, a client stays with its Pod while other endpoints come and go.',
    verdict: 'holds',
    why: 'By the rules of kube-proxy the kernel keeps a list of clients for each endpoint. Other endpoints may come and go; the list is lost with its own endpoint only.',
    checks: ['kept-when-one-is-added', 'kept-when-another-goes', 'moves-when-its-own-goes', 'stays-when-it-returns'],
    needs: ['known proxy', 'EndpointSlices by hand'],
    sources: [iptables, nftables],
  },
  'affinity-client': {
    origin: on('serviceApi', 'ServiceSpec', 'ServiceSpec'),
    ...{ topic, suite },
    says: 'Affinity depends on the IP address of the client.',
    verdict: 'holds',
    why: 'The kernel looks at the source address where the connection begins, before kube-proxy lets it take another one. hostNetwork Pods have the address of their node.',
    checks: ['pods-differ', 'node-is-one-client'],
    needs: ['known proxy', 'EndpointSlices by hand', 'host network'],
    sources: [iptables, nftables],
    e2e: [
      {
        test: 'Networking Granular Checks: Services should function for client IP based session affinity: http',
        stricter:
          'It needs two nodes, and one client gets one Pod for 10 requests. Here two clients are told apart, and two others are not.',
      },
    ],
  },
  'affinity-hundred-clients': {
    origin: on('virtualIps', 'Session affinity', 'session-affinity'),
    ...{ topic, suite },
    says: 'With ClientIP affinity, the connections of a client reach the same Pod each time.',
    verdict: 'corrected',
    hurts: 'traffic',
    truth:
      'In iptables mode each endpoint remembers its last 100 clients on a node, and forgets the oldest when another one comes. In nftables mode none of a few hundred is forgotten.',
    why: "In iptables mode kube-proxy keeps clients in lists of the kernel's module xt_recent, which by default have 100 places. In nftables mode it keeps them in sets, which have far more.",
    checks: ['eighty-are-remembered', 'the-oldest-are-forgotten'],
    needs: ['known proxy', 'EndpointSlices by hand', 'host network', 'node shell', 'IPv4'],
    byMode: { 'the-oldest-are-forgotten': { iptables: 'some clients get another Pod', nftables: 'each client keeps its Pod' } },
    sources: [iptables, nftables, 'https://github.com/torvalds/linux/blob/v6.12/net/netfilter/xt_recent.c'],
  },
} as const satisfies Record<string, Claim>;
