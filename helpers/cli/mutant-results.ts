import { createHash } from 'node:crypto';
import type { Breakage, Expectation, MutantProfile } from '../../mutants/mutant.ts';
import type { CheckResult, Evidence } from '../evidence/format.ts';
import type { ClaimReport } from '../report/format.ts';
import { endingIn, endingOf, lastSeen } from './check-results.ts';

/** The result of one check on a broken cluster. */
export interface CheckCell {
  readonly outcome: CheckResult['outcome'];
  /** Of a red check: the ending of its last attempt, or the start of what it last saw. Empty for a green one. */
  readonly ending: string;
}

/** What the claims of a run did on one broken cluster. */
export interface Judgement {
  /** By claim/check, every check that was run. */
  readonly checks: Readonly<Record<string, CheckCell>>;
  /** The outcome of every claim that was run. */
  readonly claims: Readonly<Record<string, string>>;
  /** Expectations of the mutant that were not met: a claim/check that must be red, or a claim that must be green. Each with the reason. */
  readonly unexpected: Readonly<Record<string, string>>;
}

/** What the runs of a mutant saw: of each claim the last one that showed it, and the expectations that the last one of all did not meet. */
export interface MutantResult extends Judgement {
  /** The Kubernetes version of the cluster that was broken. */
  readonly version: string;
  /** Identifies the script that broke it. */
  readonly script: string;
}

/** The results of mutants by name. */
export type ResultsOfCluster = Readonly<Record<string, MutantResult>>;

/** The results by the profile of the cluster that was broken. */
export interface Results {
  readonly clusters: Readonly<Partial<Record<MutantProfile, ResultsOfCluster>>>;
}

/** Returns what identifies the script of a mutant: results that another script brought about say nothing of it. */
export function scriptOf({ apply }: Pick<Breakage, 'apply'>): string {
  return createHash('sha256').update(apply).digest('hex').slice(0, 12);
}

/** Adds to the result of a run what earlier runs saw of claims that it did not show, where they broke a cluster of the same version by the same script. */
export function withEarlier(now: MutantResult, earlier: MutantResult | undefined): MutantResult {
  if (earlier?.script !== now.script || earlier.version !== now.version) return now;
  const checks = Object.entries(earlier.checks).filter(([check]) => !(check.replace(/\/.*/, '') in now.claims));
  return { ...now, checks: { ...Object.fromEntries(checks), ...now.checks }, claims: { ...earlier.claims, ...now.claims } };
}

/** Returns whether what a red check last saw is what its mutant expects. */
export function meets(expected: Expectation, seen: unknown): boolean {
  return typeof expected === 'string' ? endingIn(seen) === expected : expected.test(JSON.stringify(seen ?? null));
}

/** Whether a check that was refused before timed out in its last attempt: a kernel rations the refusals that it sends to a client. */
function rationed(evidence: Evidence | undefined, id: string): boolean {
  const endings = evidence?.observations.filter(({ check }) => check === id).map(({ seen }) => endingIn(seen)) ?? [];
  return endings.at(-1) === 'timed out' && endings.includes('refused');
}

function cellOf(evidence: Evidence, check: CheckResult): CheckCell {
  return { outcome: check.outcome, ending: endingOf(check, lastSeen(evidence, check.id)) };
}

/**
 * Judges the claims of a run on a broken cluster by what its mutant expects. `fault` says why the cluster could not be broken or repaired; then no claim was
 * shown.
 */
export function judgeMutant({ red, green }: Pick<Breakage, 'red' | 'green'>, claims: readonly ClaimReport[], fault?: string): Judgement {
  const run = claims.filter(({ outcome }) => outcome !== 'not asked for' && outcome !== 'unobserved');
  const evidenceOf = (id: string) => run.find((claim) => claim.id === id)?.evidence;
  const whyNot = (id: string) => fault ?? run.find((claim) => claim.id === id)?.why ?? 'it was not run';
  const unexpected: Record<string, string> = {};
  for (const [id, expectations] of Object.entries<Readonly<Record<string, Expectation>>>(red)) {
    for (const [check, expected] of Object.entries(expectations)) {
      const evidence = evidenceOf(id);
      const found = evidence?.checks.find((it) => it.id === check);
      const last = evidence === undefined ? undefined : lastSeen(evidence, check);
      if (found?.outcome === 'drifted' && (meets(expected, last) || (expected === 'refused' && rationed(evidence, check)))) continue;
      const seen = found === undefined ? whyNot(id) : `${found.outcome}, last seen: ${JSON.stringify(last)} ${found.error ?? ''}`;
      unexpected[`${id}/${check}`] = `must turn red by ${String(expected)}; ${seen}`;
    }
  }
  for (const id of green) {
    const outcome = run.find((claim) => claim.id === id)?.outcome;
    if (outcome !== 'confirmed') unexpected[id] = `must stay green; it is ${outcome ?? 'missing'}: ${whyNot(id)}`;
  }
  return {
    checks: Object.fromEntries(
      run.flatMap(({ id, evidence }) =>
        evidence === undefined ? [] : evidence.checks.map((it) => [`${id}/${it.id}`, cellOf(evidence, it)]),
      ),
    ),
    claims: Object.fromEntries(run.map(({ id, outcome }) => [id, outcome])),
    unexpected: Object.fromEntries(Object.entries(unexpected).map(([what, why]) => [what, why.split('\n').join(' ').slice(0, 400)])),
  };
}
