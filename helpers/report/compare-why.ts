import type { ClaimInRuns, Difference, Run } from './compare-checks.ts';
import type { ClaimReport, Report } from './format.ts';
import { capitalised, joined, nameOf, rangesLine } from './words.ts';

// Why runs may differ in one claim.

/** One reason: in a few words for a table, and as a sentence. */
export interface Why {
  readonly brief: string;
  readonly sentence: string;
}

function each(report: Report, of: (node: Report['cluster']['nodes'][number]) => string): string {
  return [...new Set(report.cluster.nodes.map(of))].sort().join(', ') || 'unknown';
}

/** Returns text without the version of Kubernetes, so that what only follows from the version is no difference of its own. */
function withoutVersion(text: string, { cluster: { version } }: Report): string {
  return text.replaceAll(version, '<version>').replaceAll(version.replaceAll('+', '-'), '<version>');
}

/** Returns the IP families of Services: that of the cluster's first Service range first. */
export function familiesOf({ cluster }: Report): string {
  return joined([...new Set(cluster.serviceRanges.map((range) => (range.includes(':') ? 'IPv6' : 'IPv4')))]) || 'unknown';
}

/** What may make runs differ, by its name in a sentence. */
const traits: Readonly<Record<string, (report: Report) => string>> = {
  'the proxy mode': ({ cluster }) => cluster.proxyMode,
  'the version of Kubernetes': ({ cluster }) => cluster.version,
  'the kind of node': ({ cluster }) => nameOf(cluster),
  'the number of nodes': ({ cluster }) => String(cluster.nodes.length),
  'the IP families of Services': familiesOf,
  'the Service ranges': ({ cluster }) => rangesLine(cluster.serviceRanges),
  'the Pod ranges': ({ cluster }) => rangesLine(cluster.podRanges),
  'the range of node ports': ({ cluster }) => cluster.nodePortRange,
  'the DNS domain': ({ cluster }) => cluster.domain,
  'the arguments of k3s': ({ cluster }) => cluster.k3sArgs.join(' ') || 'none',
  'the version of the suite': ({ suite }) => suite.version,
  'the kernel': (report) => each(report, ({ kernel }) => kernel),
  'the operating system': (report) =>
    withoutVersion(
      each(report, ({ operatingSystem }) => operatingSystem),
      report,
    ),
  'the architecture': (report) => each(report, ({ architecture }) => architecture),
  'the container runtime': (report) => each(report, ({ containerRuntime }) => containerRuntime),
  'the image of the node': (report) => withoutVersion(report.cluster.nodeImage ?? 'none', report),
  'the workload images': ({ cluster }) => Object.values(cluster.images).sort().join(', ') || 'the pinned ones',
  'the version of kubectl': (report) => withoutVersion(report.cluster.kubectlVersion, report),
  'the cluster itself': ({ cluster }) => (cluster.adopted ? `context ${cluster.context ?? 'unknown'}` : 'started by the suite'),
};

const gaps: readonly { readonly is: (claim: ClaimReport | undefined) => boolean; readonly one: string; readonly many: string }[] = [
  { is: (claim) => claim === undefined, one: 'run # is of a ledger without this claim', many: 'runs # are of ledgers without this claim' },
  { is: (claim) => claim?.outcome === 'not asked for', one: 'run # was not asked for it', many: 'runs # were not asked for it' },
  {
    is: (claim) => claim?.outcome === 'unobserved',
    one: 'the cluster of run # cannot show it',
    many: 'the clusters of runs # cannot show it',
  },
];

function reason(text: string, brief = text): Why {
  return { brief, sentence: capitalised(`${text}.`) };
}

/**
 * Returns why runs may differ in a claim: by the verdict in their ledgers, by runs that did not observe it, or by what the ledger expects in their proxy modes.
 * What is left is explained by what the clusters and suites of the other runs differ in.
 */
