import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AggregatedResult, Config, Reporter, Test, TestCaseResult, TestContext, TestResult } from '@jest/reporters';
import { claims, excluded } from '../../suites/claims.ts';
import { artifacts } from '../artifacts.ts';
import type { Claim } from '../claims/row.ts';
import { readDescription } from '../cluster/description.ts';
import { endWithOwner } from '../cluster/engine.ts';
import { root } from '../cluster/settings.ts';
import { evidenceFolder } from './evidence.ts';
import type { Evidence, Report } from './format.ts';
import { progressLine } from './lesson.ts';
import { publish } from './publish.ts';
import { buildReport } from './report.ts';

/** Tells a run of the claims: progress while it goes on, then the report as a file and as a lesson. */
export default class LessonReporter implements Pick<Reporter, 'onRunStart' | 'onTestCaseResult' | 'onRunComplete'> {
  readonly #ledger: Readonly<Record<string, Claim>> = claims;
  readonly #seen = new Map<string, { ms: number; count: number; red: boolean }>();
  readonly #pattern: string | undefined;
  #done = 0;

  constructor({ testNamePattern }: Pick<Config.GlobalConfig, 'testNamePattern'>) {
    this.#pattern = testNamePattern;
    endWithOwner(process.env.CONFORMANCE_RUN);
  }

  onRunStart(): void {
    rmSync(evidenceFolder, { recursive: true, force: true });
  }

  onTestCaseResult(_test: Test, result: TestCaseResult): void {
    const id = result.ancestorTitles[0]?.split(':')[0] ?? '';
    const claim = this.#ledger[id];
    if (claim === undefined || result.status === 'pending') return;
    const seen = this.#seen.get(id) ?? { ms: 0, count: 0, red: false };
    this.#seen.set(id, seen);
    seen.ms += result.duration ?? 0;
    seen.count += 1;
    seen.red ||= result.status === 'failed';
    if (seen.count < claim.facts.length) return;
    console.log(progressLine(id, seen.red ? 'red' : 'confirmed', seen.ms, ++this.#done, Object.keys(this.#ledger).length));
  }

  onRunComplete(_contexts: Set<TestContext>, { startTime, testResults }: AggregatedResult): void {
    const evidence: Record<string, Evidence> = {};
    for (const id of Object.keys(this.#ledger)) {
      const file = join(evidenceFolder, `${id}.json`);
      if (existsSync(file)) evidence[id] = JSON.parse(readFileSync(file, 'utf8')) as Evidence;
    }
    const description = readDescription();
    const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Report['suite'];
    const isSetting = ([key]: [string, string | undefined]) => key.startsWith('CONFORMANCE_') && key !== 'CONFORMANCE_RUN';
    const report = buildReport(this.#ledger, excluded, description, {
      suite: { name, version },
      // The launcher passes on the arguments of `npm test` and adds three.
      args: process.argv.slice(2, -2),
      pattern: this.#pattern,
      settings: Object.fromEntries(Object.entries(process.env).filter(isSetting)) as Record<string, string>,
      startedAt: startTime,
      claimsMs: Date.now() - Math.max(startTime, Date.parse(description.usableAt)),
      tests: testResults.flatMap((file: TestResult) =>
        file.testResults.map(({ ancestorTitles, fullName, status, failureMessages }) => ({
          name: fullName,
          block: ancestorTitles[0] ?? '',
          status,
          messages: failureMessages,
        })),
      ),
      errors: testResults
        .filter(({ testExecError }) => testExecError != null)
        .map(({ failureMessage }) => failureMessage ?? 'a suite file did not run'),
      evidence,
    });
    publish(report, artifacts);
  }
}
