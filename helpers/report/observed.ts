import { z } from 'zod';
import type { Claim } from '../ledger/row.ts';
import type { Report } from './format.ts';
import { joined, nameOf } from './words.ts';

const run = z.object({
  node: z
    .enum(['stand-in', 'k3s', 'Kubernetes'])
    .describe('What the cluster was: upstream Kubernetes in an image of this project, k3s, or another.'),
  kubernetes: z.string().describe('The version that the API server reported.'),
  proxyMode: z.string(),
  profile: z.string().describe('How the run started its cluster; `existing cluster` where it did not.'),
  date: z.string().describe('The day of the run.'),
  claims: z
    .record(z.string(), z.string())
    .describe('By claim: the verdict of the ledger then, and the outcome of the run, such as `refuted, confirmed`.'),
});

/** What runs saw of the claims that do not hold: docs/observed.json. */
export const observedFormat = z.object({
  about: z.string(),
  runs: z.array(run).describe('One for each kind of cluster: the last that was recorded.'),
  checks: z
    .record(z.string(), z.record(z.string(), z.string()))
    .describe('By claim and check: the title of the check in the last run that was recorded.'),
});

/** The content of docs/observed.json. */
export type Observed = z.infer<typeof observedFormat>;
type Run = Observed['runs'][number];

const about = 'Written by `npm run observed` from reports. docs/errata.md is drawn from it.';

/** A record of no run. */
export const nothingObserved: Observed = { about, runs: [], checks: {} };

function nodeOf({ cluster }: Report): Run['node'] {
  if (cluster.standIn) return 'stand-in';
  return nameOf(cluster) === 'k3s' ? 'k3s' : 'Kubernetes';
}

function keyOf({ node, kubernetes, proxyMode, profile }: Run): string {
  return [node, kubernetes, proxyMode, profile].join(' ');
}

/**
 * Adds what a run saw of the claims that do not hold. A run on a cluster of the same kind replaces the earlier one, claim by claim. What the run did not
 * observe, and claims that the ledger has no longer, are left out.
 */
export function withReport(observed: Observed, report: Report, ledger: Readonly<Record<string, Claim>>): Observed {
  const wrong = (id: string) => ledger[id] !== undefined && ledger[id].verdict !== 'holds';
  const seen = report.claims.filter(({ id, outcome }) => wrong(id) && (outcome === 'confirmed' || outcome === 'drifted'));
  const { cluster, startedAt } = report;
  const added: Run = {
    node: nodeOf(report),
    kubernetes: cluster.version,
    proxyMode: cluster.proxyMode,
    profile: cluster.profile ?? 'existing cluster',
    date: startedAt.slice(0, 10),
    claims: Object.fromEntries(seen.map(({ id, verdict, outcome }) => [id, `${verdict}, ${outcome}`])),
  };
  const before = observed.runs.find((one) => keyOf(one) === keyOf(added));
  const merged = { ...added, claims: { ...before?.claims, ...added.claims } };
  const runs = [...observed.runs.filter((one) => one !== before), merged];
  const titles: Observed['checks'] = {};
  for (const { id, evidence } of seen) titles[id] = Object.fromEntries((evidence?.checks ?? []).map((check) => [check.id, check.title]));
  const inOrder = <T>(of: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.keys(ledger).flatMap((id) => (wrong(id) && of[id] !== undefined ? [[id, of[id]] as const] : [])));
  return {
    about,
    runs: runs
      .map((one) => ({ ...one, claims: inOrder(one.claims) }))
      .filter(({ claims }) => Object.keys(claims).length > 0)
      .sort((one, other) => keyOf(one).localeCompare(keyOf(other), 'en', { numeric: true })),
    checks: inOrder({ ...observed.checks, ...titles }),
  };
}

/** Returns where runs had this outcome, a line for each version: `v1.36.3 (stand-in): iptables mode (default, two-nodes)`. */
function placesOf(runs: readonly Run[]): string[] {
  const byVersion = Map.groupBy(runs, ({ kubernetes, node }) => `${kubernetes} (${node})`);
  return [...byVersion].map(([version, those]) => {
    const byMode = Map.groupBy(those, ({ proxyMode }) => proxyMode);
    const modes = [...byMode].map(([mode, of]) => `${mode} mode (${of.map(({ profile }) => profile).join(', ')})`);
    return `${version}: ${joined(modes)}`;
  });
}

/**
 * Returns in which versions of Kubernetes, proxy modes and profiles the recorded runs saw a claim with its present verdict: where they confirmed it, and where
 * the cluster did something different.
 */
export function seenIn({ runs }: Observed, id: string, verdict: Claim['verdict']): { confirmed: string[]; drifted: string[] } {
  const having = (outcome: string) => placesOf(runs.filter(({ claims }) => claims[id] === `${verdict}, ${outcome}`));
  return { confirmed: having('confirmed'), drifted: having('drifted') };
}
