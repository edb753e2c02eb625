import { markdownTable } from 'markdown-table';
import { type Difference, differencesOf, type Run } from './compare-checks.ts';
import { type Why, whyTheyMayDiffer } from './compare-why.ts';
import { cell, code, inline } from './markdown-text.ts';
import { isRed, nameOf } from './words.ts';

interface Row {
  readonly id: string;
  readonly says: string;
  /** Its verdict and outcome in each run, in a few words. */
  readonly cells: readonly string[];
  readonly differences: readonly Difference[];
  /** Why the runs may differ here. */
  readonly why: readonly Why[];
}

export interface Comparison {
  readonly runs: readonly Run[];
  /** Claims whose outcome or verdict differs. */
  readonly differing: readonly Row[];
  /** Claims of the same outcome and verdict that were seen differently: a check or a connection of theirs ended differently, or the reason differs. */
  readonly seenDifferently: readonly Row[];
  readonly same: readonly Row[];
}

const none = '–';

/** Compares runs claim by claim, in the order of the first run's ledger. Claims that only later runs have come last. */
export function compareReports(runs: readonly Run[]): Comparison {
  const ids = [...new Set(runs.flatMap(({ report }) => report.claims.map(({ id }) => id)))];
  const rows = ids.map((id): Row => {
    const claims = runs.map(({ report }) => report.claims.find((claim) => claim.id === id));
    const verdicts = new Set(claims.flatMap((claim) => claim?.verdict ?? []));
    const cells = claims.map((claim) => {
      if (claim === undefined) return none;
      return verdicts.size > 1 ? `${claim.verdict}, ${claim.outcome}` : claim.outcome;
    });
    const differences = differencesOf(runs, claims);
    const why = whyTheyMayDiffer(runs, claims, differences);
    return { id, says: claims.find((claim) => claim !== undefined)?.says ?? '', cells, differences, why };
  });
  const differs = ({ cells }: Row) => new Set(cells).size > 1;
  return {
    runs,
    differing: rows.filter(differs),
    seenDifferently: rows.filter((row) => !differs(row) && row.differences.length > 0),
    same: rows.filter((row) => !differs(row) && row.differences.length === 0),
  };
}

/** Returns whether the runs differ in an outcome or a verdict. `npm run compare` then exits with status 1. */
export function differsInOutcome({ differing }: Comparison): boolean {
  return differing.length > 0;
}

function number(index: number): string {
  return String(index + 1);
}

/** Returns one row for each run, below a header. */
function runTable(runs: readonly Run[]): string[][] {
  return [
    ['run', 'file', 'node', 'Kubernetes', 'Service proxy', 'suite', 'started (UTC)', 'red'],
    ...runs.map(({ name, report: { cluster, suite, startedAt, claims, errors } }, index) => [
      number(index),
      name,
      cluster.standIn ? 'stand-in' : nameOf(cluster) + (cluster.context === undefined ? '' : ` (${cluster.context})`),
      cluster.version,
      cluster.proxyMode,
      suite.version,
      startedAt.slice(0, 16).replace('T', ' '),
      String(claims.filter(isRed).length + errors.length),
    ]),
  ];
}

/** Returns a note where a run was on the stand-in, and for each run with red claims a line that names them. */
function remarks(runs: readonly Run[]): string[] {
  const red = runs.flatMap(({ report: { claims, errors } }, index) => {
    const names = [...claims.filter(isRed).map(({ id }) => id), ...errors.map(() => 'a suite file that did not run')];
    return names.length === 0 ? [] : [`Red in run ${number(index)}: ${names.join(', ')}.`];
  });
  const standIn = runs.some(({ report }) => report.cluster.standIn);
  return [...(standIn ? ['A stand-in is upstream Kubernetes and not k3s.'] : []), ...red];
}

function outcomeTable(runs: readonly Run[], rows: readonly Row[]): string[][] {
  return [['claim', ...runs.map((_, index) => `run ${number(index)}`)], ...rows.map(({ id, cells }) => [id, ...cells])];
}

