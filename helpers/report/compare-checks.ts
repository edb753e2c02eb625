import type { CheckResult, Evidence } from '../evidence/format.ts';
import type { ClaimReport, Report } from './format.ts';
import { endingsOf, observationLine, settledObservations } from './observations.ts';
import { cut, joined } from './words.ts';

// What runs saw differently of one claim, check by check.

/** A report, under a name that distinguishes it from the others. */
export interface Run {
  readonly name: string;
  readonly report: Report;
}

/** A claim in each run; undefined where the ledger of that run does not have it. */
export type ClaimInRuns = readonly (ClaimReport | undefined)[];

/** What the runs saw differently: of one check, or of the whole claim where `check` is undefined. */
export interface Difference {
  readonly check?: string;
  readonly runs: readonly InRun[];
  /** What the ledger expects in the proxy modes of these runs, where that is not the same. */
  readonly expected?: string;
}

/** What one run saw there. */
interface InRun {
  /** The same for runs that saw the same, or that differ only as the ledger expects. */
  readonly kind: string;
  /** The same in a few words; empty where the run did not observe it. */
  readonly words: string;
  readonly lines: readonly string[];
}

interface Expectation {
  /** Empty where it does not depend on the mode. */
  readonly byMode: Readonly<Record<string, string>>;
  /** How connections end; otherwise something else, in words. */
  readonly asEnding: boolean;
}

/** A check in one run. */
interface CheckInRun {
  readonly mode: string;
  /** Undefined where the run did not observe the claim. */
  readonly evidence: Evidence | undefined;
  readonly check: CheckResult | undefined;
  /** In which ways its attempts ended, each once. */
  readonly endings: readonly string[];
}

const short = { lines: 5, width: 240 };

/** Returns what the runs saw differently of a claim. */
export function differencesOf(runs: readonly Run[], claims: ClaimInRuns): Difference[] {
  const ids = [...new Set(claims.flatMap((claim) => claim?.evidence?.checks.map(({ id }) => id) ?? []))];
  const ofChecks = ids.flatMap((id) => {
    const checks = claims.map((claim, index) => checkIn(id, claim, runs[index]?.report.cluster.proxyMode ?? ''));
    const expected = expectationOf(id, claims);
    return differenceOf(id, checks, expected) ?? [];
  });
  const reasons = claims.map(reasonsOf);
  const differing = new Set(reasons.map((lines) => lines.join('\n'))).size > 1;
  if (!differing) return ofChecks;
  const inRuns = reasons.map((lines) => {
    const text = lines.join('\n');
    return { kind: text, words: cut(text, { lines: 1, width: 40 }), lines };
  });
  return [{ runs: inRuns }, ...ofChecks];
}

/** Returns what the ledgers of the runs expect of a check in each proxy mode. */
function expectationOf(id: string, claims: ClaimInRuns): Expectation {
  const expected = claims.map((claim) => claim?.endings?.[id] ?? claim?.byMode?.[id]).find((it) => it !== undefined);
  return { byMode: expected ?? {}, asEnding: claims.some((claim) => claim?.endings?.[id] !== undefined) };
}

/** Returns why a run did not observe a claim, or what broke outside its checks, which no check shows; otherwise an empty list. */
function reasonsOf(claim: ClaimReport | undefined): string[] {
  if (claim === undefined) return ['its ledger does not have this claim'];
  const { outcome, why, evidence } = claim;
  if (outcome === 'confirmed' || evidence?.checks.some((check) => check.outcome === outcome) === true) return [];
  return [`${outcome}${why === undefined ? '' : `: ${cut(why, short)}`}`];
}

function checkIn(id: string, claim: ClaimReport | undefined, mode: string): CheckInRun {
  const evidence = claim?.evidence;
  const check = evidence?.checks.find((it) => it.id === id);
  const endings = evidence === undefined ? [] : settledObservations(evidence, id).flatMap(endingsOf);
  return { mode, evidence, check, endings: [...new Set(endings)].sort() };
}

