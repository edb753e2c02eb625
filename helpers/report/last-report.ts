import { existsSync } from 'node:fs';
import { reportFile } from '../artifacts.ts';
import { readReport, type Report } from './format.ts';

/** Reads the report of the last run; undefined when there is none. Throws as readReport does. */
export function lastReport(): Report | undefined {
  return existsSync(reportFile) ? readReport(reportFile) : undefined;
}
