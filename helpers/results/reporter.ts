import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AggregatedResult, Reporter, Test, TestCaseResult, TestContext } from '@jest/reporters';
import { artifacts, root } from '../base/paths.ts';
import { printed } from '../base/printed.ts';
import { readDescription } from '../cluster/description.ts';
import { currentRequest } from '../cluster/run-request.ts';
import { endWithOwner } from '../engine/ownership.ts';
import type { Evidence } from '../evidence/format.ts';
import { evidenceFolder } from '../evidence/recorder.ts';
import { unmet } from '../ledger/capabilities.ts';
import { excluded, ledger } from '../ledger/claims.ts';
import type { Report } from '../report/format.ts';
import { progressLine } from '../report/lesson.ts';
import { buildReport } from './build-report.ts';
import { publish } from './publish.ts';

/** Reports a run of the claims: progress while it goes on, then the report as files and as a lesson. */
export default class LessonReporter implements Pick<Reporter, 'onRunStart' | 'onTestCaseResult' | 'onRunComplete'> {
  readonly #request = currentRequest() ?? { owner: '', typed: [], claims: [] };
  readonly #seen = new Map<string, { count: number; red: boolean }>();
  #total: number | undefined;
  #done = 0;

  constructor() {
    endWithOwner(this.#request.owner);
  }

  onRunStart(): void {
    rmSync(evidenceFolder, { recursive: true, force: true });
  }

  onTestCaseResult(_test: Test, result: TestCaseResult): void {
    const id = result.ancestorTitles[0]?.split(':')[0] ?? '';
    const claim = ledger[id];
    if (claim === undefined || result.status === 'pending') return;
    const seen = this.#seen.get(id) ?? { count: 0, red: false };
    this.#seen.set(id, seen);
    seen.count += 1;
    seen.red ||= result.status === 'failed';
    if (seen.count < claim.checks.length) return;
    const evidence = evidenceOf(id);
    // A claim that was skipped, or abandoned when the run stopped, has not ended.
    if (evidence === undefined && readDescription().fault !== undefined) return;
    this.#total ??= this.#countObservable();
    console.log(progressLine(id, seen.red ? 'red' : 'confirmed', evidence?.ms ?? 0, ++this.#done, this.#total));
  }

  #countObservable(): number {
    const cluster = readDescription();
    return this.#request.claims.filter((id) => ledger[id] !== undefined && unmet(ledger[id], cluster) === undefined).length;
  }

  async onRunComplete(_contexts: Set<TestContext>, { startTime, testResults }: AggregatedResult): Promise<void> {
    const description = readDescription();
    const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Report['suite'];
    const isSetting = ([key]: [string, string | undefined]) => key.startsWith('CONFORMANCE_') && key !== 'CONFORMANCE_RUN';
    const report = buildReport(ledger, excluded, description, {
      suite: { name, version },
      typed: this.#request.typed,
      settings: Object.fromEntries(Object.entries(process.env).filter(isSetting)) as Record<string, string>,
      wanted: this.#request.claims,
      startedAt: startTime,
      claimsMs: Date.now() - Math.max(startTime, Date.parse(description.usableAt)),
      tests: testResults.flatMap((file) =>
        file.testResults.map(({ ancestorTitles, status, failureMessages }) => ({
          block: ancestorTitles[0] ?? '',
          status,
          messages: failureMessages,
        })),
      ),
      errors: testResults
        .filter(({ testExecError }) => testExecError != null)
        .map(({ failureMessage }) => failureMessage ?? 'a suite file did not run'),
      evidence: Object.fromEntries(
        Object.keys(ledger).flatMap((id) => {
          const evidence = evidenceOf(id);
          return evidence === undefined ? [] : [[id, evidence]];
        }),
      ),
    });
    publish(report, artifacts);
    // Claims that were abandoned may still wait for the cluster, and would keep this process.
    if (description.fault?.stopped !== true) return;
    await printed();
    process.exit();
  }
}

function evidenceOf(id: string): Evidence | undefined {
  const file = join(evidenceFolder, `${id}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Evidence) : undefined;
}
