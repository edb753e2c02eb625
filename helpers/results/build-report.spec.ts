import { expect, test } from '@jest/globals';
import type { ClusterDescription } from '../cluster/description.ts';
import { adoptedDescription, exampleDescription } from '../cluster/example.ts';
import type { CheckResult, Evidence } from '../evidence/format.ts';
import type { Claim } from '../ledger/row.ts';
import { reportFormat } from '../report/format.ts';
import { buildReport, commandLine, type RunResults, type TestResult } from './build-report.ts';
import { judge } from './judge.ts';

const origin = { document: 'the chapter', section: 'Common Questions' };
const claim: Claim = {
  origin,
  suite: 'chapter/address',
  says: 'It never changes.',
  why: 'The API server keeps it.',
  verdict: 'holds',
  checks: ['scaled', 'edited'],
};
const refuted: Claim = { ...claim, says: 'It times out.', verdict: 'refuted', truth: 'It is refused.', sources: ['https://example.test'] };

const block = 'never-changes: It never changes. [holds]';
const green: TestResult = { block, status: 'passed', messages: [] };
const red: TestResult = { block, status: 'failed', messages: ['Error: no Pod is ready\n    at openLab (lab.ts:12)'] };
const skipped: TestResult = { block, status: 'pending', messages: [] };

const passed = (id: string): CheckResult => ({ id, title: id, outcome: 'passed', ms: 10 });
const drifted = (id: string): CheckResult => ({ ...passed(id), outcome: 'drifted', error: 'it is another' });
const broken = (id: string): CheckResult => ({ ...passed(id), outcome: 'broken', error: 'the shell has ended' });

function evidenceOf(claimId: string, checks: CheckResult[]): Evidence {
  const common = { cluster: {}, startedAt: '2026-11-24T02:13:19.706Z', observations: [], objects: {}, rules: {} };
  return { format: 2, claim: claimId, namespace: `clusterip-3ye99-${claimId}`, ms: 20, checks, ...common };
}

/** Returns the results of a run that was asked for one claim. Without checks that claim left no evidence. */
function ran(checks: CheckResult[] | undefined, ...tests: TestResult[]): RunResults {
  const suite = { name: 'clusterip-conformance', version: '0.1.0' };
  const evidence: Record<string, Evidence> = checks === undefined ? {} : { 'never-changes': evidenceOf('never-changes', checks) };
  return { suite, typed: [], settings: {}, wanted: ['never-changes'], startedAt: 0, claimsMs: 30_000, tests, errors: [], evidence };
}

test.each<[string, RunResults, ReturnType<typeof judge>]>([
  ['every declared check has passed: confirmed', ran([passed('scaled'), passed('edited')], green, green), { outcome: 'confirmed' }],
  ['there is no evidence: broken', ran(undefined, green, green), { outcome: 'broken', why: 'not shown: scaled, edited' }],
  ['none is in the evidence: broken', ran([], green, green), { outcome: 'broken', why: 'not shown: scaled, edited' }],
  ['one is not in the evidence: broken', ran([passed('scaled')], green, green), { outcome: 'broken', why: 'not shown: edited' }],
  [
    'none is in the evidence and a test has failed: broken, by its message',
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
    'one is broken, and the others are missing: broken',
    ran([broken('scaled')], red, red),
    { outcome: 'broken', why: 'scaled: the shell has ended' },
  ],
  [
    'one has drifted and one is missing: broken',
    ran([drifted('scaled')], red, red),
    { outcome: 'broken', why: 'not shown: edited (Error: no Pod is ready)' },
  ],
  [
    'all have passed and yet a test failed: broken',
    ran([passed('scaled'), passed('edited')], green, red),
    { outcome: 'broken', why: 'Error: no Pod is ready' },
  ],
  [
    'all have passed, and a test of a claim with a longer id failed: confirmed',
    ran([passed('scaled'), passed('edited')], green, { ...red, block: 'never-changes-much: It never changes much. [holds]' }),
    { outcome: 'confirmed' },
  ],
  ['every test is skipped by the suite: broken', ran(undefined, skipped, skipped), { outcome: 'broken', why: 'not shown: scaled, edited' }],
  ['there is no test: broken', ran(undefined), { outcome: 'broken', why: 'not shown: scaled, edited' }],
  ['the claim was not asked for', { ...ran(undefined, green), wanted: ['times-out'] }, { outcome: 'not asked for' }],
])('of the checks %s', (_, run, judged) => {
  expect(judge('never-changes', claim, exampleDescription, run)).toEqual(judged);
});

