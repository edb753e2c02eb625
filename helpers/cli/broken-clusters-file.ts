import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../base/paths.ts';
import type { Results, ResultsOfCluster } from './mutant-results.ts';

/** What docs/broken-clusters.md is drawn from, so that a run of some mutants keeps the results of the others. */
const file = join(root, 'docs/broken-clusters.json');

/** Reads what runs of mutants saw, without mutants that there no longer are. */
export function readBroken(mutants: Readonly<Record<string, unknown>>): Results {
  if (!existsSync(file)) return { clusters: {} };
  const { clusters } = JSON.parse(readFileSync(file, 'utf8')) as Results;
  const known = (results: ResultsOfCluster) => Object.fromEntries(Object.entries(results).filter(([name]) => name in mutants));
  return { clusters: Object.fromEntries(Object.entries(clusters).map(([profile, results]) => [profile, known(results)])) };
}

/** Writes what runs of mutants saw. */
export function writeBroken(results: Results): void {
  writeFileSync(file, `${JSON.stringify(results, undefined, 1)}\n`);
}
