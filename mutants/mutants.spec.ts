import { expect, test } from '@jest/globals';
import { claims } from '../suites/claims.ts';
import { loadMutants } from './load.ts';
import { unkillable } from './unkillable.ts';

const mutants = Object.values(await loadMutants());
const ids = Object.keys(claims);
const killed = new Set(mutants.flatMap(({ red }) => Object.keys(red)));
const spared = new Set(mutants.flatMap(({ green }) => [...green] as string[]));

test('every claim is turned red by a mutant, or there is a reason why not, never both', () => {
  const decided = ids.map((id) => [id, [killed.has(id), id in unkillable].filter(Boolean).length]);
  expect(decided.filter(([, times]) => times !== 1)).toEqual([]);
});

test('every claim that a mutant turns red stays green in another', () => {
  expect([...killed].filter((id) => !spared.has(id))).toEqual([]);
});

test('every mutant turns a claim red and leaves another green, and claims no one both', () => {
  for (const { red, green } of mutants) {
    expect(Object.keys(red).length).toBeGreaterThan(0);
    expect(green.length).toBeGreaterThan(0);
    expect(green.filter((id) => id in red)).toEqual([]);
  }
});
