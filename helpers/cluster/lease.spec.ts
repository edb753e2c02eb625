import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { V1Lease } from '@kubernetes/client-node';
import type { Kube } from '../kube/api.ts';
import { holdLease, readLease, serverTime } from './lease.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const sent = (body: V1Lease) => JSON.parse(JSON.stringify(body)) as V1Lease;

/** Returns an API server with one Lease, whose clock is `ahead` ms ahead. It fails while `away` returns true. */
function fakeServer({ ahead = 0, away = () => false }: { ahead?: number; away?: () => boolean } = {}) {
  const leases = new Map<string, V1Lease>();
  const answer = <T>(value: () => T) => (away() ? Promise.reject(new Error('ECONNREFUSED')) : Promise.resolve(value()));
  const kube = {
    version: { getCodeWithHttpInfo: () => answer(() => ({ headers: { date: new Date(Date.now() + ahead).toUTCString() } })) },
    coordination: {
      createNamespacedLease: ({ namespace, body }: { namespace: string; body: V1Lease }) => answer(() => leases.set(namespace, sent(body))),
      patchNamespacedLease: ({ namespace, body }: { namespace: string; body: V1Lease }) =>
        answer(() => {
          const lease = leases.get(namespace);
          leases.set(namespace, Object.assign({}, lease, { spec: Object.assign({}, lease?.spec, sent(body).spec) }));
        }),
      readNamespacedLease: ({ namespace }: { namespace: string }) => {
        const lease = leases.get(namespace);
        return lease === undefined ? Promise.reject(Object.assign(new Error(), { code: 404, body: '{}' })) : answer(() => lease);
      },
    },
  } as unknown as Kube;
  return kube;
}

const expires = async (kube: Kube) => ((await readLease(kube, 'ns'))?.expires ?? 0) - (await serverTime(kube));

test('a Lease names its holder, and is renewed by the clock of the API server until it is given up', async () => {
  const kube = fakeServer({ ahead: 3 * 60 * 60_000 });
  expect(await readLease(kube, 'ns')).toBeUndefined();
  const stop = await holdLease(kube, 'ns', 'me');
  expect((await readLease(kube, 'ns'))?.holder).toBe('me');
  await jest.advanceTimersByTimeAsync(10 * 60_000);
  expect(await expires(kube)).toBeGreaterThanOrEqual(50_000);
  expect(await expires(kube)).toBeLessThanOrEqual(60_000);
  stop();
  await jest.advanceTimersByTimeAsync(61_000);
  expect(await expires(kube)).toBeLessThan(0);
});

test('a Lease that cannot be renewed expires, and is renewed again as soon as the API server answers', async () => {
  let away = false;
  const kube = fakeServer({ away: () => away });
  const stop = await holdLease(kube, 'ns', 'me');
  away = true;
  await jest.advanceTimersByTimeAsync(5 * 60_000);
  away = false;
  expect(await expires(kube)).toBeLessThan(0);
  await jest.advanceTimersByTimeAsync(11_000);
  expect(await expires(kube)).toBeGreaterThan(45_000);
  stop();
});

test('an API server that gives no time is named as the cause', async () => {
  const kube = { version: { getCodeWithHttpInfo: () => Promise.resolve({ headers: {} }) } } as unknown as Kube;
  await expect(serverTime(kube)).rejects.toThrow('answers without a Date header');
});
