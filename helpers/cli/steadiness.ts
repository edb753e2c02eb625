import { prelude } from '../../mutants/mutant.ts';
import { openCluster } from '../cluster/cluster.ts';
import { type ClusterDescription, forAnotherRun, writeDescription } from '../cluster/description.ts';
import type { Settings } from '../cluster/settings.ts';
import { ledger } from '../ledger/claims.ts';
import type { ClaimReport, Report } from '../report/format.ts';
import { isRed, seconds } from '../report/words.ts';
import { lastReport } from '../results/last-report.ts';
import { type OnNode, removeTraces, scriptsOn } from './between-runs.ts';
import { endingOf, lastSeen } from './check-results.ts';
import { type Condition, conditions } from './conditions.ts';
import { runClaims, showClaims } from './run-claims.ts';
import { claimsFor } from './selection.ts';

/** One run of all claims under a condition. */
export interface SteadyRun {
  readonly condition: string;
  /** Absent when the run left none. */
  readonly report: Report | undefined;
}

interface Red {
  readonly what: string;
  readonly why: string;
}

/** Returns the checks that made a claim red, each with its outcome and what it last saw, or the claim itself where it has no such check. */
function redChecks({ id, outcome, why = '', evidence }: ClaimReport): Red[] {
  const red = (evidence?.checks ?? []).filter((check) => check.outcome !== 'passed');
  if (evidence === undefined || red.length === 0) return [{ what: `${id} ${outcome}`, why }];
  return red.map((check) => {
    const ending = endingOf(check, lastSeen(evidence, check.id));
    return { what: `${id}/${check.id} ${check.outcome}`, why: `${ending}; ${check.error ?? ''}` };
  });
}

/** Returns a line for each flake: the check that was red, the condition, the number of runs, and the ending and error of the first. */
export function flakes(runs: readonly SteadyRun[]): string[] {
  const red = runs.flatMap(({ condition, report }) =>
    (report === undefined ? [{ what: 'no report', why: 'the run ended without one' }] : report.claims.filter(isRed).flatMap(redChecks)).map(
      ({ what, why }) => ({ key: `${what}, ${condition}`, why }),
    ),
  );
  return [...Map.groupBy(red, ({ key }) => key)].map(
    ([key, all]) => `${key}, ${all.length} times: ${all[0]?.why.split('\n').join(' ').slice(0, 400) ?? ''}`,
  );
}

/** Returns a line about one run, for the person who waits. */
function runLine({ condition, report }: SteadyRun): string {
  if (report === undefined) return `${condition}: no report`;
  const red = report.claims.filter(isRed).map(({ id }) => id);
  return `${condition}: claims ${seconds(report.phases.claims ?? 0)}, ${red.length === 0 ? 'none red' : `red: ${red.join(', ')}`}`;
}

/** What repeated runs are asked for. */
export interface SteadyOptions {
  /** How often each condition is repeated. */
  readonly times: number;
  /** Some of conditionNames. */
  readonly names: readonly string[];
  /** Ends the runs when it is aborted. */
  readonly signal: AbortSignal;
  /** Receives lines of progress. */
  readonly say: (line: string) => void;
}

/** Returns the request of all claims of a profile. */
const requestOf = ({ profile }: Pick<Settings, 'profile'>) => ({ typed: [], claims: claimsFor(profile, Object.keys(ledger)) });

/** Runs all claims once under a condition, on a cluster that has settled where it is a stand-in. */
async function runUnder(
  { apply, mend }: Condition,
  { standIn, describe, onNode, signal }: { standIn: boolean; describe: () => ClusterDescription; onNode: OnNode; signal: AbortSignal },
): Promise<Report | undefined> {
  if (standIn) await onNode('dnsready; settled');
  const description = describe();
  writeDescription(description);
  try {
    await onNode(apply);
    await runClaims(requestOf(description), { signal, quiet: true, stopEarly: false });
  } finally {
    // An interrupted run removes the node.
    if (!signal.aborted) await onNode(mend);
  }
  if (signal.aborted) return undefined;
  const report = lastReport();
  await removeTraces(description);
  return report;
}

/**
 * Repeats all claims under each condition and returns the runs. Leaves out a condition that the cluster cannot have, and an interrupted run. Throws as
 * openCluster does.
 */
export async function repeat(settings: Settings, { times, names, signal, say }: SteadyOptions): Promise<SteadyRun[]> {
  const runs: SteadyRun[] = [];
  const stopped = () => signal.aborted;
  const keep = (run: SteadyRun) => {
    runs.push(run);
    say(runLine(run));
  };
  for (let time = 0; names.includes('fresh') && time < times && !stopped(); time++)
    keep({ condition: 'fresh', report: await showClaims(settings, requestOf(settings), { signal, quiet: true, stopEarly: false }) });

  const shared = Object.entries(conditions).filter(([name]) => names.includes(name));
  if (shared.length === 0 || stopped()) return runs;
  const cluster = await openCluster(settings, { keep: false, say });
  try {
    const { node, standIn } = cluster.description;
    const possible = standIn ? shared : shared.filter(([name]) => name === 'quiet');
    if (possible.length < shared.length)
      say('left out: every condition but quiet, since only the stand-in has a process for each component');
    const onNode: OnNode = node === undefined ? () => Promise.resolve() : scriptsOn(node, prelude);
    for (const [name, condition] of possible) {
      say(`${name}: ${condition.what}`);
      for (let time = 0; time < times && !stopped(); time++) {
        const describe = () => forAnotherRun(cluster.description, String(runs.length));
        const report = await runUnder(condition, { standIn, describe, onNode, signal });
        if (!stopped()) keep({ condition: name, report });
      }
    }
  } finally {
    await cluster.stop();
  }
  return runs;
}
