import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../base/paths.ts';
import { nothingObserved, type Observed, observedFormat } from '../report/observed.ts';

/** The record of what runs saw of the claims that do not hold. */
export const observedFile = join(root, 'docs/observed.json');

/** Reads the record; an empty one where there is none. Throws where the file is not such a record. */
export function readObserved(): Observed {
  return existsSync(observedFile) ? observedFormat.parse(JSON.parse(readFileSync(observedFile, 'utf8'))) : nothingObserved;
}
