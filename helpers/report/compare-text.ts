import { markdownTable } from 'markdown-table';
import { type Comparison, none, type Row } from './compare.ts';
import type { Run } from './compare-checks.ts';
import { familiesOf, type Why } from './compare-why.ts';
import { cell, code, inline } from './markdown-text.ts';
import { counted, isRed, joined, nameOf } from './words.ts';

// A comparison as text: for a terminal, and as Markdown.

function number(index: number): string {
  return String(index + 1);
}

/** Returns what tells clusters of a kind apart: the profile, or the context of an existing cluster. */
function sourceOf({ cluster: { context, profile } }: Run['report']): string {
  return context === undefined ? (profile ?? none) : `context ${context}`;
}

interface Column {
  readonly title: string;
  readonly of: (run: Run, index: number) => string;
  /** A column without it is left out where its value is the same in all runs. */
  readonly always?: true;
}

const columns: readonly Column[] = [
  { title: 'run', of: (_, index) => number(index), always: true },
  { title: 'file', of: ({ name }) => name, always: true },
  { title: 'profile or context', of: ({ report }) => sourceOf(report) },
  { title: 'node', of: ({ report: { cluster } }) => (cluster.standIn ? 'stand-in' : nameOf(cluster)) },
  { title: 'Kubernetes', of: ({ report }) => report.cluster.version, always: true },
  { title: 'Service proxy', of: ({ report }) => report.cluster.proxyMode, always: true },
  { title: 'nodes', of: ({ report }) => String(report.cluster.nodes.length) },
  { title: 'IP families', of: ({ report }) => familiesOf(report) },
  { title: 'suite', of: ({ report }) => report.suite.version },
  { title: 'started (UTC)', of: ({ report }) => report.startedAt.slice(0, 16).replace('T', ' '), always: true },
  { title: 'red', of: ({ report: { claims, errors } }) => String(claims.filter(isRed).length + errors.length), always: true },
];

function valuesOf({ of }: Column, runs: readonly Run[]): string[] {
  return runs.map((run, index) => of(run, index));
}

function isAlike(column: Column, runs: readonly Run[]): boolean {
  return column.always !== true && new Set(valuesOf(column, runs)).size < 2;
}

/** Returns one row for each run, below a header. */
function runTable(runs: readonly Run[]): string[][] {
  const shown = columns.filter((column) => !isAlike(column, runs));
  const values = shown.map((column) => valuesOf(column, runs));
  return [shown.map(({ title }) => title), ...runs.map((_, index) => values.map((column) => column[index] ?? ''))];
}

/** Returns in one line what the table of runs leaves out. */
function alikeLine(runs: readonly Run[]): string {
  const alike = columns
    .filter((column) => isAlike(column, runs))
    .map((column) => ({ ...column, value: valuesOf(column, runs)[0] ?? none }));
  const named = alike.filter(({ value }) => value !== none).map(({ title, value }) => `${title} (${value})`);
  return named.length === 0 ? '' : `The same in every run: ${joined(named)}.`;
}

/** Returns what all runs have in common, a note where a run was on the stand-in, and for each run with red claims a line that names them. */
function remarks(runs: readonly Run[]): string[] {
  const red = runs.flatMap(({ report: { claims, errors } }, index) => {
    const names = [...claims.filter(isRed).map(({ id }) => id), ...errors.map(() => 'a suite file that did not run')];
    return names.length === 0 ? [] : [`Red in run ${number(index)}: ${names.join(', ')}.`];
  });
  const standIn = runs.some(({ report }) => report.cluster.standIn);
  const alike = alikeLine(runs);
  return [...(alike === '' ? [] : [alike]), ...(standIn ? ['A stand-in is upstream Kubernetes and not k3s.'] : []), ...red];
}

/** Returns what each run has, such as `timed out (1); refused (2, 3)`. Runs that have nothing are left out. */
function byRun(values: readonly string[]): string {
  const groups = Map.groupBy(values.keys(), (index) => values[index] ?? '');
  return [...groups].flatMap(([value, runs]) => (value === '' ? [] : [`${value} (${runs.map(number).join(', ')})`])).join('; ');
}

/** The most checks of a claim that the overview names. */
const mostChecks = 2;

/** Returns what differs in a claim in a few words: its outcomes, and how its checks ended. */
function whatDiffers({ cells, differences }: Row): string {
  const outcomes = new Set(cells).size > 1 ? [byRun(cells)] : [];
  const words = differences.map(({ check, runs }) => ({ check, ended: byRun(runs.map(({ words: inWords }) => inWords)) }));
  const reasons = outcomes.length > 0 ? [] : words.flatMap(({ check, ended }) => (check === undefined ? [ended] : []));
  const checks = words.flatMap(({ check, ended }) => (check === undefined ? [] : [`${check}: ${ended}`]));
  const more = checks.length > mostChecks ? [`And ${counted(checks.length - mostChecks, 'more check')}`] : [];
  return [...outcomes, ...reasons, ...checks.slice(0, mostChecks), ...more].join('. ');
}

