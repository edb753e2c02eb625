import type { Claim } from '../row.ts';
import { on, source } from './pages.ts';

const topic = 'Time';
const suite = 'beyond/timing';

/** Claims of this topic. Ids are never changed; verdicts are what a person found to be true. */
export const timing = {
  'within-a-second': {
    origin: on('virtualIps', 'minSyncPeriod', 'minsyncperiod'),
    ...{ topic, suite },
    says: 'kube-proxy waits at least minSyncPeriod between two changes of its rules, by default 1 s, so a change waits for up to that time.',
    verdict: 'holds',
    why: 'After each change of the rules in the kernel, kube-proxy waits for minSyncPeriod before the next, and then writes all that has changed meanwhile. A change after a pause is written at once.',
    checks: ['at-once-after-a-pause', 'soon-after-another', 'many-changes-together'],
    needs: ['known proxy', 'EndpointSlices by hand', 'host network'],
    alone: true,
    sources: [`${source}/pkg/proxy/runner/bounded_frequency_runner.go`],
    e2e: [
      {
        test: 'Service endpoints latency should not be very high',
        stricter: 'It measures until the Endpoints object changes, and accepts 50 s. Here a client must be answered by the new endpoint.',
      },
    ],
  },
} as const satisfies Record<string, Claim>;
