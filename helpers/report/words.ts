import type { CheckResult } from '../evidence/format.ts';
import type { Origin } from '../ledger/row.ts';
import type { ClaimReport, Outcome, PassageReport, Report } from './format.ts';

// Wording that several renderings of a report share.

/** Every outcome, in the order in which renderings list them. */
export const outcomes: readonly Outcome[] = ['confirmed', 'drifted', 'broken', 'unobserved', 'not asked for'];

/** The sign of each outcome, of a claim or of a check. Its word stands beside it, or a key explains it. */
export const signs: Readonly<Record<Outcome | CheckResult['outcome'], string>> = {
  confirmed: '✔',
  passed: '✔',
  drifted: '✘',
  broken: '!',
  unobserved: '○',
  'not asked for': '·',
};

/** What each outcome of a claim means, for the key of a rendering. */
export const meanings: Readonly<Record<Outcome, string>> = {
  confirmed: 'the verdict is right on this cluster',
  drifted: 'the cluster does something different',
  broken: 'the suite or its surroundings failed',
  unobserved: 'this cluster cannot show it',
  'not asked for': 'the run was narrowed to other claims, or stopped',
};

/** Returns ms as seconds, such as `10.1 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Returns a count with its noun: `1 claim`, `2 claims`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Returns a list as a sentence has it: `a`, `a and b`, `a, b and c`. */
export function joined(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

/** Returns a text with its first letter as a capital. */
export function capitalised(text: string): string {
  return text.replace(/^./u, (first) => first.toUpperCase());
}

/** Returns whether a claim turned red. */
export function isRed({ outcome }: Pick<ClaimReport, 'outcome'>): boolean {
  return outcome === 'drifted' || outcome === 'broken';
}

// ---- Documents and their sections.

interface Located {
  readonly origin: Pick<Origin, 'document' | 'section'>;
  readonly topic?: string | undefined;
}

/** The name of everything that claims beyond the chapter come from, in sentences. */
export const documentation = "Kubernetes' documentation";

/** Returns the name of the document that a row comes from, such as `the chapter`. Those beyond the chapter have one name together. */
function documentOf({ origin, topic }: Located): string {
  return topic === undefined ? origin.document : documentation;
}

/** Returns the names of the documents that rows come from. */
export function documentsOf(rows: readonly Located[]): string {
  return joined([...new Set(rows.map(documentOf))]);
}

/** Returns where a sentence of a public document stands: the title of the page, the heading there, and the version that was read. */
export function placeOf({ document, section, version }: ClaimReport['origin']): string {
  return `${document}, "${section}"${version === undefined ? '' : ` (version read: ${version})`}`;
}

/** Rows under one heading of a document. */
export interface Section<T> {
  readonly heading: string;
  readonly rows: readonly T[];
}

/** A part of the ledger: the chapter, or everything beyond it. */
export interface Part<T> {
  readonly name: string;
  /** Rows have topics, and stand in documents of their own. */
  readonly beyond: boolean;
  /** The name of its documents in sentences. */
  readonly documents: string;
  readonly rows: readonly T[];
  readonly sections: readonly Section<T>[];
}

/** Returns rows that follow each other and have the same key, together. */
function runsOf<T>(rows: readonly T[], keyOf: (row: T) => string): T[][] {
  const runs: { key: string; rows: T[] }[] = [];
  for (const row of rows) {
    const key = keyOf(row);
    const last = runs.at(-1);
    if (last?.key === key) last.rows.push(row);
    else runs.push({ key, rows: [row] });
  }
  return runs.map((run) => run.rows);
}

/**
 * Returns rows in order, in two parts: those of the chapter under its headings, and those beyond it by topic. A heading that occurs again later begins a
 * section of its own.
 */
export function partsOf<T extends Located>(rows: readonly T[]): Part<T>[] {
  return runsOf(rows, documentOf).map((those): Part<T> => {
    const beyond = those[0]?.topic !== undefined;
    const documents = documentsOf(those);
    const title = ({ topic, origin }: T) => topic ?? origin.section;
    const sections = runsOf(those, title).map((run) => ({ heading: run[0] === undefined ? '' : title(run[0]), rows: run }));
    return { name: beyond ? 'Beyond the chapter' : capitalised(documents), beyond, documents, rows: those, sections };
  });
}

/** Returns whether a rendering names the parts: not where all rows are of one document that has no topics. */
export function namesParts(parts: readonly Pick<Part<unknown>, 'beyond'>[]): boolean {
  return parts.length > 1 || parts.some(({ beyond }) => beyond);
}

/** Returns the same as one list of sections, for a format that has no parts. Headings name their part where parts are named. */
export function sectionsOf<T extends Located>(rows: readonly T[]): Section<T>[] {
  const parts = partsOf(rows);
  return parts.flatMap(({ name, sections }) =>
    sections.map(({ heading, rows: those }) => ({ heading: namesParts(parts) ? `${name}: ${heading}` : heading, rows: those })),
  );
}

// ---- The truth of a claim.

/** A sentence of the truth, and the sources that it rests on. */
export interface Statement {
  readonly says: string;
  readonly sources: readonly string[];
}

/**
 * Returns the truth of a claim in two parts: the sentences that this run showed, and those that rest on a source. The checks do not show the latter, or not
 * in the proxy mode of this cluster. A claim that is not confirmed showed nothing.
 */
export function shownAndCited(claim: ClaimReport, { proxyMode }: Report['cluster']): { shown: string[]; cited: Statement[] } {
  const confirmed = claim.outcome === 'confirmed';
  const truth = claim.truth ?? claim.says;
  const [shown, cited] = [[] as string[], [] as Statement[]];
  if (confirmed) shown.push(truth);
  else cited.push({ says: truth, sources: claim.sources });
  for (const { says, source, shownIn } of claim.cited ?? []) {
    if (confirmed && shownIn === proxyMode) shown.push(says);
    else cited.push({ says, sources: [source] });
  }
  return { shown, cited };
}

/** Where a command is typed, in words. */
export const places: Readonly<Record<NonNullable<PassageReport['where']>, string>> = {
  terminal: 'in a terminal with kubectl',
  Pod: "in a Pod of the Service's namespace",
  'Pod elsewhere': 'in a Pod of another namespace',
  node: 'on a node',
};

/** A line of a passage, and whether the other passage lacks it. */
export interface MarkedLine {
  readonly text: string;
  readonly differs: boolean;
}

/** Returns the lines of a passage. Those that the other passage does not have are marked. */
export function markedLines(text: string, other: string): MarkedLine[] {
  const others = new Set(other.split('\n'));
  return text.split('\n').map((line) => ({ text: line, differs: !others.has(line) }));
}

/**
 * Returns two passages as the lines of a diff, where both are of one kind: `-` before a line of the first that the second lacks, `+` before one that only the
 * second has. Returns undefined for passages of different kinds.
 */
export function diffOf(printed: PassageReport, instead: PassageReport): string[] | undefined {
  if (printed.kind !== instead.kind) return undefined;
  const rest = markedLines(instead.text, printed.text);
  const lines: string[] = [];
  const added = () => {
    while (rest[0]?.differs === true) lines.push(`+ ${rest.shift()?.text ?? ''}`);
  };
  for (const { text, differs } of markedLines(printed.text, instead.text)) {
    if (differs) lines.push(`- ${text}`);
    else {
      added();
      lines.push(`  ${rest.shift()?.text ?? text}`);
    }
  }
  added();
  return lines;
}

// ---- The cluster.

/** Returns the kind of cluster in a few words. */
export function nameOf({ standIn, version }: Report['cluster']): string {
  if (standIn) return 'Stand-in node (upstream Kubernetes, not k3s)';
  return version.includes('+k3s') ? 'k3s' : 'Kubernetes';
}

/** Returns what identifies the cluster, as a sentence: its node image, or the context that names it. */
export function sourceOf({ adopted, context = '', nodeImage = '' }: Report['cluster']): string {
  return adopted ? `Existing cluster: context ${context}.` : `Node image ${nodeImage}.`;
}

/** Returns address ranges as text: `unknown` where there are none. */
export function rangesLine(ranges: readonly string[]): string {
  return ranges.length === 0 ? 'unknown' : ranges.join(', ');
}

/** Returns in one line which cluster the run observed. */
export function clusterLine(cluster: Report['cluster']): string {
  const { version, proxyMode, serviceRanges } = cluster;
  const ranges = `Service range${serviceRanges.length > 1 ? 's' : ''} ${rangesLine(serviceRanges)}`;
  return `${nameOf(cluster)} ${version}, Service proxy in ${proxyMode} mode, ${ranges}`;
}

/** The notice of a report of the stand-in. */
export const standInNotice = 'These results describe upstream Kubernetes in the stand-in node, not k3s.';

// ---- The result.

/** Returns the number of claims of each outcome, in one line. */
export function countsLine({ claims, excluded }: Report): string {
  const counts = outcomes.map((outcome) => `${claims.filter((claim) => claim.outcome === outcome).length} ${outcome}`);
  return `${counts.join(', ')}, ${excluded.length} excluded as advice or opinion`;
}

/** Returns a count with its words as a list of one, or an empty list where there is nothing to count. */
function some(count: number, one: string, many = one): string[] {
  return count === 0 ? [] : [counted(count, one, many)];
}

/** Returns the number of confirmed claims of each verdict, as a sentence. */
export function verdictsLine({ claims }: Pick<Report, 'claims'>): string {
  const confirmed = claims.filter(({ outcome }) => outcome === 'confirmed');
  if (confirmed.length === 0) return 'No claim was confirmed.';
  const count = (wanted: ClaimReport['verdict']) => confirmed.filter(({ verdict }) => verdict === wanted).length;
  const verdicts = [
    ...some(count('holds'), 'holds', 'hold'),
    ...some(count('corrected'), 'holds with a correction', 'hold with a correction'),
    ...some(count('refuted'), 'is refuted', 'are refuted'),
  ];
  return `${counted(confirmed.length, 'claim')} matched the ledger: ${joined(verdicts)}.`;
}

/** Returns for each part how many of its claims the run confirmed, in a line each; empty where all claims are of one document. */
export function partLines({ claims }: Pick<Report, 'claims'>): string[] {
  const parts = partsOf(claims);
  if (parts.length < 2) return [];
  return parts.map(({ name, rows }) => {
    const confirmed = rows.filter(({ outcome }) => outcome === 'confirmed').length;
    return `${name}: ${confirmed} of ${counted(rows.length, 'claim')} confirmed.`;
  });
}

/** Returns how many claims are corrected and refuted: among those that the run confirmed, and among all of the ledger. */
export function errataLine({ claims }: { readonly claims: readonly ClaimReport[] }): string {
  const counts = (of: readonly ClaimReport[]) => {
    const count = (wanted: ClaimReport['verdict']) => of.filter(({ verdict }) => verdict === wanted).length;
    return `${count('corrected')} corrected, ${count('refuted')} refuted`;
  };
  const confirmed = claims.filter(({ outcome }) => outcome === 'confirmed');
  return `Of the ${counted(confirmed.length, 'claim')} that this run confirmed: ${counts(confirmed)}. Of all ${claims.length}: ${counts(claims)}.`;
}

/** Returns claims whose verdict is not `holds`: refuted ones first, then corrected ones, each in the order of their document. */
export function errataOf<T extends { readonly verdict: ClaimReport['verdict'] }>(claims: readonly T[]): T[] {
  return (['refuted', 'corrected'] as const).flatMap((wanted) => claims.filter(({ verdict }) => verdict === wanted));
}

/** Returns the result of a run in sentences: how many claims there are, their verdicts, and how many are red, not observed or left out. */
export function countsInWords({ claims, excluded, errors, exitStatus, fault }: Report): string {
  const of = (outcome: Outcome) => claims.filter((claim) => claim.outcome === outcome).length;
  const red = [
    ...some(of('drifted'), 'drifted'),
    ...some(of('broken'), 'is broken', 'are broken'),
    ...some(errors.length, 'error belongs to no claim', 'errors belong to no claim'),
  ];
  const rest = [
    ...some(of('unobserved'), 'could not be observed on this cluster'),
    ...some(of('not asked for'), 'was not asked for', 'were not asked for'),
  ];
  const leftOut = some(
    excluded.length,
    'more sentence is left out, because no run can decide it',
    'more sentences are left out, because no run can decide them',
  );
  return [
    `A cluster can decide ${counted(claims.length, 'claim')} of ${documentsOf(claims)}.`,
    verdictsLine({ claims }),
    red.length === 0 ? 'No claim drifted, and none is broken.' : `Red: ${joined(red)}.`,
    ...[rest, leftOut].filter((parts) => parts.length > 0).map((parts) => `${joined(parts)}.`),
    ...(fault?.stopped === true ? ['The run was stopped before it had tested all.'] : []),
    ...(exitStatus === 3 && red.length === 0 && fault?.stopped !== true
      ? ['The run is incomplete: it did not show what it was expected to show.']
      : []),
  ].join(' ');
}

/** What stopped a run, or made it skip claims, in sentences. */
export interface FaultInWords {
  /** The layer at fault, and what a client saw there. */
  readonly atFault: string;
  /** Which layers work, and which do not. */
  readonly works: string;
  /** What a person looks at, the likeliest first. */
  readonly lookAt: readonly string[];
  /** How many claims were not run. */
  readonly notRun: string;
}

/** Returns what stopped a run, or made it skip claims; undefined where the cluster's network works. */
export function faultInWords({ fault, claims }: Pick<Report, 'fault' | 'claims'>): FaultInWords | undefined {
  if (fault === undefined) return undefined;
  const { layer, seen, lookAt, layers, stopped } = fault;
  const names = (wanted: boolean) => layers.filter(({ works }) => works === wanted).map(({ name }) => name);
  const notAsked = claims.filter(({ outcome }) => outcome === 'not asked for').length;
  const skipped = claims.filter(({ outcome, needs = [] }) => outcome === 'unobserved' && needs.includes(layer)).length;
  return {
    // Not capitalised: what was seen begins with a name or an address.
    atFault: `At fault: ${layer}. ${seen}.`,
    works: `Works: ${joined(names(true)) || 'none of the layers that were tried'}. Does not work: ${joined(names(false))}.`,
    lookAt,
    notRun: stopped
      ? `Not run, and listed as not asked for: ${counted(notAsked, 'claim')}.`
      : `Not run, and listed as unobserved: ${skipped === 0 ? 'every claim that needs it' : `${counted(skipped, 'claim')} that ${skipped === 1 ? 'needs' : 'need'} ${layer}`}.`,
  };
}

/** Returns the same in a line each, for a rendering that is plain text; empty where the cluster's network works. */
export function faultLines(report: Pick<Report, 'fault' | 'claims'>): string[] {
  const words = faultInWords(report);
  if (words === undefined) return [];
  const { atFault, works, lookAt, notRun } = words;
  return [
    atFault,
    works,
    'What to do, the likeliest cause first:',
    ...lookAt.map((place, index) => `${index + 1}. Look at: ${place}`),
    notRun,
  ];
}

/** Returns in one line that a run was stopped, or skipped claims, or an empty list where it did neither. */
function faultConclusion(fault: Report['fault']): string[] {
  if (fault === undefined) return [];
  return fault.stopped
    ? [`Red: the run was stopped, because the cluster's network does not work. At fault: ${fault.layer}.`]
    : [`Red: ${fault.layer} of the cluster is dead. Claims that need it were skipped.`];
}

/** Returns claims that the run should have observed, and did not. Of a run that was narrowed, or whose cluster has a fault, that is not expected. */
export function gapsOf({ claims, fault }: Pick<Report, 'claims' | 'fault'>): ClaimReport[] {
  if (fault !== undefined || claims.some(({ outcome }) => outcome === 'not asked for')) return [];
  return claims.filter(({ outcome, allowed }) => outcome === 'unobserved' && allowed !== true);
}

/** Returns the conclusion of a run: one line when it is green, one for each reason why it is not. */
export function conclusion({ claims, errors, exitStatus, fault }: Report): string[] {
  const ids = (wanted: (claim: ClaimReport) => boolean) => claims.filter(wanted).map(({ id }) => id);
  const notAskedFor = ids(({ outcome }) => outcome === 'not asked for');
  const unobserved = ids(({ outcome }) => outcome === 'unobserved');
  if (exitStatus === 0) {
    const without = [
      ...(unobserved.length === 0 ? [] : [` Not observed here: ${unobserved.length} of ${claims.length} claims.`]),
      ...(notAskedFor.length === 0 ? [] : [` Not asked for: ${notAskedFor.length}.`]),
    ];
    return [`Green: every check agreed with the ledger.${without.join('')}`];
  }
  const broken = ids(({ outcome }) => outcome === 'broken');
  const drifted = ids(({ outcome }) => outcome === 'drifted');
  const gaps = gapsOf({ claims, fault }).map(({ id }) => id);
  const reasons = [
    ...faultConclusion(fault),
    ...(errors.length === 0 ? [] : [`Red: a suite file did not run (${errors.length}).`]),
    ...(broken.length === 0 ? [] : [`Red: the suite or its surroundings failed: ${broken.join(', ')}.`]),
    ...(drifted.length === 0 ? [] : [`Red: the cluster does not do what the ledger says: ${drifted.join(', ')}.`]),
    ...(gaps.length === 0 ? [] : [`Red: expected to be testable here, but was not: ${gaps.join(', ')}.`]),
  ];
  return reasons.length > 0 ? reasons : ['Red: no claim was shown.'];
}

// ---- Text from a cluster.

/** Returns text cut to a number of lines and of characters in each, with a note of how much was left out. */
export function cut(text: string, { lines, width }: { lines: number; width: number }): string {
  const all = text.split('\n');
  const short = all.slice(0, lines).map((line) => (line.length > width ? `${line.slice(0, width).toWellFormed()} …` : line));
  return [...short.slice(0, -1), `${short.at(-1) ?? ''}${all.length > lines ? ` … (${all.length - lines} more lines)` : ''}`].join('\n');
}

/** Returns text with U+FFFD for every character that XML 1.0 cannot hold or that would control a terminal or an editor. */
export function printable(text: string): string {
  return text.toWellFormed().replaceAll(/[^\P{Cc}\t\n\r]|[\u{fffe}\u{ffff}]/gu, '\u{fffd}');
}
