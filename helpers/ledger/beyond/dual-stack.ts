import type { Claim } from '../row.ts';
import { on, source } from './pages.ts';

const topic = 'Dual stack';
const suite = 'beyond/dual-stack';
const allocation = `${source}/pkg/registry/core/service/storage/alloc.go`;
const create = '[Feature:IPv6DualStack] should create';
const granular = '[Feature:IPv6DualStack] Granular Checks: Services Secondary IP Family should function for';

/** Claims of this topic. Ids are never changed; verdicts are what a person found to be true. */
export const dualStack = {
  'headless-without-selector-is-dual': {
    origin: on('dualStack', 'Headless Services without selector', 'headless-services-without-selector'),
    ...{ topic, suite },
    says: 'A headless Service without a selector has the policy RequireDualStack, unless another one is set.',
    verdict: 'holds',
    why: 'The API server gives it no address, so it writes both families without asking which ones the cluster has. For a Service with a ClusterIP it needs a range of each family.',
    checks: ['dual-by-default', 'single-with-a-selector', 'with-a-cluster-ip'],
    needs: ['Service range'],
    sources: [allocation],
  },
  families: {
    origin: on('dualStack', 'Services', 'services'),
    ...{ topic, suite },
    says: 'A Service has the family of the first Service range, unless it asks for others: PreferDualStack and RequireDualStack give it both, and ipFamilies sets their order. Its clusterIP is of the first.',
    verdict: 'holds',
    why: 'The API server fills in the policy and the families when a Service is created, and takes an address from the range of each family, in their order.',
    checks: ['first-range-by-default', 'both-by-policy', 'one-chosen', 'order-chosen'],
    needs: ['Service range', 'dual stack'],
    sources: [allocation],
    e2e: [
      {
        test: `${create} a single stack service with cluster ip from primary service range`,
        stricter: 'It is the same.',
      },
      {
        test: `${create} service with ipv4 cluster ip`,
        stricter: 'It compares the families only. Here the family of the address is compared too.',
      },
      {
        test: `${create} service with ipv6 cluster ip`,
        stricter: 'It compares the families only. Here the family of the address is compared too.',
      },
      { test: `${create} service with ipv4,v6 cluster ip`, stricter: 'Here the same order comes from the policy alone, too.' },
      { test: `${create} service with ipv6,v4 cluster ip`, stricter: 'Here clusterIP must be the first of the two addresses, too.' },
    ],
  },
  'both-families-answer': {
    origin: on('dualStack', 'Supported Features', 'supported-features'),
    ...{ topic, suite },
    says: 'Both addresses of a dual-stack Service lead to its Pods, and its name has a record of each family.',
    verdict: 'holds',
    why: 'The EndpointSlice controller writes slices for each family, and kube-proxy has rules of each, so that clients of a family without endpoints are refused by themselves. CoreDNS takes the records from the two ClusterIPs.',
    checks: [
      'both-addresses',
      'both-with-udp',
      'from-the-node',
      'from-its-own-pod',
      'a-record-of-each',
      'slices-of-each',
      'each-on-its-own',
      'none-without-endpoints',
    ],
    needs: ['dual stack', 'known proxy', 'host network', 'DNS', 'EndpointSlices by hand'],
    sources: [
      `${source}/pkg/proxy/metaproxier/meta_proxier.go`,
      'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#a-aaaa-records',
    ],
    e2e: [
      {
        test: `${granular} endpoint-Service: http`,
        stricter: 'It has several Pods, and wants an answer of each. Here the Pod is the only one, so that it must answer itself.',
      },
      {
        test: `${granular} endpoint-Service: udp`,
        stricter: 'It has several Pods, and wants an answer of each. Here the Pod is the only one, so that it must answer itself.',
      },
    ],
  },
  'second-family-comes-and-goes': {
    origin: on(
      'dualStack',
      'Switching Services between single-stack and dual-stack',
      'switching-services-between-single-stack-and-dual-stack',
    ),
    ...{ topic, suite },
    says: 'A change of its policy gives a Service the second family or takes it away. The first address stays.',
    verdict: 'holds',
    why: 'The API server adds an address of the missing family, and releases the second one where the policy becomes SingleStack. It refuses any other change of addresses and families.',
    checks: ['second-added', 'removal-needs-the-policy', 'first-never-changes', 'second-released'],
    needs: ['dual stack', 'known proxy', 'EndpointSlices by hand'],
    sources: [allocation],
  },
} as const satisfies Record<string, Claim>;