export function whyTheyMayDiffer(runs: readonly Run[], claims: ClaimInRuns, differences: readonly Difference[]): Why[] {
  const lacking = gaps.flatMap(({ is, one, many }) => {
    const those = claims.flatMap((claim, index) => (is(claim) ? [String(index + 1)] : []));
    const text = (those.length === 1 ? one : many).replace('#', joined(those));
    return those.length === 0 ? [] : [reason(text, text.replace(/^the clusters? of /, ''))];
  });
  const verdicts = new Set(claims.flatMap((claim) => claim?.verdict ?? []));
  if (verdicts.size > 1) return [reason('the ledgers of the runs have different verdicts', 'different verdicts'), ...lacking];
  const judged = runs.flatMap(({ report }, index) => {
    const claim = claims[index];
    if (gaps.some(({ is }) => is(claim))) return [];
    return [{ report, saw: JSON.stringify([claim?.outcome, ...differences.map(({ runs: inRuns }) => inRuns[index]?.kind)]) }];
  });
  const expected = expectedReasons(differences);
  const who = judged.length < runs.length ? 'the other runs' : 'the runs';
  return [...lacking, ...expected, ...traitReasons(judged, who, expected.length > 0 ? 'beyond that, ' : '')];
}

function expectedReasons(differences: readonly Difference[]): Why[] {
  const expected = differences.flatMap(({ check = '', expected: what }) => (what === undefined ? [] : [{ check, what }]));
  const byText = Map.groupBy(expected, ({ what }) => what);
  const named = byText.size > 1 || expected.length < differences.filter(({ check }) => check !== undefined).length;
  return [...byText].map(([what, those]) => {
    const of = named ? ` of ${joined(those.map(({ check }) => check))}` : '';
    return reason(`the ledger expects it${of}: ${what}`, `the ledger expects it${of}`);
  });
}

interface Judged {
  readonly report: Report;
  /** The same for runs that saw the same. */
  readonly saw: string;
}

/** Returns whether runs have the same value if, and only if, they saw the same. */
function decides(judged: readonly Judged[], of: (report: Report) => string): boolean {
  const count = (key: (it: Judged) => string) => new Set(judged.map(key)).size;
  const groups = count(({ saw }) => saw);
  return count(({ report }) => of(report)) === groups && count(({ report, saw }) => JSON.stringify([of(report), saw])) === groups;
}

/** A trait in which runs differ. */
interface Differing {
  readonly name: string;
  readonly of: (report: Report) => string;
  readonly values: readonly string[];
}

/** Returns traits as a list: the values of the first three, and the names of the others. */
function listed(differing: readonly Differing[]): string {
  return joined(differing.map(({ name, values }, index) => (index < 3 ? `${name} (${values.join('; ')})` : name)));
}

/** Returns what the clusters and suites of runs differ in, of those that saw something different. `who` names the runs, and `lead` stands before it. */
function traitReasons(judged: readonly Judged[], who: string, lead: string): Why[] {
  if (new Set(judged.map(({ saw }) => saw)).size < 2) return [];
  const differing = Object.entries(traits).flatMap(([name, of]): Differing[] => {
    const values = [...new Set(judged.map(({ report }) => of(report)))];
    return values.length === 1 ? [] : [{ name, of, values }];
  });
  if (differing.length === 0)
    return [
      reason(`${lead}${who} differ in no property of a cluster or suite that is compared, so it may be chance or load`, 'chance or load'),
    ];
  const deciding = differing.filter(({ of }) => decides(judged, of));
  if (deciding.length === 0) {
    const text = `${lead}nothing in which ${who} differ matches exactly what they saw, so it may be chance, load or one of these`;
    return [reason(`${text}: ${listed(differing)}`, 'one of several, or chance')];
  }
  const names = deciding.map(({ name }) => name);
  const brief = names.length > 3 ? [...names.slice(0, 2), `${names.length - 2} more`] : names;
  return [reason(`${lead}${who} differ in ${listed(deciding)}`, joined(brief))];
}
