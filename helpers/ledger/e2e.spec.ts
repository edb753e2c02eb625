import { expect, test } from '@jest/globals';
import { ledger } from './claims.ts';
import { e2eTests } from './e2e.ts';

const cited = Object.entries(ledger).flatMap(([id, { e2e = [] }]) => e2e.map(({ test: name }) => ({ id, name })));
const claimsOf = (name: string) => cited.filter((one) => one.name === name).map(({ id }) => id);

test('the list has each test once', () => {
  const names = e2eTests.map(({ test: name }) => name);
  expect([...new Set(names)]).toEqual(names);
});

test.each(cited)('$id cites a test that is in the list of helpers/ledger/e2e.ts: $name', ({ name }) => {
  const words = (text: string) => new Set(text.toLowerCase().split(/[^a-z0-9]+/));
  const wanted = words(name);
  const alike = (other: string) => [...words(other)].filter((word) => wanted.has(word)).length;
  const nearest = e2eTests.map(({ test: other }) => other).sort((one, other) => alike(other) - alike(one));
  expect(nearest.includes(name) ? name : `${name}. The nearest in the list: ${nearest.slice(0, 3).join(' | ')}`).toBe(name);
});

test.each(Object.entries(ledger))('%s cites each test once, and says how its checks are stricter', (_, { e2e = [] }) => {
  expect([...new Set(e2e.map(({ test: name }) => name))]).toHaveLength(e2e.length);
  for (const { stricter } of e2e) expect(stricter).toMatch(/^\S.*\.$/);
});

test.each(e2eTests)('a claim covers this test, or the list says why none does: $test', ({ test: name, outOfScope }) => {
  if (outOfScope === undefined) expect(claimsOf(name)).not.toEqual([]);
  else expect(outOfScope).toMatch(/^\S.*[^.]\.$/);
});

test.each(e2eTests)('a test that a claim covers has no reason why none does: $test', ({ test: name, outOfScope }) => {
  if (outOfScope !== undefined) expect(claimsOf(name)).toEqual([]);
});
