import { expect, test } from '@jest/globals';
import { endings } from '../helpers/base/endings.ts';
import { ledger } from '../helpers/ledger/claims.ts';
import { loadMutants } from './load.ts';
import { breakageOn, mutantProfiles } from './mutant.ts';
import { unkillable } from './unkillable.ts';

const byName = Object.entries(await loadMutants());
const killed = new Set(byName.flatMap(([, { red }]) => Object.keys(red)));
// Each mutant on each cluster that it fits.
const onClusters = byName.flatMap(([name, mutant]) =>
  mutantProfiles.flatMap((profile) => {
    const breakage = breakageOn(profile, mutant);
    return 'unfit' in breakage ? [] : [[`${name} (${profile})`, breakage] as const];
  }),
);

test('every claim is turned red by a mutant, or there is a reason why not, never both', () => {
  const decided = Object.keys(ledger).map((id) => [id, [killed.has(id), id in unkillable].filter(Boolean).length]);
  expect(decided.filter(([, times]) => times !== 1)).toEqual([]);
});

test.each(onClusters)('%s turns a claim red and leaves another green, and no claim is both', (_, { red, green }) => {
  expect(Object.keys(red).length).toBeGreaterThan(0);
  expect(green.length).toBeGreaterThan(0);
  expect(green.filter((id) => id in red)).toEqual([]);
});

test.each(onClusters)('%s names claims of the ledger, of each red one a check that it has, and how that ends', (_, { red, green }) => {
  expect(green.filter((id) => ledger[id] === undefined)).toEqual([]);
  for (const [id, checks] of Object.entries<Readonly<Record<string, unknown>>>(red)) {
    expect(Object.keys(checks).length).toBeGreaterThan(0);
    expect(Object.keys(checks).filter((check) => ledger[id]?.checks.includes(check) !== true)).toEqual([]);
    for (const expected of Object.values(checks)) if (!(expected instanceof RegExp)) expect(endings).toContain(expected);
  }
});

test.each(onClusters)('%s expects no ending that shows a fault of the suite, and no pattern that every value matches', (_, { red }) => {
  for (const checks of Object.values<Readonly<Record<string, unknown>>>(red)) {
    for (const expected of Object.values(checks)) {
      expect(expected).not.toBe('broken');
      if (expected instanceof RegExp) for (const value of ['{}', '[]', '""', '{"ending":"answered"}']) expect(value).not.toMatch(expected);
    }
  }
});

test.each(byName)(
  '%s says what it is in nftables mode where it edits what kube-proxy writes in iptables mode',
  (_, { apply, profile, nftables }) => {
    if (profile === undefined && /\b(rewrite|unjump)\b|KUBE-/.test(apply)) expect(nftables).toBeDefined();
  },
);

test.each(byName)('%s is fit for a cluster, and breaks a second node only where there is one', (name, { node, profile, nftables }) => {
  expect(onClusters.map(([of]) => of.replace(/ .*/, ''))).toContain(name);
  if (node === 'agent') expect(profile).toBe('two-nodes');
  if (profile !== undefined) expect(nftables).toBeUndefined();
  if (typeof nftables === 'string') expect(nftables).toMatch(/^[A-Z].*\.$/);
});
