import { join } from 'node:path';
import { artifactsFolder } from './cluster/settings.ts';

/** Where a run leaves what it writes. */
export const artifacts = artifactsFolder();
/** The result of the last run. */
export const reportFile = join(artifacts, 'report.json');
