import { join, resolve } from 'node:path';

/** The top folder of this project. */
export const root = join(import.meta.dirname, '../..');

/** Returns the folder for the results of a run. Two runs at once need a folder each. */
export function artifactsFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return resolve(root, environment.CONFORMANCE_ARTIFACTS ?? 'artifacts');
}

/** The folder for the results of this process's run. */
export const artifacts = artifactsFolder();
/** The report of the last run. */
export const reportFile = join(artifacts, 'report.json');
