import { expect, test } from '@jest/globals';
import type { Claim } from '../claims/row.ts';
import type { ClusterDescription } from '../cluster/description.ts';
import type { Evidence, FactResult } from './format.ts';
import { buildReport, judge, type RunResults, type TestResult } from './report.ts';

const cluster: ClusterDescription = {
  run: '3ye99',
  owner: 'kept',
  nodeImage: 'rancher/k3s:v1.36.3-k3s1',
  why: 'it is the pinned one',
  standIn: false,
  version: 'v1.36.3+k3s1',
  kubectlVersion: 'v1.36.3+k3s1',
  proxyMode: 'iptables',
  serviceRange: '10.43.0.0/16',
  podRange: '10.42.0.0/16',
  nodes: [],
  readyNodes: [],
  dualStack: false,
  nodeAddress: '172.17.0.2',
  k3sArgs: [],
  images: {},
  adopted: false,
  gaps: {},
  access: { kubeconfig: '/work/artifacts/kubeconfig' },
  node: { container: 'a7a1d1fb888a', engine: { socketPath: '/var/run/docker.sock' } },
  clientNamespace: 'clusterip-3ye99-clients',
  keptCluster: false,
  keepRed: false,
  usableAt: '2026-11-24T02:13:19.706Z',
  phases: { 'start the node': 10_124 },
};

const claim: Claim = { section: 'Common Questions', says: 'It never changes.', verdict: 'holds', facts: ['scaled', 'edited'] };
const refuted: Claim = { ...claim, says: 'It times out.', verdict: 'refuted', truth: 'It is refused.', sources: ['https://example.test'] };

const title = 'never-changes: It never changes. [holds]';
const green: TestResult = { name: `${title} a fact`, block: title, status: 'passed', messages: [] };
const red: TestResult = {
  name: `${title} a fact`,
  block: title,
  status: 'failed',
  messages: ['Error: no Pod is ready\n    at openLab (lab.ts:12)'],
};
const skipped: TestResult = { name: `${title} a fact`, block: title, status: 'pending', messages: [] };

const passed = (id: string): FactResult => ({ id, title: id, outcome: 'passed', ms: 10 });
const drifted = (id: string): FactResult => ({ ...passed(id), outcome: 'drifted', error: 'it is another' });
const broken = (id: string): FactResult => ({ ...passed(id), outcome: 'broken', error: 'the shell has ended' });

function evidenceOf(...facts: FactResult[]): Evidence {
  const common = { cluster: {}, startedAt: '2026-11-24T02:13:19.706Z', looks: [], objects: {}, rules: {} };
  return { format: 1, claim: 'never-changes', namespace: 'clusterip-3ye99-never-changes', ms: 20, facts, ...common };
}

function ran(facts: FactResult[], ...tests: TestResult[]): RunResults {
  const suite = { name: 'clusterip-conformance', version: '0.1.0' };
  const evidence = { 'never-changes': evidenceOf(...facts) };
  return { suite, args: [], settings: {}, startedAt: 0, claimsMs: 30_000, tests, errors: [], evidence };
}

test.each([
  ['every declared fact has passed: confirmed', ran([passed('scaled'), passed('edited')], green, green), { outcome: 'confirmed' }],
  ['none is in the evidence: broken', ran([], green, green), { outcome: 'broken', why: 'not shown: scaled, edited' }],
  ['one is not in the evidence: broken', ran([passed('scaled')], green, skipped), { outcome: 'broken', why: 'not shown: edited' }],
  [
    'the setup has failed: broken, by its message',
    ran([], red, red),
    { outcome: 'broken', why: 'not shown: scaled, edited (Error: no Pod is ready)' },
  ],
  [
    'one has drifted: drifted',
    ran([passed('scaled'), drifted('edited')], green, red),
    { outcome: 'drifted', why: 'edited: it is another' },
  ],
  [
    'one is broken: broken',
    ran([passed('scaled'), broken('edited')], green, red),
    { outcome: 'broken', why: 'edited: the shell has ended' },
  ],
  [
    'one has drifted and one is broken: broken',
    ran([drifted('scaled'), broken('edited')], red, red),
    { outcome: 'broken', why: 'edited: the shell has ended' },
  ],
  [
    'one has drifted and one is missing: broken',
    ran([drifted('scaled')], red, skipped),
    { outcome: 'broken', why: 'not shown: edited (Error: no Pod is ready)' },
  ],
  [
    'all have passed and yet a test failed: broken',
    ran([passed('scaled'), passed('edited')], green, red),
    { outcome: 'broken', why: 'Error: no Pod is ready' },
  ],
  ['the pattern leaves it out: not asked for', { ...ran([], skipped, skipped), pattern: '^other:' }, { outcome: 'not asked for' }],
  ['every test is skipped by the suite: broken', ran([], skipped, skipped), { outcome: 'broken', why: 'not shown: scaled, edited' }],
  ['there is no test: not asked for', ran([]), { outcome: 'not asked for' }],
  [
    'only a claim with a longer id was run: not asked for',
    ran([], { ...green, block: 'never-changes-much: …' }),
    { outcome: 'not asked for' },
  ],
])('of the facts %s', (_, run, judged) => {
  expect(judge('never-changes', claim, cluster, run)).toEqual(judged);
});

