import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AggregatedResult, Test, TestCaseResult } from '@jest/reporters';
import { afterAll, afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { ClusterDescription } from '../cluster/description.ts';
import { exampleDescription } from '../cluster/example.ts';
import { environmentOf } from '../cluster/run-request.ts';
import { ownerOf } from '../engine/ownership.ts';
import type { Evidence } from '../evidence/format.ts';
import { type ClaimId, claims, ledger } from '../ledger/claims.ts';
import { titleOf } from '../ledger/row.ts';
import { type Report, reportFormat } from '../report/format.ts';
import { progressLine } from '../report/lesson.ts';

const artifacts = mkdtempSync(join(tmpdir(), 'reporter-'));
const before = { ...process.env };
process.env.CONFORMANCE_ARTIFACTS = artifacts;
const { default: LessonReporter } = await import('./reporter.ts');

let printed: string[];
beforeEach(() => {
  // The reporter watches the launcher with a timer.
  jest.useFakeTimers({ now: Date.parse('2026-11-24T02:15:00Z') });
  printed = [];
  for (const stream of ['log', 'error'] as const) jest.spyOn(console, stream).mockImplementation((text: string) => void printed.push(text));
  delete process.env.GITHUB_ACTIONS;
  delete process.env.CONFORMANCE_KEEP;
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});
afterAll(() => {
  rmSync(artifacts, { recursive: true });
  process.env = before;
});

/** Returns the reporter of a run that was asked for some claims, on a cluster that differs from the example. */
function reporterFor(wanted: readonly string[], cluster: Partial<ClusterDescription> = {}): InstanceType<typeof LessonReporter> {
  Object.assign(
    process.env,
    environmentOf({ owner: ownerOf(process.pid), typed: ['-t', 'port-exposed'], claims: wanted, stopEarly: true }),
  );
  writeFileSync(join(artifacts, 'cluster.json'), JSON.stringify({ ...exampleDescription, ...cluster }));
  return new LessonReporter();
}

/** Writes the evidence of a claim whose checks have all ended so. */
function writeEvidence(id: ClaimId, outcome: 'passed' | 'drifted' = 'passed'): void {
  const checks = claims[id].checks.map((check) => ({
    id: check,
    title: check,
    outcome,
    ms: 10,
    ...(outcome === 'passed' ? {} : { error: 'no' }),
  }));
  const evidence: Evidence = {
    ...{ format: 2, claim: id, namespace: 'n', cluster: {}, startedAt: '2026-11-24T02:14:00.000Z', ms: 2_000 },
    ...{ checks, observations: [], objects: {}, rules: {} },
  };
  mkdirSync(join(artifacts, 'evidence'), { recursive: true });
  writeFileSync(join(artifacts, 'evidence', `${id}.json`), JSON.stringify(evidence));
}

/** Returns Jest's result of one check of a claim. */
function resultOf(id: ClaimId, check: string, status: TestCaseResult['status'] = 'passed', failureMessages: string[] = []): TestCaseResult {
  const row = ledger[id];
  if (row === undefined) throw new Error(`no claim ${id}`);
  return { ancestorTitles: [titleOf(id, row)], title: check, status, failureMessages } as unknown as TestCaseResult;
}

const resultsOf = (id: ClaimId, status?: TestCaseResult['status']) => claims[id].checks.map((check) => resultOf(id, check, status));
const suiteFile = { path: 'suites/chapter/ports.test.ts' } as Test;

/** Completes a run with the results of some suite files, and returns its report. */
async function complete(reporter: InstanceType<typeof LessonReporter>, ...testResults: object[]): Promise<Report> {
  const aggregated = { startTime: Date.parse('2026-11-24T02:13:00Z'), testResults } as unknown as AggregatedResult;
  await reporter.onRunComplete(new Set(), aggregated);
  return reportFormat.parse(JSON.parse(readFileSync(join(artifacts, 'report.json'), 'utf8')));
}

test('the evidence of an earlier run is deleted when a run starts', () => {
  writeEvidence('port-exposed');
  reporterFor(['port-exposed']).onRunStart();
  expect(existsSync(join(artifacts, 'evidence'))).toBe(false);
});

test('a claim has one line of progress, when its last check has ended', () => {
  const reporter = reporterFor(['port-exposed', 'pod-listens']);
  writeEvidence('port-exposed');
  writeEvidence('pod-listens', 'drifted');
  const [first, second] = resultsOf('port-exposed');
  const [third, fourth] = [resultOf('pod-listens', 'pod-holds-a-socket', 'failed'), resultOf('pod-listens', 'no-listener-no-answer')];
  const counts: number[] = [];
  for (const result of [first, third, second, fourth]) {
    if (result !== undefined) reporter.onTestCaseResult(suiteFile, result);
    counts.push(printed.length);
  }
  expect(counts).toEqual([0, 0, 1, 2]);
  expect(printed).toEqual([progressLine('port-exposed', 'confirmed', 2_000, 1, 2), progressLine('pod-listens', 'red', 2_000, 2, 2)]);
});

test('skipped claims and foreign tests are no progress, and what the cluster cannot show is not counted', () => {
  const reporter = reporterFor(['port-exposed', 'service-listens', 'no-such-claim'], {
    refusedPods: { hostNetwork: 'violates PodSecurity' },
  });
  writeEvidence('port-exposed');
  for (const result of resultsOf('service-listens', 'pending')) reporter.onTestCaseResult(suiteFile, result);
  reporter.onTestCaseResult(suiteFile, { ancestorTitles: [], status: 'passed' } as unknown as TestCaseResult);
  expect(printed).toEqual([]);
  for (const result of resultsOf('port-exposed')) reporter.onTestCaseResult(suiteFile, result);
  expect(printed).toEqual([progressLine('port-exposed', 'confirmed', 2_000, 1, 1)]);
});

test("when the run ends the report joins ledger, cluster, evidence and Jest's results", async () => {
  process.env.CONFORMANCE_KEEP = '1';
  const reporter = reporterFor(['port-exposed', 'pod-listens', 'no-affinity']);
  reporter.onRunStart();
  writeEvidence('port-exposed');
  writeEvidence('pod-listens', 'drifted');
  const failed = resultOf('no-affinity', 'default-is-none', 'failed', ['Error: no Pod is ready\n    at setup']);
  const report = await complete(
    reporter,
    { testResults: [...resultsOf('port-exposed'), ...resultsOf('pod-listens', 'failed')] },
    { testResults: [failed] },
  );
  const outcomes = Object.fromEntries(report.claims.map(({ id, outcome }) => [id, outcome]));
  expect(Object.keys(outcomes)).toEqual(Object.keys(ledger));
  expect(outcomes).toMatchObject({
    'port-exposed': 'confirmed',
    'pod-listens': 'drifted',
    'no-affinity': 'broken',
    'node-port': 'not asked for',
  });
  expect(report.claims.find(({ id }) => id === 'no-affinity')?.why).toContain('(Error: no Pod is ready)');
  expect(report).toMatchObject({
    suite: { name: 'clusterip-conformance' },
    startedAt: '2026-11-24T02:13:00.000Z',
    // From the moment when the cluster was usable, since Jest starts before that.
    phases: { claims: Date.parse('2026-11-24T02:15:00Z') - Date.parse(exampleDescription.usableAt) },
    errors: [],
    exitStatus: 3,
  });
  expect(report.reproduce).toContain('CONFORMANCE_KEEP=1');
  expect(report.reproduce).toContain('npm test -- -t port-exposed');
  expect(report.reproduce).not.toContain('CONFORMANCE_RUN');
});

test('the duration of the claims begins with the run where the cluster was usable before it', async () => {
  const reporter = reporterFor(['port-exposed'], { usableAt: '2026-11-24T01:00:00.000Z' });
  expect((await complete(reporter, { testResults: resultsOf('port-exposed') })).phases.claims).toBe(120_000);
});

test('a suite file that does not run is an error of the report', async () => {
  const reporter = reporterFor(['port-exposed']);
  reporter.onRunStart();
  const report = await complete(
    reporter,
    { testExecError: {}, failureMessage: 'SyntaxError: ports.test.ts', testResults: [] },
    { testExecError: {}, testResults: [] },
    { testExecError: null, testResults: [] },
  );
  expect(report.errors).toEqual(['SyntaxError: ports.test.ts', 'a suite file did not run']);
  expect(report.exitStatus).toBe(3);
});

const fault = { layer: 'Pod to Service', seen: 'it is timed out', lookAt: ['kube-proxy'], layers: [], stopped: true };

test('a claim that was abandoned when the run stopped has no line of progress, and is not asked for', async () => {
  const exit = jest.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  const reporter = reporterFor(['port-exposed', 'pod-listens'], { fault });
  reporter.onRunStart();
  writeEvidence('port-exposed');
  const results = [...resultsOf('port-exposed'), ...resultsOf('pod-listens', 'failed')];
  for (const result of results) reporter.onTestCaseResult(suiteFile, result);
  expect(printed).toEqual([progressLine('port-exposed', 'confirmed', 2_000, 1, 2)]);
  const report = await complete(reporter, { testResults: results });
  expect(report).toMatchObject({ fault, exitStatus: 3 });
  const outcome = (id: string) => report.claims.find((claim) => claim.id === id)?.outcome;
  expect([outcome('port-exposed'), outcome('pod-listens')]).toEqual(['confirmed', 'not asked for']);
  // What abandoned claims wait for would keep the process.
  expect(exit).toHaveBeenCalledTimes(1);
});

test('where DNS alone is dead, claims that need it are unobserved, and the process ends by itself', async () => {
  const exit = jest.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  const reporter = reporterFor(['port-exposed', 'short-name'], { fault: { ...fault, layer: 'DNS', stopped: false } });
  reporter.onRunStart();
  writeEvidence('port-exposed');
  const report = await complete(reporter, { testResults: [...resultsOf('port-exposed'), ...resultsOf('short-name', 'failed')] });
  const short = report.claims.find(({ id }) => id === 'short-name');
  expect(short).toMatchObject({ outcome: 'unobserved', why: 'DNS of the cluster is dead: it is timed out', allowed: false });
  expect([report.exitStatus, exit.mock.calls]).toEqual([3, []]);
});

test('the lesson is printed and every rendering is written', async () => {
  await complete(reporterFor(['port-exposed']), { testResults: [] });
  expect(printed.at(-1)).toMatch(/^Written: /);
  expect(readdirSync(artifacts)).toEqual(expect.arrayContaining(['junit.xml', 'report.html', 'report.json', 'report.md']));
});