test.each<[string, Partial<ClusterDescription>, boolean]>([
  ['by its nature', { standIn: true }, true],
  ['by a fault of the run', { proxyMode: 'ipvs' }, false],
])('what a cluster cannot show %s is unobserved, with the reason', (_, difference, allowed) => {
  const demanding: Claim = { ...claim, needs: ['k3s', 'known proxy'] };
  const judged = judge('never-changes', demanding, { ...exampleDescription, ...difference }, ran(undefined, skipped, skipped));
  expect(judged).toEqual({ outcome: 'unobserved', why: expect.stringMatching(/\S/), remedy: expect.stringMatching(/\S/), allowed });
});

test('a claim that was not asked for is no gap, even where it could not be observed', () => {
  const demanding: Claim = { ...claim, needs: ['k3s'] };
  const narrowed = { ...ran(undefined, skipped), wanted: ['times-out'] };
  expect(judge('never-changes', demanding, { ...exampleDescription, standIn: true }, narrowed)).toEqual({ outcome: 'not asked for' });
});

test('evidence that could not be collected makes a claim broken', () => {
  const evidence = {
    'never-changes': { ...evidenceOf('never-changes', [passed('scaled'), passed('edited')]), incomplete: 'ECONNREFUSED' },
  };
  expect(judge('never-changes', claim, exampleDescription, { ...ran([], green, green), evidence })).toEqual({
    outcome: 'broken',
    why: 'its evidence could not be collected: ECONNREFUSED',
  });
});

const all = [passed('scaled'), passed('edited')];
const oneDrifted = [passed('scaled'), drifted('edited')];
const secondTest = { ...green, block: 'times-out: It times out. [refuted]' };

interface Variation {
  /** The checks of the second claim, which is asked for only with them. */
  readonly second?: CheckResult[];
  readonly on?: Partial<ClusterDescription>;
  /** The needs of the first claim. */
  readonly needs?: Claim['needs'] & {};
}

/** Returns the report of a run for two claims. */
function reportOf(run: RunResults, { second, on = {}, needs = [] }: Variation = {}) {
  const both =
    second === undefined
      ? run
      : {
          ...run,
          wanted: [...run.wanted, 'times-out'],
          tests: [...run.tests, secondTest],
          evidence: { ...run.evidence, 'times-out': evidenceOf('times-out', second) },
        };
  const ledger = { 'never-changes': { ...claim, needs }, 'times-out': refuted };
  return buildReport(ledger, [{ origin, says: 'It is perfect.', why: 'an opinion' }], { ...exampleDescription, ...on }, both);
}

test.each([
  ['all is confirmed', reportOf(ran(all, green, green), { second: all }), 0],
  ['what was asked for is confirmed', reportOf(ran(all, green, green)), 0],
  ['one has drifted', reportOf(ran(oneDrifted, green, red), { second: all }), 1],
  ['one is broken', reportOf(ran([], green, green), { second: all }), 3],
  ['one has drifted and one is broken', reportOf(ran(oneDrifted, green, red), { second: [] }), 3],
  ['a suite file does not load', reportOf({ ...ran(all, green, green), errors: ['SyntaxError: dns.test.ts'] }), 3],
  ['nothing was asked for', reportOf({ ...ran(undefined), wanted: [] }), 3],
  ['nothing could be observed', reportOf(ran(undefined, skipped), { on: { standIn: true }, needs: ['k3s'] }), 3],
  ['one is unobserved and may be', reportOf(ran(undefined, skipped), { second: all, on: { standIn: true }, needs: ['k3s'] }), 0],
  [
    'one is unobserved and may not be',
    reportOf(ran(undefined, skipped), { second: all, on: { proxyMode: 'ipvs' }, needs: ['known proxy'] }),
    3,
  ],
])('the exit status when %s', (_, report, status) => {
  expect(report.exitStatus).toBe(status);
});

test('the exit status of a run that was narrowed to other claims does not count what it may not leave unobserved', () => {
  const third = { third: { ...claim, needs: ['known proxy'] as const }, 'never-changes': claim };
  const run = { ...ran(all, green, green), wanted: ['never-changes', 'third'] };
  const on = { ...exampleDescription, proxyMode: 'ipvs' };
  expect(buildReport(third, [], on, run).exitStatus).toBe(3);
  expect(buildReport({ ...third, 'times-out': refuted }, [], on, run).exitStatus).toBe(0);
});

