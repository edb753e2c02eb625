import { expect, jest, test } from '@jest/globals';
import { adoptedDescription, exampleDescription } from '../cluster/example.ts';
import type { ClusterDescription } from '../cluster/description.ts';
import { unmet } from '../ledger/capabilities.ts';
import { ledger } from '../ledger/claims.ts';
import { titleOf } from '../ledger/row.ts';
import { fakeJest, fakeKube, fakeContext, type RegisteredTest } from '../testbed/fakes.ts';
import { openTestbed } from '../testbed/open-testbed.ts';

// Loads the suites without a cluster. That a claim has the checks of its row and stands in the suite file that its row names, claim() checks itself.

const all = Object.keys(ledger);

/** Loads the suites for a cluster and the given claims, and returns the tests that they register. */
async function load(cluster: Partial<ClusterDescription> = {}, wanted: readonly string[] = all): Promise<readonly RegisteredTest[]> {
  const { kube, calls } = fakeKube();
  const file = fakeJest();
  globalThis.openTestbed = () => openTestbed(file, fakeContext(kube, cluster, { wanted }), { owner: 'owner', stopEarly: false });
  // The suites and testbed.ts are evaluated anew.
  jest.resetModules();
  await import('../../suites/claims.test.ts');
  // Claims that the cluster cannot show are loaded too.
  expect(calls).toEqual([]);
  return file.tests;
}

const titlesOf = (tests: readonly RegisteredTest[]) => tests.map(({ block, title }) => `${block} ${title}`).sort();

test('every claim of the ledger is registered once, in its suite file, with a test for each of its checks, and no other claim is', async () => {
  const tests = await load();
  const blocks = Object.entries(ledger).flatMap(([id, row]) => row.checks.map(() => titleOf(id, row)));
  expect(tests.map(({ block }) => block).sort()).toEqual(blocks.sort());
  // What no single cluster has, such as several kinds of nodes, is skipped on the example.
  const lacking = Object.entries(ledger).filter(([, row]) => unmet(row, exampleDescription) !== undefined);
  const skipped = tests.filter((it) => it.skipped).map(({ block }) => block);
  expect([...new Set(skipped)].sort()).toEqual(lacking.map(([id, row]) => titleOf(id, row)).sort());
  expect(lacking.length).toBeLessThan(all.length / 4);
});

test.each<[string, Partial<ClusterDescription>]>([
  ['in another proxy mode', { proxyMode: 'nftables' }],
  ['with other ranges and another domain', { serviceRanges: ['10.96.0.0/16', 'fd00:96::/112'], domain: 'example.test', run: 'b52xs' }],
  ['that reports little', { ...adoptedDescription, proxyMode: 'unknown', nodePortRange: 'unknown', serviceRanges: [], podRanges: [] }],
])('the titles are the same on a cluster %s', async (_, cluster) => {
  const titles = titlesOf(await load());
  expect(titlesOf(await load(cluster))).toEqual(titles);
});

test('no two checks of a claim have the same title', async () => {
  const titles = titlesOf(await load());
  expect(titles.filter((title, index) => title === titles[index - 1])).toEqual([]);
});

test('only the claims that are asked for are registered', async () => {
  const tests = await load({}, ['port-exposed', 'no-affinity']);
  expect([...new Set(tests.map(({ block }) => block.split(':')[0]))].sort()).toEqual(['no-affinity', 'port-exposed']);
});
