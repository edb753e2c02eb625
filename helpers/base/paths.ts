import { join, resolve } from 'node:path';

/** The top folder of this project. */
export const root = join(import.meta.dirname, '../..');

/** The folder for the results of this process's run. Two runs at once need a folder each. */
export const artifacts = resolve(root, process.env.CONFORMANCE_ARTIFACTS ?? 'artifacts');
/** The report of the last run. */
export const reportFile = join(artifacts, 'report.json');
