import type { ClusterDescription } from '../cluster/description.ts';
import { unmet } from '../ledger/capabilities.ts';
import type { Claim } from '../ledger/row.ts';
import type { ClaimReport } from '../report/format.ts';
import type { RunResults } from './build-report.ts';

type Judged = Pick<ClaimReport, 'outcome' | 'why' | 'remedy' | 'allowed'>;

/** Returns the outcome of one claim: confirmed only when every check that the ledger declares was seen and passed in this run. */
export function judge(id: string, claim: Claim, cluster: ClusterDescription, run: RunResults): Judged {
  if (!run.wanted.includes(id)) return { outcome: 'not asked for' };
  const gap = unmet(claim, cluster);
  if (gap !== undefined) return { outcome: 'unobserved', why: gap.reason, remedy: gap.remedy, allowed: gap.optional };
  // Only a claim that has ended leaves evidence.
  if (cluster.fault?.stopped === true && run.evidence[id] === undefined) return { outcome: 'not asked for' };

  const tests = run.tests.filter(({ block }) => block.startsWith(`${id}: `));
  const checks = run.evidence[id]?.checks ?? [];
  const broken = checks.find(({ outcome }) => outcome === 'broken');
  if (broken !== undefined) return { outcome: 'broken', why: `${broken.id}: ${broken.error ?? ''}` };
  const incomplete = run.evidence[id]?.incomplete;
  if (incomplete !== undefined) return { outcome: 'broken', why: `its evidence could not be collected: ${incomplete}` };
  // Half a claim proves nothing.
  const missing = claim.checks.filter((check) => !checks.some((seen) => seen.id === check));
  if (missing.length > 0) {
    const message = tests.flatMap(({ messages }) => messages)[0]?.split('\n    at ')[0];
    return { outcome: 'broken', why: `not shown: ${missing.join(', ')}${message === undefined ? '' : ` (${message})`}` };
  }
  const drifted = checks.find(({ outcome }) => outcome === 'drifted');
  if (drifted !== undefined) return { outcome: 'drifted', why: `${drifted.id}: ${drifted.error ?? ''}` };
  const failed = tests.find(({ status }) => status === 'failed');
  if (failed !== undefined) return { outcome: 'broken', why: failed.messages[0]?.split('\n    at ')[0] ?? 'a test failed' };
  return { outcome: 'confirmed' };
}
