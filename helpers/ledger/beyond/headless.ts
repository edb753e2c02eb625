import type { Claim } from '../row.ts';
import { on, source } from './pages.ts';

const topic = 'Headless Services';
const suite = 'beyond/headless';
const coreDns = 'https://github.com/coredns/coredns/blob/v1.14.3/plugin';

/** Claims of this topic. Ids are never changed; verdicts are what a person found to be true. */
export const headless = {
  'one-record-per-ready-pod': {
    origin: on('dnsSpecification', '2.4.1 - A/AAAA Records', '241---aaaaa-records'),
    ...{ topic, suite },
    says: 'The name of a headless Service has one address record for each ready endpoint, and without any ready endpoint there is no such name.',
    verdict: 'holds',
    why: 'The API server gives such a Service no address, and kube-proxy ignores it. CoreDNS answers with the addresses of the ready endpoints in its EndpointSlices, and where the Corefile does not disable that, caches each answer for its TTL.',
    checks: ['no-address-of-its-own', 'ready-ones-alone', 'none-ready-is-no-name', 'gone-when-not-ready'],
    needs: ['DNS', 'EndpointSlices by hand'],
    sources: [`${coreDns}/kubernetes/kubernetes.go`],
    e2e: [
      {
        test: 'DNS should provide DNS for services',
        stricter:
          'It asks whether the answer is empty. Here the addresses are compared, and one that is not ready, or no longer, has no record.',
      },
    ],
  },
  'headless-target-port': {
    origin: on('serviceApi', 'ServicePort', 'ServicePort'),
    ...{ topic, suite },
    says: 'The targetPort of a port has no effect on a headless Service. It is to be the same as the port.',
    verdict: 'refuted',
    hurts: 'traffic',
    truth:
      'EndpointSlices and SRV records of a headless Service have the targetPort. The port has no effect: a client that uses it with the name of the Service is refused by the Pod, unless both are the same.',
    why: 'The EndpointSlice controller writes the targetPort into slices, as for any Service, and CoreDNS copies it to SRV records. The name leads to the Pod itself, so that no rule of kube-proxy translates ports.',
    checks: ['slice-has-target-port', 'srv-has-target-port', 'target-port-answers', 'service-port-is-refused', 'cluster-ip-twin'],
    needs: ['DNS'],
    sources: [
      'https://github.com/kubernetes/endpointslice/blob/v0.36.3/utils.go',
      `${coreDns}/kubernetes/kubernetes.go`,
      'https://kubernetes.io/docs/concepts/services-networking/service/#headless-services',
    ],
    e2e: [
      {
        test: 'DNS should provide DNS for services',
        stricter: 'It asks whether there is an SRV record. Here its port is compared with that of a Service that has a ClusterIP.',
      },
    ],
  },
  'pod-hostnames': {
    origin: on('podDns', "Pod's hostname and subdomain fields", 'pod-hostname-and-subdomain-field'),
    ...{ topic, suite },
    says: 'A Pod with a hostname and a subdomain has a name in DNS if there is a headless Service with the name of that subdomain.',
    verdict: 'corrected',
    hurts: 'judgement',
    truth:
      'That Service need not be headless: one with a ClusterIP gives the Pod the same name. It must select the Pod, and its name must be the subdomain.',
    why: 'The EndpointSlice controller writes the hostname into an endpoint if the subdomain is the name of the Service. CoreDNS answers for endpoints of every Service, by their hostname or else by their address with hyphens, unless the Corefile has the option endpoint_pod_names.',
    checks: ['by-cluster-ip-service', 'by-headless-service', 'not-by-another-service', 'not-by-the-pod-name', 'by-address-elsewhere'],
    needs: ['DNS'],
    sources: ['https://github.com/kubernetes/endpointslice/blob/v0.36.3/util/controller_utils.go', `${coreDns}/kubernetes/kubernetes.go`],
    e2e: [
      {
        test: 'DNS should provide DNS for pods for Hostname',
        stricter: 'It knows a headless Service only. Here one with a ClusterIP gives the name too, and a Service of another name does not.',
      },
      {
        test: 'DNS should provide DNS for pods for Subdomain',
        stricter: 'It asks whether there is an answer. Here it must be the address of the Pod, and the name of the Pod itself has none.',
      },
    ],
  },
  'statefulset-names': {
    origin: on('statefulSets', 'Stable Network ID', 'stable-network-id'),
    ...{ topic, suite },
    says: 'Each Pod of a StatefulSet has its own name below the governing Service, and a Pod that takes its place has the same name.',
    verdict: 'holds',
    why: 'The StatefulSet controller makes the name of the Pod its hostname, and serviceName its subdomain. So the EndpointSlice controller and CoreDNS give the name to whichever Pod has it now.',
    checks: ['each-its-own', 'srv-has-the-names', 'replaced-pod-same-name', 'the-other-unchanged'],
    needs: ['DNS', 'StatefulSets'],
    sources: [`${source}/pkg/controller/statefulset/stateful_set_utils.go`],
  },
  'answers-shuffled': {
    origin: on('podDns', 'A/AAAA records', 'a-aaaa-records'),
    ...{ topic, suite },
    says: 'Clients of a headless Service use all of its addresses, or take them in turn as in round-robin.',
    verdict: 'corrected',
    hurts: 'judgement',
    truth:
      'Nothing makes clients take turns. The name server sends all addresses in a random order with each answer, so that the first one is a random one.',
    why: 'The plugin loadbalance of CoreDNS, which k3s and kubeadm configure, shuffles the records of each answer, also of one from the cache. It does not remember which address came first before.',
    checks: ['all-in-each-answer', 'each-comes-first', 'not-in-turn'],
    needs: ['DNS', 'EndpointSlices by hand'],
    sources: ['https://coredns.io/plugins/loadbalance/', `${coreDns}/loadbalance/loadbalance.go`],
  },
} as const satisfies Record<string, Claim>;
