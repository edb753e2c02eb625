import { markdownTable } from 'markdown-table';
import type { ClaimReport, FactResult, Report } from './format.ts';
import { cell, code, inline } from './markdown.ts';
import { cut, endingOf, isRed, lookLine, nameOf, settledLooks } from './words.ts';

/** A report, under a name that tells it from the others. */
export interface Run {
  readonly name: string;
  readonly report: Report;
}

interface Row {
  readonly id: string;
  readonly says: string;
  /** The claim in each run; undefined where the run's ledger does not have it. */
  readonly claims: readonly (ClaimReport | undefined)[];
  /** Its verdict and outcome in each run, in a few words. */
  readonly cells: readonly string[];
}

/** What each run saw, run by run, in lines: of the whole claim where `fact` is undefined, else of that fact. */
interface Sight {
  readonly fact?: string;
  readonly runs: readonly (readonly string[])[];
}

export interface Comparison {
  readonly runs: readonly Run[];
  /** Claims whose outcome or verdict differs. */
  readonly differing: readonly (Row & { sights: readonly Sight[] })[];
  /** Claims of the same outcome and verdict, of which some fact was seen otherwise: another title, or connections that ended otherwise. */
  readonly otherwise: readonly (Row & { sights: readonly Sight[] })[];
  readonly same: readonly Row[];
}

const none = '–';

/** Compares runs claim by claim, in the order of the first run's ledger; claims that only later ones have come last. */
export function compareReports(runs: readonly Run[]): Comparison {
  const ids = [...new Set(runs.flatMap(({ report }) => report.claims.map(({ id }) => id)))];
  const rows = ids.map((id): Row & { sights: Sight[] } => {
    const claims = runs.map(({ report }) => report.claims.find((claim) => claim.id === id));
    const verdicts = new Set(claims.flatMap((claim) => claim?.verdict ?? []));
    const cells = claims.map((claim) => {
      if (claim === undefined) return none;
      return verdicts.size > 1 ? `${claim.verdict}, ${claim.outcome}` : claim.outcome;
    });
    return { id, says: claims.find((claim) => claim !== undefined)?.says ?? '', claims, cells, sights: sightsOf(claims, runs) };
  });
  const differs = ({ cells }: Row) => new Set(cells).size > 1;
  return {
    runs,
    differing: rows.filter(differs),
    otherwise: rows.filter((row) => !differs(row) && row.sights.length > 0),
    same: rows.filter((row) => !differs(row) && row.sights.length === 0),
  };
}

/** What differs in what the runs saw of a claim. */
function sightsOf(claims: Row['claims'], runs: readonly Run[]): Sight[] {
  const factsOf = (claim: ClaimReport | undefined) => claim?.evidence?.facts ?? [];
  const ids = [...new Set(claims.flatMap((claim) => factsOf(claim).map(({ id }) => id)))];
  const sights = ids.flatMap((id): Sight[] => {
    const facts = claims.map((claim) => factsOf(claim).find((fact) => fact.id === id));
    const kinds = new Set(facts.map((fact, index) => kindOf(fact, claims[index], runs[index])));
    if (kinds.size === 1) return [];
    return [{ fact: id, runs: facts.map((fact, index) => factLines(fact, claims[index])) }];
  });
  // What no fact tells: why a claim was not observed, or what broke outside its facts.
  const untold = claims.map((claim) => {
    if (claim === undefined) return ['its ledger does not have this claim'];
    if (claim.outcome === 'confirmed' || factsOf(claim).some(({ outcome }) => outcome === claim.outcome)) return [];
    return [`${claim.outcome}${claim.why === undefined ? '' : `: ${cut(claim.why, short)}`}`];
  });
  const differing = new Set(untold.map((lines) => lines.join('\n'))).size > 1;
  return differing ? [{ runs: untold }, ...sights] : sights;
}

const short = { lines: 5, width: 240 };

/** What must be the same in two runs for a fact to have been seen alike; figures and addresses may differ. */
function kindOf(fact: FactResult | undefined, claim: ClaimReport | undefined, run: Run | undefined): string {
  if (fact === undefined || claim?.evidence === undefined) return none;
  // A title may name the run's own proxy mode, and that the modes differ is told once, with the runs.
  const title = fact.title.replaceAll(run?.report.cluster.proxyMode ?? '', '');
  const endings = settledLooks(claim.evidence, fact.id).flatMap((look) => endingOf(look) ?? []);
  // How often something had to be tried may be chance; how it ended is not.
  return JSON.stringify([title, fact.outcome, endings.filter((ending, index) => ending !== endings[index - 1])]);
}

