import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { timeouts } from '../base/timeouts.ts';
import type { Evidence } from '../evidence/format.ts';
import { recordingFor } from '../evidence/recorder.ts';
import { type Awaited, NotSettled, settle } from './settle.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** Returns an `observe` that returns one result after the other, and then the last one for ever. */
function seeing(...results: string[]): { observe: () => Promise<string>; seen: string[] } {
  const seen: string[] = [];
  const observe = () => {
    const result = results[Math.min(seen.length, results.length - 1)] ?? '';
    seen.push(result);
    return Promise.resolve(result);
  };
  return { observe, seen };
}

const answer = { waitingFor: 'an answer', accept: (seen: string) => seen === 'answered' };

/** Lets time pass until it has settled or not. Returns the result or the error. */
async function settled(observe: () => Promise<string>, awaited: Awaited<string>): Promise<unknown> {
  const result = settle(observe, awaited).catch((error: unknown) => error);
  await jest.runAllTimersAsync();
  return result;
}

test('three observations in a row settle it, and one that is not accepted begins the row anew', async () => {
  const { observe, seen } = seeing('answered', 'answered', 'refused', 'answered');
  expect(await settled(observe, answer)).toBe('answered');
  expect(seen).toEqual(['answered', 'answered', 'refused', 'answered', 'answered', 'answered']);
});

test('one observation is enough where the caller wants no more', async () => {
  const { observe, seen } = seeing('answered');
  expect(await settled(observe, { ...answer, inARow: 1, within: 0 })).toBe('answered');
  expect(seen).toEqual(['answered']);
});

test('the result is the last observation of the row', async () => {
  const { observe } = seeing('answered by a', 'answered by b');
  expect(await settled(observe, { ...answer, accept: (seen) => seen.startsWith('answered'), inARow: 2 })).toBe('answered by b');
});

test('a row must last as long as the caller wants, and what is lost meanwhile begins it anew', async () => {
  const began = Date.now();
  const { observe, seen } = seeing('answered', 'answered', 'answered', 'refused', 'answered');
  expect(await settled(observe, { ...answer, forMs: 5_000 })).toBe('answered');
  expect(Date.now() - began).toBeGreaterThanOrEqual(5_000);
  expect(seen.length).toBeGreaterThan(4 + 5_000 / timeouts.betweenObservations);
});

test('what comes again and again for a moment is not settled', async () => {
  const { observe } = seeing(...Array.from({ length: 300 }, (_, index) => (index % 10 === 9 ? 'refused' : 'answered')));
  const error = await settled(observe, { ...answer, forMs: 5_000 });
  expect(error).toEqual(expect.objectContaining({ message: expect.stringContaining('for an answer (3 in a row, for 5000 ms)') }));
});

test('a row that begins just before the deadline has its own time, and no more', async () => {
  const late = (after: string) => seeing('refused', 'refused', 'answered', ...Array.from({ length: 10 }, () => 'answered'), after).observe;
  expect(await settled(late('answered'), { ...answer, forMs: 5_000, within: 500 })).toBe('answered');
  expect(await settled(late('refused'), { ...answer, forMs: 5_000, within: 500 })).toBeInstanceOf(NotSettled);
});

test('what does not come in time is not settled, and the message names what was awaited and the last observations', async () => {
  const { observe, seen } = seeing('a', 'b', 'c', 'd', 'e');
  const error = await settled(observe, { ...answer, within: 500 });
  if (!(error instanceof NotSettled)) throw new Error('it settled');
  expect(seen.length).toBeGreaterThanOrEqual(3);
  const last = seen.slice(-3).map((result) => `\n  "${result}"`);
  expect(error.message).toMatch(/^waited \d+ ms for an answer \(3 in a row\); /);
  expect(error.message).toContain(`the last of ${seen.length} observations:${last.join('')}`);
  expect(error.seen).toBe(seen.at(-1));
});

test('without time there is one observation', async () => {
  const { observe, seen } = seeing('refused');
  const error = await settled(observe, { ...answer, within: 0 });
  expect(error).toEqual(expect.objectContaining({ message: expect.stringContaining('the last of 1 observations:\n  "refused"') }));
  expect(seen).toHaveLength(1);
});

test.each([new Error('the shell in clients/dns has ended'), new TypeError('nothing to read')])(
  'what an observation throws passes through at once: %s',
  async (thrown) => {
    let calls = 0;
    const observe = () => {
      calls += 1;
      return Promise.reject<string>(thrown);
    };
    expect(await settled(observe, answer)).toBe(thrown);
    expect(calls).toBe(1);
  },
);

test('an observation that expects answers itself and gets too few begins the row anew', async () => {
  const { observe, seen } = seeing('answered');
  let calls = 0;
  const secondFails = () => (++calls === 2 ? Promise.reject<string>(new NotSettled('got 2 of 3 answers', 'two')) : observe());
  expect(await settled(secondFails, { ...answer, inARow: 2 })).toBe('answered');
  expect([calls, seen.length]).toEqual([4, 3]);
});

test('every observation is kept in the evidence, under the check that makes it, with whether it was the awaited one', async () => {
  const evidence: Evidence = {
    ...{ format: 2, claim: 'c', namespace: 'n', cluster: {}, startedAt: new Date().toISOString(), ms: 0 },
    ...{ checks: [], observations: [], objects: {}, rules: {} },
  };
  const results = [new NotSettled('got 2 of 3 answers', 'two'), 'refused', 'answered'];
  const observe = () => {
    const result = results.shift();
    return typeof result === 'string' ? Promise.resolve(result) : Promise.reject<string>(result ?? new Error('one observation too many'));
  };
  await recordingFor(evidence, 'answers', () => settled(observe, { ...answer, inARow: 1 }));
  expect(evidence.observations.map(({ check, what, seen, accepted, inARow }) => [check, what, seen, accepted, inARow])).toEqual([
    ['answers', 'an answer', 'got 2 of 3 answers', false, 1],
    ['answers', 'an answer', 'refused', false, 1],
    ['answers', 'an answer', 'answered', true, 1],
  ]);
});
