import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

// Time passes only where something sleeps: node's own promise of a timer is not among those that Jest fakes.
let now = 0;
let calls: number;
beforeEach(() => {
  calls = 0;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
});
afterEach(() => {
  jest.restoreAllMocks();
});
jest.unstable_mockModule('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    now += ms;
    return Promise.resolve();
  },
}));
const { waitFor } = await import('./wait-for.ts');

/** Sees nothing until the given observation, and then a Pod. */
const seenAt = (last: number) => () => Promise.resolve(++calls < last ? { seen: `nothing ${calls}` } : { done: 'the Pod' });

test('what is there already is returned without a pause', async () => {
  const began = now;
  expect(await waitFor('a Pod', 0, seenAt(1))).toBe('the Pod');
  expect([calls, now - began]).toEqual([1, 0]);
});

test('an undefined result is a result', async () => {
  const observe = () => {
    calls += 1;
    return Promise.resolve<{ done: unknown }>({ done: undefined });
  };
  expect(await waitFor('nothing', 1000, observe)).toBeUndefined();
  expect(calls).toBe(1);
});

test('it observes again until the result is there', async () => {
  expect(await waitFor('a Pod', 10_000, seenAt(4))).toBe('the Pod');
  expect(calls).toBe(4);
});

test('after the limit the error names what was awaited, for how long, and what was seen last', async () => {
  const began = now;
  await expect(waitFor('a Pod', 1000, seenAt(1000))).rejects.toThrow(`waited 1000 ms for a Pod; last seen: nothing`);
  expect(now - began).toBeGreaterThan(1000);
  expect(now - began).toBeLessThan(1500);
});

test('an observation that ends after the limit counts, so that a slow machine does not miss what is there', async () => {
  const slow = () => {
    now += 5000;
    return Promise.resolve({ done: 'the Pod' });
  };
  expect(await waitFor('a Pod', 1000, slow)).toBe('the Pod');
});

test('what an observation throws passes through at once', async () => {
  const error = new Error('no API server answers');
  const observe = () => {
    calls += 1;
    return Promise.reject<{ seen: string }>(error);
  };
  await expect(waitFor('a Pod', 1000, observe)).rejects.toBe(error);
  expect(calls).toBe(1);
});
