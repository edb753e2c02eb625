import { join } from 'node:path';
import { root } from './cluster/settings.ts';

/** Where a run leaves what it writes. */
export const artifacts = join(root, 'artifacts');
/** The result of the last run. */
export const reportFile = join(artifacts, 'report.json');
