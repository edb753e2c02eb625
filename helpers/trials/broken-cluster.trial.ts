import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { prelude } from '../../mutants/mutant.ts';
import type { Report } from '../report/format.ts';
import { isRed } from '../report/words.ts';
import { type KeptCluster, startKept } from './kept-cluster.ts';
import { allProcessesEnded, type Ended, reportOf, start } from './suite.ts';

// Clusters whose network does not work at all: a run stops soon, and names the layer at fault. On a kept stand-in, which is repaired after each.

let cluster: KeptCluster;

const onNode = (script: string) => cluster.onNode(`${prelude}\n${script}`);

beforeAll(async () => {
  cluster = await startKept();
});

afterAll(async () => {
  await cluster.remove();
});

/** Runs claims on the cluster while it is broken. Repairs it also where the run throws. */
async function runBroken({ apply, mend }: { apply: string; mend: string }, topics: readonly string[]): Promise<Ended> {
  await onNode(apply);
  try {
    return await start('test', topics).ended;
  } finally {
    await onNode(mend);
  }
}

/** Returns whether each layer works. */
function layersOf({ fault }: Report): Record<string, boolean> {
  return Object.fromEntries((fault?.layers ?? []).map(({ name, works }) => [name, works]));
}

const cases: [what: string, breakage: { apply: string; mend: string }, layers: Record<string, boolean>, lookAt: RegExp][] = [
  [
    'packets between Pods bypass the rules of the Service proxy',
    { apply: 'sysctl -w net.bridge.bridge-nf-call-iptables=0', mend: 'sysctl -w net.bridge.bridge-nf-call-iptables=1' },
    { 'Pod to Pod': true, 'Pod to Service': false, DNS: false, 'node to Service': true },
    /bridge-nf-call-iptables` must be 1/,
  ],
  [
    'kube-proxy does not run',
    { apply: 'stop kube-proxy', mend: 'startproxy' },
    // The rules of Services that were there before are still there.
    { 'Pod to Pod': true, 'Pod to Service': false, DNS: true, 'node to Service': false },
    /does kube-proxy run/,
  ],
];

test.each(cases)('where %s, a run stops within a minute and names the layer at fault', async (_, breakage, layers, lookAt) => {
  const ended = await runBroken(breakage, []);
  const report = reportOf(ended);
  expect([ended.status, report.exitStatus]).toEqual([3, 3]);
  expect(report.fault).toMatchObject({ layer: 'Pod to Service', stopped: true, seen: expect.stringMatching(/hostname is timed out/) });
  expect(report.fault?.lookAt[0]).toMatch(lookAt);
  expect(layersOf(report)).toEqual(layers);
  // From the moment when the cluster is usable.
  expect(report.phases.claims).toBeLessThan(60_000);
  // Claims that have ended, and those that this cluster could not show anyway, keep their outcomes.
  expect(report.claims.filter(({ outcome }) => outcome === 'not asked for').length).toBeGreaterThan(report.claims.length / 3);
  expect(report.claims.filter(isRed)).toEqual([]);
  expect(ended.output).toMatch(/\nAt fault: Pod to Service\. http:/);
  expect(ended.output).toContain("Red: the run was stopped, because the cluster's network does not work. At fault: Pod to Service.");
  expect(readFileSync(join(ended.artifacts, 'report.html'), 'utf8')).toContain('At fault: Pod to Service.');
  await allProcessesEnded(ended.artifacts);
});

test('where DNS alone is dead, the claims that need it are skipped, the others are shown, and the run is red', async () => {
  const apply = `kubectl -n kube-system scale deployment coredns --replicas=0
within 60 '[ -z "$(kubectl -n kube-system get pods -l k8s-app=kube-dns -o name)" ]'`;
  const ended = await runBroken({ apply, mend: 'kubectl -n kube-system scale deployment coredns --replicas=1; dnsready' }, [
    'dns',
    'types',
  ]);
  const report = reportOf(ended);
  expect([ended.status, report.exitStatus]).toEqual([3, 3]);
  expect(report.fault).toMatchObject({ layer: 'DNS', stopped: false });
  expect(layersOf(report)).toEqual({ 'Pod to Pod': true, 'Pod to Service': true, DNS: false, 'node to Service': true });
  const outcome = Object.fromEntries(report.claims.map((claim) => [claim.id, claim.outcome]));
  expect(outcome).toMatchObject({
    'short-name': 'unobserved',
    'from-any-pod': 'unobserved',
    'default-type': 'confirmed',
    'node-port': 'confirmed',
  });
  expect(report.claims.find(({ id }) => id === 'short-name')?.why).toMatch(/^DNS of the cluster is dead: /);
  expect(report.phases.claims).toBeLessThan(60_000);
  expect(ended.output).toContain('Red: DNS of the cluster is dead. Claims that need it were skipped.');
});

test('the same cluster, repaired, is green', async () => {
  const ended = await start('test', ['chapter/dns', 'types']).ended;
  expect([ended.status, reportOf(ended).fault]).toEqual([0, undefined]);
});