test('a report is of its format when it is written', () => {
  const report = reportOf(ran(oneDrifted, green, red), { second: all });
  expect(reportFormat.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
});

test('a claim in the report has why it is so, and what its row cites, prints, puts in its place, and expects by proxy mode', () => {
  const more = {
    endings: { 'times-out': { iptables: 'timed out', nftables: 'refused' } },
    byMode: { 'times-out': { iptables: 'it is dropped', nftables: 'it is rejected' } },
    cited: [{ says: 'It is so in nftables mode.', source: 'https://example.test', shownIn: 'nftables' }],
    printed: { kind: 'shell', text: 'curl <web>', where: 'Pod' },
    instead: { kind: 'shell', text: 'curl web', where: 'Pod' },
  } as const;
  const [plain, rich] = buildReport(
    { 'never-changes': claim, 'times-out': { ...refuted, ...more } },
    [],
    exampleDescription,
    ran(all, green),
  ).claims;
  expect(plain?.because).toBe('The API server keeps it.');
  for (const field of Object.keys(more)) expect(plain).not.toHaveProperty(field);
  expect(rich).toMatchObject(more);
});

test('the report has the claims in the order of the ledger, with origin, truth, sources and evidence', () => {
  const { claims, excluded } = reportOf(ran(all, green, green), { second: [] });
  expect(claims.map(({ id, verdict, outcome }) => [id, verdict, outcome])).toEqual([
    ['never-changes', 'holds', 'confirmed'],
    ['times-out', 'refuted', 'broken'],
  ]);
  expect(claims[0]).toMatchObject({ origin, sources: [], ms: 20, evidence: { checks: all } });
  expect(claims[0]).not.toHaveProperty('truth');
  expect(claims[1]).toMatchObject({ truth: 'It is refused.', sources: ['https://example.test'] });
  expect(excluded).toEqual([{ origin, says: 'It is perfect.', why: 'an opinion' }]);
});

test.each([
  ['not asked for', { ...ran(all, skipped), wanted: ['times-out'] }, {}],
  ['unobserved', ran(all, skipped), { on: { standIn: true }, needs: ['k3s'] as const }],
])('a claim that was %s has no evidence, even if a file of an earlier run is left', (outcome, run, variation) => {
  const [first] = reportOf(run, variation).claims;
  expect(first?.outcome).toBe(outcome);
  expect(first).not.toHaveProperty('evidence');
  expect(first).not.toHaveProperty('ms');
});

test('the report has the start of the run and the duration of each phase', () => {
  expect(reportOf(ran(all, green))).toMatchObject({
    startedAt: '1970-01-01T00:00:00.000Z',
    phases: { 'start the node': 10_124, claims: 30_000 },
  });
});

test('how to reach engine and cluster, and what is only for this run, is not in the report', () => {
  const report = reportOf(ran(all, green));
  expect(JSON.stringify(report)).not.toContain('/var/run/docker.sock');
  expect(JSON.stringify(report)).not.toContain('/work/artifacts/kubeconfig');
  for (const name of ['clientNamespace', 'access', 'node', 'owner', 'run']) expect(report.cluster).not.toHaveProperty(name);
});

test('the report describes the cluster: of an adopted one the context, of another one profile and image', () => {
  expect(reportOf(ran(all, green)).cluster).toMatchObject({ profile: 'default', nodeImage: 'rancher/k3s:v1.36.3-k3s1', adopted: false });
  expect(reportOf(ran(all, green)).cluster).not.toHaveProperty('context');
  const { cluster } = buildReport({ 'never-changes': claim }, [], adoptedDescription, ran(all, green));
  expect(cluster).toMatchObject({ adopted: true, context: 'theirs', nodes: [{ name: 'node', addresses: ['172.17.0.2'] }] });
  expect(cluster).not.toHaveProperty('profile');
  expect(cluster).not.toHaveProperty('nodeImage');
});

test('the report has the commands that repeat the run and each claim, settings and quotes included', () => {
  const report = reportOf({ ...ran(all, green), typed: ['-t', '^(a|b):'], settings: { CONFORMANCE_KEEP: '1' } });
  expect(report.reproduce).toBe("CONFORMANCE_KEEP=1 npm test -- -t '^(a|b):'");
  expect(report.claims[1]?.reproduce).toBe("CONFORMANCE_KEEP=1 npm test -- -t '^times-out:'");
});

test.each([
  [{}, [], 'npm test'],
  [{}, ['suites/chapter/dns.test.ts'], 'npm test -- suites/chapter/dns.test.ts'],
  [{ CONFORMANCE_K3S_ARGS: "--a=b --c='d'" }, [''], `CONFORMANCE_K3S_ARGS='--a=b --c='\\''d'\\''' npm test -- ''`],
])('a command line is quoted for sh where it must be: %j %j', (settings, args, line) => {
  expect(commandLine(settings, args)).toBe(line);
});

test('a claim has the capabilities that it needs', () => {
  expect(reportOf(ran(all, green), { needs: ['host network', 'DNS'] }).claims.map(({ needs }) => needs)).toEqual([
    ['host network', 'DNS'],
    undefined,
  ]);
});

test('the report has what the cluster can show', () => {
  const report = reportOf(ran(all, green), { on: { proxyMode: 'ipvs' } });
  expect(report.capabilities).toContainEqual({ name: 'k3s', there: true });
  expect(report.capabilities).toContainEqual({
    ...{ name: 'known proxy', there: false },
    ...{ why: expect.stringContaining('ipvs'), remedy: expect.stringContaining('kube-proxy') },
  });
});
