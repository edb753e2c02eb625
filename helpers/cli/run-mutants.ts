import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadMutants } from '../../mutants/load.ts';
import { type Mutant, prelude } from '../../mutants/mutant.ts';
import { unkillable } from '../../mutants/unkillable.ts';
import { messageOf } from '../base/message-of.ts';
import { root } from '../base/paths.ts';
import { UsageError } from '../base/usage-error.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { forAnotherRun, writeDescription } from '../cluster/description.ts';
import { ledger } from '../ledger/claims.ts';
import { lastReport } from '../results/last-report.ts';
import { type OnNode, removeTraces, scriptsOn } from './between-runs.ts';
import { brokenClusters } from './broken-clusters.ts';
import { judgeMutant, type MutantResult, type Results } from './mutant-results.ts';
import { runClaims } from './run-claims.ts';

const document = join(root, 'docs/broken-clusters.md');
// What the document is drawn from, so that a run of some mutants keeps the results of the others.
const record = join(root, 'docs/broken-clusters.json');

export interface MutantOptions {
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Runs every claim on each broken cluster, and not only those that the mutant names. */
  readonly allClaims: boolean;
}

/** Breaks the cluster, shows claims on it, and repairs it. Returns why one of the three failed, or undefined. */
async function tried({ apply, mend }: Mutant, onNode: OnNode, show: () => Promise<void>): Promise<string | undefined> {
  try {
    // A node that is not Ready, or a proxy that has not written its rules, would make claims red for another reason.
    await onNode('dnsready; settled');
    await onNode(apply);
    await onNode('settled');
    await show();
    await onNode(mend);
    return undefined;
  } catch (error) {
    await onNode(mend).catch(() => undefined);
    return messageOf(error);
  }
}

/**
 * Runs mutants on a cluster, one after the other, and writes what each did into docs/. Returns the results of those that were run. Throws a UsageError where the
 * cluster cannot be broken: only the components of the stand-in can be stopped one by one.
 */
export async function runMutants(
  names: readonly string[],
  { description, description: { standIn, node, version, proxyMode } }: Cluster,
  { signal, say, allClaims }: MutantOptions,
): Promise<Readonly<Record<string, MutantResult>>> {
  if (node === undefined || !standIn || proxyMode !== 'iptables')
    throw new UsageError('The mutants need the stand-in node in iptables mode: on other nodes its components cannot be broken one by one.');
  const onNode = scriptsOn(node, prelude);
  const mutants = await loadMutants();
  const earlier = existsSync(record) ? (JSON.parse(readFileSync(record, 'utf8')) as Results).mutants : {};
  const results: Record<string, MutantResult> = {};
  for (const [index, name] of names.entries()) {
    const mutant = mutants[name];
    if (mutant === undefined) continue;
    say(`${name}: ${mutant.breaks}`);
    const suffix = String(index);
    const claims = allClaims ? Object.keys(ledger) : [...Object.keys(mutant.red), ...mutant.green];
    const fault = await tried(mutant, onNode, async () => {
      // Written once the node is settled: a node that was not Ready after this moment makes claims broken.
      writeDescription(forAnotherRun(description, suffix));
      // With less patience: what is broken here stays broken, however long a check waits.
      await runClaims(
        { typed: [], claims },
        { signal, environment: { CONFORMANCE_TIMEOUT_MULTIPLIER: '0.4' }, quiet: true, stopEarly: false },
      );
    });
    // The results of an interrupted run are discarded.
    if (signal.aborted) break;
    const result = judgeMutant(mutant, fault === undefined ? (lastReport()?.claims ?? []) : [], fault);
    results[name] = result;
    const red = Object.entries(result.checks).filter(([, { outcome }]) => outcome !== 'passed');
    say(`  red: ${red.map(([check, { ending }]) => `${check} (${ending})`).join(', ') || 'nothing'}`);
    for (const [what, why] of Object.entries(result.unexpected)) say(`  UNEXPECTED ${what}: ${why}`);
    const known = Object.fromEntries(Object.entries({ ...earlier, ...results }).filter(([it]) => it in mutants));
    const all: Results = { about: `Kubernetes ${version}, the stand-in node, ${proxyMode} mode`, mutants: known };
    writeFileSync(record, `${JSON.stringify(all, undefined, 1)}\n`);
    writeFileSync(document, brokenClusters(mutants, unkillable, all));
    await removeTraces(forAnotherRun(description, suffix));
  }
  return results;
}
