import { quote } from '../base/quote.ts';
import type { ClusterDescription, Fault } from '../cluster/description.ts';
import type { Evidence } from '../evidence/format.ts';
import { capabilitiesOf } from '../ledger/capabilities.ts';
import type { Claim, Excluded } from '../ledger/row.ts';
import type { ClaimReport, FaultReport, Outcome, Report } from '../report/format.ts';
import { judge } from './judge.ts';

/** What Jest reports of one test. */
export interface TestResult {
  /** The title of the outermost block, which begins with the claim's id. */
  readonly block: string;
  readonly status: string;
  readonly messages: readonly string[];
}

/** What a run left for its report. */
export interface RunResults {
  readonly suite: Report['suite'];
  /** The arguments of the command as a person typed them, and the settings that it had. */
  readonly typed: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
  /** The ids of the claims that were asked for. */
  readonly wanted: readonly string[];
  /** ms since the epoch. */
  readonly startedAt: number;
  /** ms of the claims phase. */
  readonly claimsMs: number;
  readonly tests: readonly TestResult[];
  readonly errors: readonly string[];
  readonly evidence: Readonly<Record<string, Evidence>>;
}

/** Returns a command as a person types it, quoted for sh. */
export function commandLine(settings: Readonly<Record<string, string>>, args: readonly string[]): string {
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
      ...(claim.topic === undefined ? {} : { topic: claim.topic }),
      origin: claim.origin,
      says: claim.says,
      verdict: claim.verdict,
      ...(claim.verdict === 'holds' ? {} : { truth: claim.truth }),
      ...(claim.needs === undefined ? {} : { needs: [...claim.needs] }),
      ...(claim.endings === undefined ? {} : { endings: claim.endings }),
      ...(claim.byMode === undefined ? {} : { byMode: claim.byMode }),
      because: claim.why,
      sources: [...(claim.sources ?? [])],
      ...(claim.cited === undefined ? {} : { cited: [...claim.cited] }),
      ...(claim.printed === undefined ? {} : { printed: claim.printed }),
      ...(claim.instead === undefined ? {} : { instead: claim.instead }),
      ...judged,
      ...(evidence === undefined ? {} : { ms: evidence.ms, evidence }),
      reproduce: commandLine(run.settings, ['-t', `^${id}:`]),
    };
  });
  return {
    format: 2,
    suite: run.suite,
    startedAt: new Date(run.startedAt).toISOString(),
    reproduce: commandLine(run.settings, run.typed),
    cluster: clusterOf(description),
    ...(description.fault === undefined ? {} : { fault: faultOf(description.fault) }),
    capabilities: capabilitiesOf(description),
    claims,
    excluded: [...excluded],
    errors: [...run.errors],
    phases: { ...description.phases, claims: run.claimsMs },
    exitStatus: description.fault === undefined ? exitStatusOf(claims, run.errors) : 3,
  };
}

function exitStatusOf(claims: readonly ClaimReport[], errors: readonly string[]): Report['exitStatus'] {
  const has = (outcome: Outcome) => claims.some((claim) => claim.outcome === outcome);
  // A run that was narrowed to some claims is not asked about the others.
  const gaps = !has('not asked for') && claims.some(({ outcome, allowed }) => outcome === 'unobserved' && allowed !== true);
  const nothing = claims.every(({ outcome }) => outcome === 'not asked for' || outcome === 'unobserved');
  if (errors.length > 0 || has('broken') || gaps || nothing) return 3;
  return has('drifted') ? 1 : 0;
}

function faultOf({ lookAt, layers, ...rest }: Fault): FaultReport {
  return { ...rest, lookAt: [...lookAt], layers: layers.map((layer) => ({ ...layer })) };
}

function clusterOf(description: ClusterDescription): Report['cluster'] {
  const { version, standIn, adopted, why, proxyMode, domain, nodePortRange, kubectlVersion, kept, profile, nodeImage, access } =
    description;
  return {
    ...{ version, standIn, adopted, why, proxyMode, domain, nodePortRange, kubectlVersion, kept },
    ...(profile === undefined ? {} : { profile }),
    ...(nodeImage === undefined ? {} : { nodeImage }),
    ...(access.context === undefined ? {} : { context: access.context }),
    serviceRanges: [...description.serviceRanges],
    podRanges: [...description.podRanges],
    k3sArgs: [...description.k3sArgs],
    images: description.images,
    nodes: description.nodes.map(({ name, addresses, kernel, operatingSystem, architecture, containerRuntime }) => ({
      ...{ name, kernel, operatingSystem, architecture, containerRuntime },
      addresses: [...addresses],
    })),
  };
}
