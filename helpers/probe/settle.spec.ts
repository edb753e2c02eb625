import { expect, test } from '@jest/globals';
import { beginEvidence, beginFact } from '../report/evidence.ts';
import type { Evidence } from '../report/format.ts';
import { NotSettled, settle } from './settle.ts';

/** A look that sees one thing after the other, and then the last one for ever. */
function seeing(...sights: string[]): { look: () => Promise<string>; seen: string[] } {
  const seen: string[] = [];
  const look = () => {
    const sight = sights[Math.min(seen.length, sights.length - 1)] ?? '';
    seen.push(sight);
    return Promise.resolve(sight);
  };
  return { look, seen };
}

const awaited = { waitingFor: 'an answer', accept: (sight: string) => sight === 'answered' };

test('three looks in a row settle it, and one that fails begins the row anew', async () => {
  const { look, seen } = seeing('answered', 'refused', 'answered');
  expect(await settle(look, awaited)).toBe('answered');
  expect(seen).toEqual(['answered', 'refused', 'answered', 'answered', 'answered']);
});

test('one look is enough where that is asked for', async () => {
  const { look, seen } = seeing('answered');
  await settle(look, { ...awaited, inARow: 1, within: 0 });
  expect(seen).toEqual(['answered']);
});

test('what does not come in time is not settled, and the message tells what was awaited and the last looks', async () => {
  const { look, seen } = seeing('a', 'b', 'c', 'd', 'e');
  const error = await settle(look, { ...awaited, within: 500 }).catch((thrown: unknown) => thrown as NotSettled);
  if (!(error instanceof NotSettled)) throw new Error('it settled');
  const last = seen.slice(-3).map((sight) => `\n  "${sight}"`);
  expect(error.message).toMatch(/^waited \d+ ms for an answer \(3 looks in a row\); /);
  expect(error.message).toContain(`the last of ${seen.length} looks:${last.join('')}`);
  expect(error.last).toBe(seen.at(-1));
});

test('without time there is one look', async () => {
  const { look, seen } = seeing('refused');
  await expect(settle(look, { ...awaited, within: 0 })).rejects.toThrow('the last of 1 looks:\n  "refused"');
  expect(seen).toHaveLength(1);
});

test.each([new Error('the shell in clients/dns has ended'), new TypeError('nothing to read')])(
  'what a look throws passes through at once: %s',
  async (thrown) => {
    let looks = 0;
    const look = () => {
      looks += 1;
      return Promise.reject<string>(thrown);
    };
    await expect(settle(look, awaited)).rejects.toBe(thrown);
    expect(looks).toBe(1);
  },
);

test('a look that expects answers itself and gets too few is a look like others', async () => {
  const { look } = seeing('answered');
  let looks = 0;
  const first = () => (++looks === 1 ? Promise.reject<string>(new NotSettled('got 2 of 3 answers', 'two')) : look());
  await expect(settle(first, { ...awaited, inARow: 1 })).resolves.toBe('answered');
  expect(looks).toBe(2);
});

test('every look is kept in the evidence, under the fact that is told', async () => {
  const looks: Evidence['looks'] = [];
  beginEvidence({ format: 1, claim: 'c', namespace: 'n', cluster: {}, startedAt: '', ms: 0, facts: [], looks, objects: {}, rules: {} });
  beginFact('answers');
  await settle(seeing('refused', 'answered').look, { ...awaited, inARow: 1 });
  expect(looks.map(({ fact, what, seen }) => [fact, what, seen])).toEqual([
    ['answers', 'an answer', 'refused'],
    ['answers', 'an answer', 'answered'],
  ]);
});