test.each([
  ['by a choice of the run', { standIn: true }, true],
  ['by a gap in the cluster', { proxyMode: 'ipvs' }, false],
])('what a cluster cannot show %s is unobserved, with the reason', (_, difference, allowed) => {
  const demanding: Claim = { ...claim, needs: ['k3s', 'known proxy'] };
  const judged = judge('never-changes', demanding, { ...cluster, ...difference }, ran([], skipped, skipped));
  expect(judged).toEqual({ outcome: 'unobserved', why: expect.stringMatching(/\S/), allowed });
});

const all = [passed('scaled'), passed('edited')];
const oneDrifted = [passed('scaled'), drifted('edited')];
const asked = { ...green, block: 'times-out: It times out. [refuted]' };

/** The report of two claims, the second of which is asked for only with `second`. */
function reportOf(
  run: RunResults,
  { second, on = cluster, needs = [] }: { second?: FactResult[]; on?: ClusterDescription; needs?: Claim['needs'] & {} } = {},
) {
  const evidence = second === undefined ? run.evidence : { ...run.evidence, 'times-out': evidenceOf(...second) };
  const tests = second === undefined ? run.tests : [...run.tests, asked];
  return buildReport({ 'never-changes': { ...claim, needs }, 'times-out': refuted }, [], on, { ...run, tests, evidence });
}

test.each([
  ['all is confirmed', reportOf(ran(all, green, green), { second: all }), 0],
  ['what was asked for is confirmed', reportOf(ran(all, green, green)), 0],
  ['one has drifted', reportOf(ran(oneDrifted, green, red), { second: all }), 1],
  ['one is broken', reportOf(ran([], green, green), { second: all }), 3],
  ['one has drifted and one is broken', reportOf(ran(oneDrifted, green, red), { second: [] }), 3],
  ['a suite file does not load', reportOf({ ...ran(all, green, green), errors: ['SyntaxError: dns.test.ts'] }), 3],
  ['nothing was run', reportOf(ran([], skipped, skipped)), 3],
  ['nothing could be observed', reportOf(ran([], skipped), { on: { ...cluster, standIn: true }, needs: ['k3s'] }), 3],
  ['one is unobserved by choice', reportOf(ran([], skipped), { second: all, on: { ...cluster, standIn: true }, needs: ['k3s'] }), 0],
  [
    'one is unobserved by a gap',
    reportOf(ran([], skipped), { second: all, on: { ...cluster, proxyMode: 'ipvs' }, needs: ['known proxy'] }),
    3,
  ],
])('when %s the exit status is as it says', (_, report, status) => {
  expect(report.exitStatus).toBe(status);
});

test('the report has the claims in the order of the ledger, with truth, sources and evidence', () => {
  const { claims } = reportOf(ran(all, green, green), { second: [] });
  expect(claims.map(({ id, verdict, outcome }) => [id, verdict, outcome])).toEqual([
    ['never-changes', 'holds', 'confirmed'],
    ['times-out', 'refuted', 'broken'],
  ]);
  expect(claims[0]).toMatchObject({ sources: [], ms: 20, evidence: { facts: all } });
  expect(claims[0]).not.toHaveProperty('truth');
  expect(claims[1]).toMatchObject({ truth: 'It is refused.', sources: ['https://example.test'] });
});

test('what was not asked for has no evidence, even if some is left', () => {
  const [first] = reportOf({ ...ran(all, skipped), pattern: '^times-out:' }).claims;
  expect(first?.outcome).toBe('not asked for');
  expect(first).not.toHaveProperty('evidence');
});

test('the report tells when the run began and how long each phase took', () => {
  expect(reportOf(ran(all, green))).toMatchObject({
    startedAt: '1970-01-01T00:00:00.000Z',
    phases: { 'start the node': 10_124, claims: 30_000 },
  });
});

test('the ways into engine and cluster, and what is only for this run, are not in the report', () => {
  const report = reportOf(ran(all, green));
  expect(JSON.stringify(report)).not.toContain('/var/run/docker.sock');
  expect(JSON.stringify(report)).not.toContain('/work/artifacts/kubeconfig');
  expect(report.cluster).not.toHaveProperty('clientNamespace');
});

test('the report says what to type to see it again, settings and quotes included', () => {
  const report = reportOf({ ...ran(all, green), args: ['-t', '^(a|b):'], settings: { CONFORMANCE_KEEP: '1' } });
  expect(report.reproduce).toBe("CONFORMANCE_KEEP=1 npm test -- -t '^(a|b):'");
  expect(report.claims[1]?.reproduce).toBe('CONFORMANCE_KEEP=1 npm test -- -t times-out');
});

test('the report says what the cluster can show', () => {
  const report = reportOf(ran(all, green), { on: { ...cluster, proxyMode: 'ipvs' } });
  expect(report.capabilities).toContainEqual({ name: 'k3s', there: true });
  expect(report.capabilities).toContainEqual({ name: 'known proxy', there: false, why: expect.stringContaining('ipvs') });
});

test('evidence that could not be collected makes a claim broken', () => {
  const run = ran(all, green, green);
  const evidence = { 'never-changes': { ...evidenceOf(...all), incomplete: 'ECONNREFUSED' } };
  expect(judge('never-changes', claim, cluster, { ...run, evidence })).toEqual({
    outcome: 'broken',
    why: 'its evidence could not be collected: ECONNREFUSED',
  });
});

test('a claim that the pattern of the run leaves out is not asked for, even where it could not be observed', () => {
  const demanding: Claim = { ...claim, needs: ['k3s'] };
  const narrowed = { ...ran([], skipped), pattern: '^(times-out):' };
  expect(judge('never-changes', demanding, { ...cluster, standIn: true }, narrowed)).toEqual({ outcome: 'not asked for' });
});
