import type { Claim } from '../row.ts';
import { on } from './pages.ts';

const topic = 'DNS records';
const suite = 'beyond/dns-records';
const coreDns = 'https://github.com/coredns/coredns/blob/v1.14.3/plugin';

/** Claims of this topic. Ids are never changed; verdicts are what a person found to be true. */
export const dnsRecords = {
  'external-name': {
    origin: on('service', 'type: ExternalName', 'externalname'),
    ...{ topic, suite },
    says: 'A Service of type ExternalName is an alias in DNS: clients get the target as a CNAME record. A target that looks like an IPv4 address is not resolved.',
    silent: true,
    verdict: 'corrected',
    hurts: 'traffic',
    truth:
      'Clients get another name, and nothing translates ports: the port that they use is that of the target, whatever ports the Service lists. A target in the cluster that does not exist gives an empty answer, not "no such name".',
    why: 'CoreDNS answers with the name of the target, and adds the addresses that it finds for it, in the cluster or outside; kube-proxy writes no rules for such a Service. CoreDNS makes no record of a target that reads as an IPv4 address.',
    checks: [
      'alias-is-a-cname',
      'port-of-the-target',
      'own-port-means-nothing',
      'missing-target-is-empty',
      'ipv4-like-is-no-name',
      'becomes-a-cluster-ip',
    ],
    endings: { 'own-port-means-nothing': { iptables: 'timed out', nftables: 'refused' } },
    needs: ['DNS', 'known proxy', 'contained packets', 'EndpointSlices by hand', 'ExternalName Services'],
    sources: [`${coreDns}/kubernetes/kubernetes.go`, `${coreDns}/backend_lookup.go`],
    e2e: [
      {
        test: 'DNS should provide DNS for ExternalName services',
        stricter:
          'It asks for the alias alone, and never connects. Here clients connect to a port of the target and to one that only the alias lists, and targets that do not exist are asked for.',
      },
      {
        test: 'Services should be able to change the type from ExternalName to ClusterIP',
        stricter: 'It does not look at the record. Here the name must change from an alias to the ClusterIP alone.',
      },
    ],
  },
  'empty-service-resolves': {
    origin: on('dnsSpecification', '2.3.1 - A/AAAA Record', '231---aaaaa-record'),
    ...{ topic, suite },
    says: 'A Service with a ClusterIP has a record with that address. Endpoints are no condition; only a headless Service without ready ones has no name.',
    verdict: 'holds',
    why: 'CoreDNS takes the address from the Service itself, so that the name resolves and kube-proxy rejects the connection, unless the Corefile has the option "ignore empty_service". Of a headless Service it has the addresses of endpoints only.',
    checks: ['resolves-without-endpoints', 'refused-by-name', 'headless-has-no-name', 'headless-with-an-endpoint-has'],
    needs: ['DNS', 'known proxy', 'EndpointSlices by hand'],
    sources: [`${coreDns}/kubernetes/kubernetes.go`],
  },
  'srv-records': {
    origin: on('podDns', 'SRV records', 'srv-records'),
    ...{ topic, suite },
    says: 'Each named port of a Service has an SRV record, and ports without a name have none.',
    verdict: 'corrected',
    hurts: 'nobody',
    truth:
      'An SRV record has the port of the Service and its name, and its address comes along. Asked for SRV records of the bare name of a Service, CoreDNS lists its ports, also one without a name.',
    why: 'CoreDNS compares the labels for port and protocol only where the query has them. Without them every port of the Service matches.',
    checks: ['named-port', 'other-port-or-protocol', 'bare-name-has-every-port', 'port-without-a-name'],
    needs: ['DNS'],
    sources: [
      `${coreDns}/kubernetes/kubernetes.go`,
      'https://github.com/kubernetes/dns/blob/master/docs/specification.md#232---srv-records',
    ],
    e2e: [
      {
        test: 'DNS should provide DNS for services',
        stricter:
          'It asks whether the answer is empty. Here port, target and address are compared, and other names of ports have no record.',
      },
    ],
  },
  'ptr-records': {
    origin: on('dnsSpecification', '2.4.3 - PTR Records', '243---ptr-records'),
    ...{ topic, suite },
    says: 'A ClusterIP has a PTR record with the name of its Service, and so have the ready endpoints of headless Services.',
    verdict: 'corrected',
    hurts: 'nobody',
    truth: 'Every ready endpoint has a reverse name, also behind a Service with a ClusterIP, and one more for each further Service.',
    why: 'Where the Corefile has the reverse zones, as in k3s and kubeadm, CoreDNS looks up the address first among ClusterIPs and then among the endpoints in all EndpointSlices. It does not ask whether their Service is headless.',
    checks: ['cluster-ip', 'one-for-each-service', 'not-ready-has-none', 'gone-with-its-service'],
    needs: ['DNS', 'EndpointSlices by hand'],
    sources: [`${coreDns}/kubernetes/reverse.go`],
    e2e: [
      {
        test: 'DNS should provide DNS for services',
        stricter:
          'It asks for the reverse name of a ClusterIP and whether the answer is empty. Here the names are compared, and those of endpoints are shown too.',
      },
    ],
  },
  'pod-names-made-up': {
    origin: on('podDns', 'A/AAAA records', 'a-aaaa-records-1'),
    ...{ topic, suite },
    says: 'A Pod with the address 192.0.2.1 has the name 192-0-2-1.<namespace>.pod.<zone>.',
    verdict: 'corrected',
    hurts: 'judgement',
    truth:
      'DNS reads that address off the name itself. There need be no such Pod, only the namespace. Names below a Service are of its ready endpoints only.',
    why: 'With the option "pods insecure", which k3s and kubeadm set, CoreDNS turns the first label into an address. It looks for the namespace, and not for a Pod.',
    checks: ['read-off-the-name', 'namespace-must-exist', 'endpoint-has-a-name', 'no-endpoint-has-none'],
    needs: ['DNS', 'EndpointSlices by hand'],
    sources: ['https://coredns.io/plugins/kubernetes/', `${coreDns}/kubernetes/kubernetes.go`],
  },
} as const satisfies Record<string, Claim>;