function sentences(why: readonly Why[]): string {
  return why.map(({ sentence }) => sentence).join(' ');
}

/** Returns the outcome in brackets where all runs have the same. */
function agreed(cells: readonly string[]): string {
  return new Set(cells).size === 1 ? ` (${cells[0] ?? ''})` : '';
}

/** Returns the ids of the claims on which the runs agree, by outcome. */
function sameLists(same: readonly Row[]): [string, string[]][] {
  return [...Map.groupBy(same, ({ cells }) => cells[0] ?? none)].map(([outcome, rows]) => [outcome, rows.map(({ id }) => id)]);
}

const titles = {
  differing: 'Different outcomes',
  seenDifferently: 'The same outcome, seen differently',
  same: 'The same in every run',
};

/** Breaks text at blanks into lines of at most `width` characters, each with the indent. A longer word stays whole. */
function wrap(text: string, width: number, indent: string, first = indent): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(`${first}${word}`);
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${indent}${word}`);
  }
  return lines;
}

function padded(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}

/** Returns the comparison for a terminal of `width` columns: differences first, with what each run observed. */
export function renderComparison({ runs, differing, seenDifferently, same }: Comparison, width: number): string {
  const details = ({ id, says, differences, cells, why }: Row) => [
    '',
    ...wrap(`${id}${agreed(cells)}: ${says}`, width, '    ', '  '),
    ...wrap(`Why it may differ: ${sentences(why)}`, width, '      ', '    '),
    ...differences.flatMap(({ check, runs: seen }) => [
      ...(check === undefined ? [] : [`    ${check}`]),
      ...seen.flatMap(({ lines }, index) =>
        lines.flatMap((line, at) => wrap(line, width, '          ', at === 0 ? `      ${number(index)}   ` : '          ')),
      ),
    ]),
  ];
  return [
    '',
    ...padded(runTable(runs)),
    ...remarks(runs).flatMap((line) => wrap(line, width, '    ', '  ')),
    '',
    `${titles.differing}: ${differing.length}`,
    ...(differing.length === 0 ? [] : padded(outcomeTable(runs, differing))),
    ...differing.flatMap(details),
    '',
    `${titles.seenDifferently}: ${seenDifferently.length}`,
    ...seenDifferently.flatMap(details),
    '',
    `${titles.same}: ${same.length}`,
    ...sameLists(same).flatMap(([outcome, ids]) => wrap(`${outcome}: ${ids.join(', ')}`, width, '    ', '  ')),
    '',
  ].join('\n');
}

/** Returns the comparison as Markdown. */
export function comparisonAsMarkdown({ runs, differing, seenDifferently, same }: Comparison): string {
  const table = (rows: string[][]) =>
    markdownTable(
      rows.map((row) => row.map(cell)),
      { alignDelimiters: false },
    );
  const details = ({ id, says, differences, cells, why }: Row) => [
    `### ${code(id)}${agreed(cells)}`,
    '',
    inline(says),
    '',
    `Why it may differ: ${inline(sentences(why))}`,
    '',
    ...differences.flatMap(({ check, runs: seen }) => [
      ...(check === undefined ? [] : [`Check ${code(check)}:`, '']),
      ...seen.flatMap(({ lines }, index) => (lines.length === 0 ? [] : [`- run ${number(index)}: ${lines.map(inline).join('; ')}`])),
      '',
    ]),
  ];
  return [
    '# Comparison of runs',
    '',
    table(runTable(runs)),
    '',
    ...remarks(runs).flatMap((line) => [inline(line), '']),
    `## ${titles.differing}: ${differing.length}`,
    '',
    ...(differing.length === 0 ? [] : [table(outcomeTable(runs, differing)), '']),
    ...differing.flatMap(details),
    `## ${titles.seenDifferently}: ${seenDifferently.length}`,
    '',
    ...seenDifferently.flatMap(details),
    `## ${titles.same}: ${same.length}`,
    '',
    ...sameLists(same).map(([outcome, ids]) => `- ${outcome}: ${ids.map(code).join(', ')}`),
    '',
  ].join('\n');
}
