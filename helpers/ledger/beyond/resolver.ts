import type { Claim } from '../row.ts';
import { on } from './pages.ts';

const topic = 'Resolvers';
const suite = 'beyond/resolver';
const coreDns = 'https://github.com/coredns/coredns/blob/v1.14.3';

/** Claims of this topic. Ids are never changed; verdicts are what a person found to be true. */
export const resolver = {
  'failed-lookups-remembered': {
    origin: on('statefulSets', 'Stable Network ID', 'stable-network-id'),
    ...{ topic, suite },
    says: 'DNS may cache that a name does not exist, even after it does. CoreDNS does so for 30 seconds by default.',
    verdict: 'corrected',
    hurts: 'judgement',
    truth:
      'It depends on the Corefile. Where CoreDNS caches answers of the zone, as in k3s, a name that was asked for too early stays unknown for the TTL of the zone. That is the option ttl of the plugin kubernetes: 5 seconds where the Corefile has none. The 30 seconds of the cache are only an upper limit.',
    why: 'Where its cache is not disabled for the zone, CoreDNS keeps the answer "no such name" for the TTL in the SOA record that comes with it. Its cache shortens longer TTLs, and lengthens none of 5 seconds or more.',
    checks: ['zone-says-how-long', 'asked-too-early-stays-unknown', 'known-after-that-time', 'ttl-of-answers'],
    needs: ['DNS', 'node shell'],
    cited: [
      {
        says: 'kubeadm disables the cache for the zone, so that CoreDNS remembers no such answer there.',
        source: 'https://github.com/kubernetes/kubernetes/blob/v1.36.3/cmd/kubeadm/app/phases/addons/dns/manifests.go',
      },
    ],
    sources: [
      'https://coredns.io/plugins/kubernetes/',
      'https://coredns.io/plugins/cache/',
      `${coreDns}/plugin/cache/cache.go`,
      `${coreDns}/plugin/backend_lookup.go`,
    ],
  },
  'search-list-costs': {
    origin: on('podDns', 'Namespaces of Services', 'namespaces-of-services'),
    ...{ topic, suite },
    says: 'Names are completed by the search list in /etc/resolv.conf of the Pod, with ndots:5. So a name with fewer than five dots is tried with each of its domains first.',
    verdict: 'holds',
    why: 'The kubelet writes that file for each Pod. A full name of a Service has four dots, so the resolver asks for several names that do not exist before it, unless the name ends with a dot.',
    checks: ['written-by-the-kubelet', 'also-with-host-net', 'names-asked', 'datagrams-sent'],
    needs: ['DNS', 'host network'],
    sources: ['https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/kubelet/network/dns/dns.go'],
  },
  'big-answers-need-tcp': {
    origin: on('dnsDebugging', 'Known issues', 'known-issues'),
    ...{ topic, suite },
    says: 'Answers of more than 512 bytes do not fit into UDP. Programs whose C library does not ask again over TCP, such as old versions of musl, cannot look up such names.',
    verdict: 'holds',
    why: 'CoreDNS cuts an answer over UDP to 512 bytes, unless the query allows more, and marks it as cut. The resolver must then ask again over TCP.',
    checks: ['cut-over-udp', 'whole-over-tcp', 'cluster-ip-is-never-cut'],
    needs: ['DNS', 'EndpointSlices by hand'],
    sources: [`${coreDns}/request/request.go`, 'https://www.rfc-editor.org/rfc/rfc1035#section-4.2.1'],
    cited: [
      {
        says: 'musl asks again over TCP from version 1.2.4 on.',
        source: 'https://biriukov.dev/docs/resolver-dual-stack-application/5-getaddrinfo-from-musl-libc/',
      },
    ],
  },
} as const satisfies Record<string, Claim>;
