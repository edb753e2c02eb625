import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { artifacts, reportFile } from '../base/paths.ts';
import { readReport, type Report } from '../report/format.ts';

/** Reads the report of the last run, or returns undefined when there is none. Throws as readReport does. */
export function lastReport(): Report | undefined {
  return existsSync(reportFile) ? readReport(reportFile) : undefined;
}

/** Deletes the report of the last run in a folder and its renderings, so that a run that crashes is not judged by them. */
export function deleteLastReport(folder = artifacts): void {
  for (const name of ['report.json', 'report.md', 'report.html', 'junit.xml']) rmSync(join(folder, name), { force: true });
}