function factLines(fact: FactResult | undefined, claim: ClaimReport | undefined): string[] {
  if (claim?.evidence === undefined) return [];
  if (fact === undefined) return ['not shown'];
  const looks = settledLooks(claim.evidence, fact.id).filter((look) => endingOf(look) !== undefined);
  return [
    fact.outcome === 'passed' ? fact.title : `${fact.outcome}: ${fact.title}`,
    ...looks.map(lookLine),
    // The error of a drifted fact repeats its last looks.
    ...(fact.error === undefined ? [] : [cut(fact.error, { ...short, lines: looks.length > 0 ? 1 : short.lines })]),
  ];
}

/** How the runs differ in outcome: what `npm run compare` says by its exit status. */
export function differsInOutcome({ differing }: Comparison): boolean {
  return differing.length > 0;
}

function number(index: number): string {
  return String(index + 1);
}

/** The runs side by side, one line each below a header. */
function runTable(runs: readonly Run[]): string[][] {
  return [
    ['run', 'file', 'node', 'Kubernetes', 'Service proxy', 'suite', 'begun (UTC)', 'red'],
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

/** What the node of a run is, where that matters, and which claims were red in each run that has some. */
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

/** The outcome in brackets where all runs have the same. */
function agreed(cells: readonly string[]): string {
  return new Set(cells).size === 1 ? ` (${cells[0] ?? ''})` : '';
}

/** The claims on which the runs agree, by what they agree on. */
function sameLists(same: readonly Row[]): [string, string[]][] {
  return [...Map.groupBy(same, ({ cells }) => cells[0] ?? none)].map(([outcome, rows]) => [outcome, rows.map(({ id }) => id)]);
}

const titles = {
  differing: 'Different outcomes',
  otherwise: 'The same outcome, seen otherwise',
  same: 'The same in every run',
};

/** Breaks text at blanks into lines of at most `width` characters, each behind the indent; a longer word stays whole. */
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

/** The comparison for a terminal of `width` columns: differences first, with what each run saw. */
export function renderComparison({ runs, differing, otherwise, same }: Comparison, width: number): string {
  const details = ({ id, says, sights, cells }: Comparison['differing'][number]) => [
    '',
    ...wrap(`${id}${agreed(cells)}: ${says}`, width, '    ', '  '),
    ...sights.flatMap(({ fact, runs: seen }) => [
      ...(fact === undefined ? [] : [`    ${fact}`]),
      ...seen.flatMap((lines, index) =>
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
    `${titles.otherwise}: ${otherwise.length}`,
    ...otherwise.flatMap(details),
    '',
    `${titles.same}: ${same.length}`,
    ...sameLists(same).flatMap(([outcome, ids]) => wrap(`${outcome}: ${ids.join(', ')}`, width, '    ', '  ')),
    '',
  ].join('\n');
}

/** The comparison as Markdown. */
export function comparisonAsMarkdown({ runs, differing, otherwise, same }: Comparison): string {
  const table = (rows: string[][]) =>
    markdownTable(
      rows.map((row) => row.map(cell)),
      { alignDelimiters: false },
    );
  const details = ({ id, says, sights, cells }: Comparison['differing'][number]) => [
    `### ${code(id)}${agreed(cells)}`,
    '',
    inline(says),
    '',
    ...sights.flatMap(({ fact, runs: seen }) => [
      ...(fact === undefined ? [] : [`Fact ${code(fact)}:`, '']),
      ...seen.flatMap((lines, index) => (lines.length === 0 ? [] : [`- run ${number(index)}: ${lines.map(inline).join('; ')}`])),
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
    `## ${titles.otherwise}: ${otherwise.length}`,
    '',
    ...otherwise.flatMap(details),
    `## ${titles.same}: ${same.length}`,
    '',
    ...sameLists(same).map(([outcome, ids]) => `- ${outcome}: ${ids.map(code).join(', ')}`),
    '',
  ].join('\n');
}
