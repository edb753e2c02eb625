import type { ClusterDescription } from '../cluster/description.ts';
import type { Claim, Excluded } from '../claims/row.ts';
import { unmet } from '../claims/unmet.ts';
import type { Evidence } from './evidence.ts';

/** What became of a claim in a run. `not asked for`: the run was narrowed to others. */
export type Outcome = 'confirmed' | 'drifted' | 'unobserved' | 'broken' | 'not asked for';

/** What Jest says of one test. */
export interface TestResult {
  /** The title of the outermost block, which begins with the claim's id. */
  readonly block: string;
  readonly status: string;
  readonly messages: readonly string[];
}

export interface ClaimReport {
  readonly id: string;
  readonly section: string;
  readonly says: string;
  readonly verdict: Claim['verdict'];
  readonly truth?: string;
  readonly sources: readonly string[];
  readonly outcome: Outcome;
  /** Why it is unobserved or broken. */
  readonly why?: string;
  /** Unobserved for a reason that is no fault: the run chose it, or the cluster is none that we chose. */
  readonly allowed?: boolean;
  readonly ms?: number;
  readonly evidence?: Evidence;
}

/** The result of a run: all that the renderings are drawn from. */
export interface Report {
  readonly format: 1;
  readonly startedAt: string;
  readonly cluster: Omit<ClusterDescription, 'engine' | 'kubeconfig'>;
  readonly claims: readonly ClaimReport[];
  readonly excluded: readonly Excluded[];
  /** Errors that belong to no claim, such as a suite file that does not load. */
  readonly errors: readonly string[];
  /** ms of each phase. */
  readonly phases: Readonly<Record<string, number>>;
  readonly exitStatus: 0 | 1 | 3;
}

export interface RunResults {
  readonly startedAt: number;
  readonly claimsMs: number;
  readonly tests: readonly TestResult[];
  readonly errors: readonly string[];
  readonly evidence: Readonly<Record<string, Evidence>>;
}

type Judged = Pick<ClaimReport, 'outcome' | 'why' | 'allowed'>;

/** The outcome of one claim: confirmed only when every fact the ledger declares was seen and passed in this run. */
export function judge(id: string, claim: Claim, cluster: ClusterDescription, run: RunResults): Judged {
  const tests = run.tests.filter(({ block }) => block.startsWith(`${id}: `));
  const gap = unmet(claim, cluster);
  if (gap !== undefined) return { outcome: 'unobserved', why: gap.reason, allowed: gap.chosen };
  if (tests.every(({ status }) => status === 'pending')) return { outcome: 'not asked for' };

  const facts = run.evidence[id]?.facts ?? [];
  const broken = facts.find(({ outcome }) => outcome === 'broken');
  if (broken !== undefined) return { outcome: 'broken', why: `${broken.id}: ${broken.error ?? ''}` };
  const missing = claim.facts.filter((fact) => !facts.some((seen) => seen.id === fact));
  // A fact left out by `-t` is asked for no less: half a claim proves nothing.
  if (missing.length > 0) {
    const message = tests.flatMap(({ messages }) => messages)[0]?.split('\n    at ')[0];
    return { outcome: 'broken', why: `not shown: ${missing.join(', ')}${message === undefined ? '' : ` (${message})`}` };
  }
  const drifted = facts.find(({ outcome }) => outcome === 'drifted');
  if (drifted !== undefined) return { outcome: 'drifted', why: `${drifted.id}: ${drifted.error ?? ''}` };
  const failed = tests.find(({ status }) => status === 'failed');
  if (failed !== undefined) return { outcome: 'broken', why: failed.messages[0]?.split('\n    at ')[0] ?? 'a test failed' };
  return { outcome: 'confirmed' };
}

/** Joins ledger, cluster, Jest's results and the evidence into the report of a run. */
export function buildReport(
  ledger: Readonly<Record<string, Claim>>,
  excluded: readonly Excluded[],
  description: ClusterDescription,
  run: RunResults,
): Report {
  const claims = Object.entries(ledger).map(([id, claim]): ClaimReport => {
    const judged = judge(id, claim, description, run);
    const evidence = judged.outcome === 'not asked for' || judged.outcome === 'unobserved' ? undefined : run.evidence[id];
    return {
      id,
      section: claim.section,
      says: claim.says,
      verdict: claim.verdict,
      ...(claim.verdict === 'holds' ? {} : { truth: claim.truth }),
      sources: claim.sources ?? [],
      ...judged,
      ...(evidence === undefined ? {} : { ms: evidence.ms, evidence }),
    };
  });
  const has = (outcome: Outcome) => claims.some((claim) => claim.outcome === outcome);
  // A run that was narrowed to some claims is not asked about the others.
  const gaps = !has('not asked for') && claims.some(({ outcome, allowed }) => outcome === 'unobserved' && allowed !== true);
  const nothing = claims.every(({ outcome }) => outcome === 'not asked for' || outcome === 'unobserved');
  // How to get into engine and cluster is nobody's business but the run's.
  const cluster = Object.fromEntries(
    Object.entries(description).filter(([key]) => key !== 'engine' && key !== 'kubeconfig'),
  ) as Report['cluster'];
  return {
    format: 1,
    startedAt: new Date(run.startedAt).toISOString(),
    cluster,
    claims,
    excluded,
    errors: run.errors,
    phases: { ...description.phases, claims: run.claimsMs },
    exitStatus: run.errors.length > 0 || has('broken') || gaps || nothing ? 3 : has('drifted') ? 1 : 0,
  };
}
