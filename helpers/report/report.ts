import type { ClusterDescription } from '../cluster/description.ts';
import type { Claim, Excluded } from '../claims/row.ts';
import { quote } from '../quote.ts';
import { capabilities, unmet } from '../claims/unmet.ts';
import type { ClaimReport, Evidence, Outcome, Report } from './format.ts';

/** What Jest says of one test. */
export interface TestResult {
  /** All of its titles, as Jest matches them with `-t`. */
  readonly name: string;
  /** The title of the outermost block, which begins with the claim's id. */
  readonly block: string;
  readonly status: string;
  readonly messages: readonly string[];
}

export interface RunResults {
  readonly suite: Report['suite'];
  /** The arguments of `npm test`, and the settings that it was given. */
  readonly args: readonly string[];
  /** The pattern to which the run was narrowed with `-t`. */
  readonly pattern?: string | undefined;
  readonly settings: Readonly<Record<string, string>>;
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
  const { pattern = '' } = run;
  if (!tests.some(({ name }) => new RegExp(pattern, 'i').test(name))) return { outcome: 'not asked for' };
  const gap = unmet(claim, cluster);
  if (gap !== undefined) return { outcome: 'unobserved', why: gap.reason, allowed: gap.chosen };

  const facts = run.evidence[id]?.facts ?? [];
  const broken = facts.find(({ outcome }) => outcome === 'broken');
  if (broken !== undefined) return { outcome: 'broken', why: `${broken.id}: ${broken.error ?? ''}` };
  const incomplete = run.evidence[id]?.incomplete;
  if (incomplete !== undefined) return { outcome: 'broken', why: `its evidence could not be collected: ${incomplete}` };
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

/** What to type to run it again. */
function command(settings: Readonly<Record<string, string>>, args: readonly string[]): string {
  const word = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : quote(text));
  const given = Object.entries(settings).map(([name, value]) => `${name}=${word(value)}`);
  return [...given, 'npm test', ...(args.length === 0 ? [] : ['--', ...args.map(word)])].join(' ');
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
      sources: [...(claim.sources ?? [])],
      ...judged,
      ...(evidence === undefined ? {} : { ms: evidence.ms, evidence }),
      reproduce: command(run.settings, ['-t', id]),
    };
  });
  const has = (outcome: Outcome) => claims.some((claim) => claim.outcome === outcome);
  // A run that was narrowed to some claims is not asked about the others.
  const gaps = !has('not asked for') && claims.some(({ outcome, allowed }) => outcome === 'unobserved' && allowed !== true);
  const nothing = claims.every(({ outcome }) => outcome === 'not asked for' || outcome === 'unobserved');
  const { version, standIn, adopted, why, proxyMode, serviceRange, podRange, dualStack, kubectlVersion, keptCluster, nodes } = description;
  const { nodeImage, access } = description;
  return {
    format: 1,
    suite: run.suite,
    startedAt: new Date(run.startedAt).toISOString(),
    reproduce: command(run.settings, run.args),
    cluster: {
      ...{ version, standIn, adopted, why, proxyMode, serviceRange, podRange, dualStack, kubectlVersion, keptCluster, nodes },
      ...(nodeImage === undefined ? {} : { nodeImage }),
      ...(access.context === undefined ? {} : { context: access.context }),
      k3sArgs: [...description.k3sArgs],
      images: description.images,
    },
    capabilities: capabilities(description),
    claims,
    excluded: [...excluded],
    errors: [...run.errors],
    phases: { ...description.phases, claims: run.claimsMs },
    exitStatus: run.errors.length > 0 || has('broken') || gaps || nothing ? 3 : has('drifted') ? 1 : 0,
  };
}