/** Returns one row for each claim that differs, below a header. */
function overview({ differing, seenDifferently }: Comparison): string[][] {
  const rows = [...differing, ...seenDifferently].map((row) => [row.id, whatDiffers(row), row.why.map(({ brief }) => brief).join('; ')]);
  return rows.length === 0 ? [] : [['claim', 'what differs (run)', 'why it may differ'], ...rows];
}

function sentences(why: readonly Why[]): string {
  return why.map(({ sentence }) => sentence).join(' ');
}

/** Returns the outcome in brackets where all runs have the same. */
function agreed(cells: readonly string[]): string {
  return new Set(cells).size === 1 ? ` (${cells[0] ?? ''})` : '';
}

/** Returns the ids of claims by their outcome, or where runs have different ones by all of them, such as `confirmed (1); not asked for (2)`. */
function byOutcome(rows: readonly Row[]): [string, string[]][] {
  const outcomes = ({ cells }: Row) => (new Set(cells).size === 1 ? (cells[0] ?? none) : byRun(cells));
  return [...Map.groupBy(rows, outcomes)].map(([outcome, those]) => [outcome, those.map(({ id }) => id)]);
}

const titles = {
  overview: 'What differs',
  differing: 'Different outcomes',
  seenDifferently: 'The same outcome, seen differently',
  leftOut: 'Not asked of every run, and nothing differs in the others',
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

/** Returns rows as columns side by side. A cell that is longer than its column may be, if `most` says so, goes on in the next line. */
function padded(rows: readonly (readonly string[])[], most: readonly number[] = []): string[] {
  const longest = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const widths = longest.map((length, column) => Math.min(length, most[column] ?? length));
  return rows.flatMap((row) => {
    const cells = row.map((text, column) => wrap(text, widths[column] ?? 0, ''));
    const height = Math.max(...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) =>
      `  ${cells.map((lines, column) => (lines[line] ?? '').padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
    );
  });
}

/** Returns the overview for a terminal of `width` columns. */
function overviewLines(comparison: Comparison, width: number): string[] {
  const rows = overview(comparison);
  if (rows.length === 0) return [];
  const longest = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const rest = width - longest(0) - 6;
  const what = Math.min(longest(1), Math.ceil(rest * 0.55));
  return ['', `${titles.overview}: ${rows.length - 1}`, ...padded(rows, [longest(0), what, rest - what])];
}

/** Returns the comparison for a terminal of `width` columns: an overview, then the differences with what each run observed. */
export function renderComparison(comparison: Comparison, width: number): string {
  const { runs, differing, seenDifferently, leftOut, same } = comparison;
  const lists = (title: string, rows: readonly Row[]) => [
    `${title}: ${rows.length}`,
    ...byOutcome(rows).flatMap(([outcome, ids]) => wrap(`${outcome}: ${ids.join(', ')}`, width, '    ', '  ')),
    '',
  ];
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
    ...overviewLines(comparison, width),
    '',
    `${titles.differing}: ${differing.length}`,
    ...differing.flatMap(details),
    '',
    `${titles.seenDifferently}: ${seenDifferently.length}`,
    ...seenDifferently.flatMap(details),
    '',
    ...(leftOut.length === 0 ? [] : lists(titles.leftOut, leftOut)),
    ...lists(titles.same, same),
  ].join('\n');
}

/** Returns the comparison as Markdown. */
export function comparisonAsMarkdown(comparison: Comparison): string {
  const { runs, differing, seenDifferently, leftOut, same } = comparison;
  const short = overview(comparison);
  const lists = (title: string, rows: readonly Row[]) => [
    `## ${title}: ${rows.length}`,
    '',
    ...byOutcome(rows).map(([outcome, ids]) => `- ${outcome}: ${ids.map(code).join(', ')}`),
    '',
  ];
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
    ...(short.length === 0 ? [] : [`## ${titles.overview}: ${short.length - 1}`, '', table(short), '']),
    `## ${titles.differing}: ${differing.length}`,
    '',
    ...differing.flatMap(details),
    `## ${titles.seenDifferently}: ${seenDifferently.length}`,
    '',
    ...seenDifferently.flatMap(details),
    ...(leftOut.length === 0 ? [] : lists(titles.leftOut, leftOut)),
    ...lists(titles.same, same),
  ].join('\n');
}
