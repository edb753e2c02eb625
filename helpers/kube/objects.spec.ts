import { expect, test } from '@jest/globals';
import type { Kube } from './api.ts';

// 90 s and 600 s are 90 and 600 ms here.
process.env.CONFORMANCE_TIMEOUT_MULTIPLIER = '0.001';
const { podsReady } = await import('./objects.ts');
const { timeouts } = await import('../base/timeouts.ts');

/** A cluster with a Pod that is not Ready until `ready` ms have gone by; its events have these reasons, the oldest first. */
function cluster(ready: number, ...reasons: readonly string[]): Kube {
  const began = Date.now();
  const pod = () => ({
    metadata: { name: 'web' },
    status: { phase: 'Pending', conditions: [{ type: 'Ready', status: Date.now() - began < ready ? 'False' : 'True' }] },
  });
  const event = (reason: string, index: number) => ({ reason, involvedObject: { name: 'web' }, lastTimestamp: new Date(1_000 * index) });
  const core = {
    listNamespacedPod: () => Promise.resolve({ items: [pod()] }),
    listNamespacedEvent: () => Promise.resolve({ items: reasons.map(event).reverse() }),
  };
  return { core } as unknown as Kube;
}

test('a Pod whose image is being pulled is waited for longer', async () => {
  const [pod] = await podsReady(cluster(timeouts.podsReady + timeouts.betweenObservations, 'Scheduled', 'Pulling'), 'n', ['web']);
  expect(pod?.metadata?.name).toBe('web');
});

test.each([[['Scheduled']], [['Pulling', 'Pulled']], [[]]])('a Pod with the events %j is not', async (reasons) => {
  const pods = podsReady(cluster(10_000, ...reasons), 'n', ['web']);
  await expect(pods).rejects.toThrow(`waited ${timeouts.podsReady} ms for Pods of n to be Ready; last seen: Pod web is Pending`);
});
