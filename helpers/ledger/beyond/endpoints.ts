import type { Claim } from '../row.ts';
import { on } from './pages.ts';

const topic = 'Endpoints and rollouts';
const suite = 'beyond/endpoints';

/** Claims of this topic. Ids are never changed; verdicts are what a person found to be true. */
export const endpoints = {
  'slices-by-hand': {
    origin: on('service', 'Services without selectors', 'services-without-selectors'),
    ...{ topic, suite },
    says: 'A Service without a selector gets no EndpointSlices. You add one with the label kubernetes.io/service-name, and with the name of the port.',
    verdict: 'holds',
    why: 'kube-proxy joins a Service and an EndpointSlice by that label, and their ports by name and protocol. Where one of them differs, it knows no endpoint and rejects connections.',
    checks: ['right-slice-answers', 'no-slice', 'other-port-name', 'other-protocol', 'no-label', 'no-port-name'],
    needs: ['known proxy', 'EndpointSlices by hand'],
    sources: ['https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/proxy/endpointslicecache.go'],
    e2e: [
      {
        test: 'EndpointSlice should support a Service with multiple ports specified in multiple EndpointSlices',
        stricter:
          'It connects only where the slices fit. Here each slice that does not fit is shown too, one thing away from the one that does.',
      },
    ],
  },
} as const satisfies Record<string, Claim>;
