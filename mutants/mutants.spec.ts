import { expect, test } from '@jest/globals';
import { endings } from '../helpers/base/endings.ts';
import { ledger } from '../helpers/ledger/claims.ts';
import { loadMutants } from './load.ts';
import { unkillable } from './unkillable.ts';

const byName = Object.entries(await loadMutants());
const mutants = byName.map(([, mutant]) => mutant);
const killed = new Set(mutants.flatMap(({ red }) => Object.keys(red)));

test('every claim is turned red by a mutant, or there is a reason why not, never both', () => {
  const decided = Object.keys(ledger).map((id) => [id, [killed.has(id), id in unkillable].filter(Boolean).length]);
  expect(decided.filter(([, times]) => times !== 1)).toEqual([]);
});

test.each(byName)('%s turns a claim red and leaves another green, and no claim is both', (_, { red, green }) => {
  expect(Object.keys(red).length).toBeGreaterThan(0);
  expect(green.length).toBeGreaterThan(0);
  expect(green.filter((id) => id in red)).toEqual([]);
});

test.each(byName)('%s names claims of the ledger, of each red one a check that it has, and how that ends', (_, { red, green }) => {
  expect(green.filter((id) => ledger[id] === undefined)).toEqual([]);
  for (const [id, checks] of Object.entries<Readonly<Record<string, unknown>>>(red)) {
    expect(Object.keys(checks).length).toBeGreaterThan(0);
    expect(Object.keys(checks).filter((check) => ledger[id]?.checks.includes(check) !== true)).toEqual([]);
    for (const expected of Object.values(checks)) if (!(expected instanceof RegExp)) expect(endings).toContain(expected);
  }
});

test.each(byName)('%s expects no ending that shows a fault of the suite, and no pattern that every value matches', (_, { red }) => {
  for (const checks of Object.values<Readonly<Record<string, unknown>>>(red)) {
    for (const expected of Object.values(checks)) {
      expect(expected).not.toBe('broken');
      if (expected instanceof RegExp) for (const value of ['{}', '[]', '""', '{"ending":"answered"}']) expect(value).not.toMatch(expected);
    }
  }
});