/**
 * Returns what two runs must agree on for a check: its outcome, and in which ways its attempts ended. Figures, addresses and titles may differ. So may the number
 * of attempts, and the order of those that are made side by side.
 */
function kindOf({ check, endings }: CheckInRun): string {
  return JSON.stringify([check?.outcome, endings]);
}

/** Returns what the runs saw differently of a check; undefined where they saw the same. */
function differenceOf(id: string, checks: readonly CheckInRun[], expectation: Expectation): Difference | undefined {
  const observed = checks.filter(({ evidence }) => evidence !== undefined);
  const kinds = new Set(observed.map(kindOf));
  const expected = expectedIn(expectation, observed);
  // A run that did not observe the claim differs from one that did by its outcome. What is red is shown all the same.
  const red = observed.length < checks.length && observed.some(({ check }) => check !== undefined && check.outcome !== 'passed');
  if (kinds.size < 2 && expected === undefined && !red) return undefined;
  const passed = observed.filter(({ check }) => check?.outcome === 'passed');
  const explained = expected !== undefined && [...Map.groupBy(passed, ({ mode }) => mode).values()].every(alike);
  const words = wordsOf(checks, expectation);
  const inRuns = checks.map((checkInRun, index) => ({
    kind: explained && passed.includes(checkInRun) ? 'as the ledger expects' : kindOf(checkInRun),
    words: words[index] ?? '',
    lines: linesOf(id, checkInRun),
  }));
  return { check: id, runs: inRuns, ...(expected === undefined ? {} : { expected }) };
}

function alike(checks: readonly CheckInRun[]): boolean {
  return new Set(checks.map(kindOf)).size === 1;
}

/** Returns what the ledger expects in the modes in which a check passed, such as `refused in nftables mode`; undefined where that is the same in all. */
function expectedIn({ byMode }: Expectation, checks: readonly CheckInRun[]): string | undefined {
  const modes = [...new Set(checks.filter(({ check }) => check?.outcome === 'passed').map(({ mode }) => mode))];
  const expected = modes.flatMap((mode) => (byMode[mode] === undefined ? [] : [{ mode, what: byMode[mode] }]));
  if (new Set(expected.map(({ what }) => what)).size < 2) return undefined;
  return joined(expected.map(({ mode, what }) => `${what} in ${mode} mode`));
}

/** Returns how a check ended in each run, in a few words: without the endings that it has in all of them, or as the ledger puts it. */
function wordsOf(checks: readonly CheckInRun[], { byMode, asEnding }: Expectation): string[] {
  const observed = checks.filter(({ evidence }) => evidence !== undefined);
  const own = ({ endings }: CheckInRun) => endings.filter((ending) => observed.some((other) => !other.endings.includes(ending)));
  const everyHasItsOwn = observed.every((checkInRun) => own(checkInRun).length > 0);
  return checks.map((checkInRun) => {
    const { evidence, check, endings, mode } = checkInRun;
    if (evidence === undefined) return '';
    if (check === undefined) return 'not shown';
    const ended = joined(everyHasItsOwn ? own(checkInRun) : endings);
    const expected = byMode[mode];
    if (check.outcome === 'passed') return (asEnding ? ended || expected : (expected ?? ended)) || 'passed';
    return [check.outcome, ended].filter((word) => word !== '').join(', ');
  });
}

function linesOf(id: string, { evidence, check }: CheckInRun): string[] {
  if (evidence === undefined) return [];
  if (check === undefined) return ['not shown'];
  const attempts = settledObservations(evidence, id).filter((observation) => endingsOf(observation).length > 0);
  return [
    check.outcome === 'passed' ? check.title : `${check.outcome}: ${check.title}`,
    ...attempts.map(observationLine),
    // The error of a drifted check repeats its last observations.
    ...(check.error === undefined ? [] : [cut(check.error, { ...short, lines: attempts.length > 0 ? 1 : short.lines })]),
  ];
}
