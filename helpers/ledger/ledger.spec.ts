import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import semver from 'semver';
import { root } from '../base/paths.ts';
import { ledger } from './claims.ts';

const rows = Object.entries(ledger);

test.each(rows)('%s has an id that fits into the names of its namespaces', (id) => {
  // The longest of them on a cluster that several runs share.
  expect(`clusterip-3ye99-10-${id}-elsewhere`).toMatch(/^[a-z][a-z0-9-]{0,62}$/);
});

test.each(rows)('%s has sources that are addresses', (_, { sources = [], origin }) => {
  const addresses = [...sources, ...(origin.address === undefined ? [] : [origin.address])];
  expect(addresses.filter((address) => new URL(address).protocol !== 'https:')).toEqual([]);
});

const actors =
  /\b(API server|kubelet|kube-proxy|kernel|(EndpointSlice|Endpoints) controller|garbage collector|CoreDNS|resolver|kubectl|curl|shell|nginx|ServiceLB|k3s)\b/;

test.each(rows)('%s has one or two sentences that say why, and they name who acts', (_, { why }) => {
  expect(why).toMatch(/^\S.*\.$/);
  expect(why.match(/[.?!]["`]?(?=\s|$)/g)?.length).toBeLessThanOrEqual(2);
  expect(why).toMatch(actors);
});

test.each(rows)('%s cites sentences that end, from addresses', (_, { cited = [] }) => {
  for (const { says, source } of cited) {
    expect(says).toMatch(/^\S.*\.$/);
    expect(new URL(source).protocol).toBe('https:');
  }
});

test.each(rows)('%s has something in place of what is printed, unless that is right', (_, { verdict, printed, instead }) => {
  expect(instead !== undefined).toBe(printed !== undefined && verdict !== 'holds');
  if (instead !== undefined) expect(instead).not.toEqual(printed);
});

// A shell takes them as redirections: the fault of the printed commands must not come back in the corrected ones.
test.each(rows)('%s has no angle brackets in the commands that work', (_, { instead }) => {
  if (instead?.kind === 'shell') expect(instead.text).not.toMatch(/[<>]/);
});

test.each(rows)('%s has each of its checks once', (_, { checks }) => {
  expect([...new Set(checks)]).toEqual(checks);
});

test.each(rows)(
  '%s expects something by proxy mode only of checks of its own, and of each once',
  (_, { checks, endings = {}, byMode = {} }) => {
    const named = [...Object.keys(endings), ...Object.keys(byMode)];
    expect(checks).toEqual(expect.arrayContaining(named));
    expect([...new Set(named)]).toEqual(named);
  },
);

test.each(rows)('%s needs each capability once, and a range of versions that can be read', (_, { needs = [], kubernetes = '*' }) => {
  expect([...new Set(needs)]).toEqual(needs);
  expect(semver.validRange(kubernetes)).not.toBeNull();
});

test.each(rows)('%s names a suite file that exists', (_, { suite }) => {
  expect(existsSync(join(root, `suites/${suite}.test.ts`))).toBe(true);
});

test('every suite file is named by a claim', () => {
  const folders = readdirSync(join(root, 'suites'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const files = folders.flatMap(({ name }) => readdirSync(join(root, 'suites', name)).map((file) => `${name}/${file}`));
  const suites = files.filter((file) => file.endsWith('.test.ts'));
  expect(suites.sort()).toEqual([...new Set(rows.map(([, { suite }]) => `${suite}.test.ts`))].sort());
});

test('the corrected Pod differs from the printed one in one line, which is the one that says meta', () => {
  const [printed = [], corrected = []] = ['chapter', 'corrected'].map((folder) =>
    readFileSync(join(root, `manifests/${folder}/pod-for-service.yaml`), 'utf8').split('\n'),
  );
  expect(corrected).toHaveLength(printed.length);
  expect(printed.filter((line, index) => line !== corrected[index])).toEqual(['meta']);
  expect(corrected.filter((line, index) => line !== printed[index])).toEqual(['metadata:']);
});
