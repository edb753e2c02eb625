import { markdownTable } from 'markdown-table';
import type { CheckResult } from '../evidence/format.ts';
import type { ClaimReport, Report } from './format.ts';
import { observationLine, settledObservations } from './observations.ts';
import {
  capitalised,
  clusterLine,
  conclusion,
  cut,
  documentsOf,
  isRed,
  outcomes,
  printable,
  seconds,
  sectionsOf,
  sourceOf,
  standInNotice,
  verdictsLine,
} from './words.ts';

// GitHub shows no job summary above 1 MiB. Text from a cluster may be of any length, so it is cut here; report.json has the whole of it.
const limit = { lines: 15, width: 300 };
const redInFull = 10;

/** Returns text on one line with Markdown's signs escaped. Text between two backticks stays code. */
export function inline(text: string): string {
  return printable(text)
    .replaceAll(/\s+/g, ' ')
    .split(/(`[^`]+`)/)
    .map((part, index) => (index % 2 === 1 ? part : escape(part)))
    .join('')
    .replace(/^[#+-]/, '\\$&')
    .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2');
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_[\]|~]/g, '\\$&');
}

/** Returns the same for a cell of a table, where a pipe would end the cell even in code. */
export function cell(text: string): string {
  return inline(text).replaceAll(/(?<!\\)\|/g, '\\|');
}

/** Returns text as code within a line, its backticks included. */
export function code(text: string): string {
  const fence = longerThanIn(text, 1);
  const pad = /^`|`$/.test(text) ? ' ' : '';
  return `${fence}${pad}${printable(text).replaceAll(/\s+/g, ' ')}${pad}${fence}`;
}

function block(text: string): string {
  const short = printable(cut(text, limit));
  const fence = longerThanIn(short, 3);
  return [`${fence}text`, short, fence].join('\n');
}

function longerThanIn(text: string, least: number): string {
  return '`'.repeat(Math.max(least, ...(text.match(/`+/g) ?? []).map((run) => run.length + 1)));
}

function redCheck(claim: ClaimReport, check: CheckResult): string[] {
  const last = claim.evidence === undefined ? undefined : settledObservations(claim.evidence, check.id).at(-1);
  return [
    `**${check.outcome}: ${inline(check.title)}**, after ${seconds(check.ms)}`,
    '',
    block(check.error ?? ''),
    '',
    ...(last === undefined ? [] : [`Last observation: ${inline(observationLine(last))}`, '']),
  ];
}

function redClaim(claim: ClaimReport): string[] {
  const { document, section } = claim.origin;
  const checks = claim.evidence?.checks ?? [];
  const diagnostics = claim.evidence?.diagnostics;
  const because = checks.some(({ outcome }) => outcome === claim.outcome) ? [] : ['Reason:', '', block(claim.why ?? ''), ''];
  return [
    `### ${code(claim.id)} ${claim.outcome}`,
    '',
    `${capitalised(inline(document))} says (${inline(section)}): ${inline(claim.says)}`,
    `The ledger: **${claim.verdict}**.${claim.truth === undefined ? '' : ` In truth: ${inline(claim.truth)}`}`,
    '',
    ...because,
    ...checks.filter(({ outcome }) => outcome !== 'passed').flatMap((check) => redCheck(claim, check)),
    ...(diagnostics === undefined
      ? []
      : ['<details><summary>Its namespace when the claim ended</summary>', '', block(diagnostics), '', '</details>', '']),
    `Reproduce: ${code(claim.reproduce)}${claim.evidence === undefined ? '' : `; every observation: ${code(`artifacts/evidence/${claim.id}.json`)}`}`,
    '',
  ];
}

function red({ claims, errors }: Report): string[] {
  const all = claims.filter(isRed);
  if (all.length === 0 && errors.length === 0) return [];
  const rest = all.slice(redInFull);
  return [
    '## Red',
    '',
    ...errors.slice(0, redInFull).flatMap((error) => ['**A suite file did not run**', '', block(error), '']),
    ...all.slice(0, redInFull).flatMap(redClaim),
    ...(rest.length === 0 ? [] : [`And ${rest.length} more: ${rest.map(({ id }) => code(id)).join(', ')}.`, '']),
  ];
}

function table(asked: readonly ClaimReport[]): string {
  const rows = sectionsOf(asked).flatMap(({ heading, rows: claims }) => [
    [`**${cell(heading)}**`, '', '', '', ''],
    ...claims.map(({ id, says, verdict, outcome, ms }) => [
      code(id),
      cell(says),
      verdict,
      outcome === 'confirmed' ? outcome : `**${outcome}**`,
      ms === undefined ? '' : seconds(ms),
    ]),
  ]);
  return markdownTable([['claim', 'what the document says', 'verdict', 'outcome', 'time'], ...rows], {
    align: ['l', 'l', 'l', 'l', 'r'],
    alignDelimiters: false,
  });
}

function errata(asked: readonly ClaimReport[]): string[] {
  const wrong = asked.filter(({ verdict }) => verdict !== 'holds');
  if (wrong.length === 0) return [];
  return [
    `## Errata of ${inline(documentsOf(wrong))}`,
    '',
    ...wrong.map(({ id, origin, says, verdict, truth, outcome, sources }) => {
      const doubt = outcome === 'confirmed' ? '' : ` (**${outcome}** in this run)`;
      const links = sources.map((source, index) => `[${index + 1}](<${source}>)`).join(' ');
      return `- **${verdict}**${doubt}: ${inline(says)} In truth: ${inline(truth ?? '')} (${inline(origin.section)}; ${code(id)}) ${links}`;
    }),
    '',
  ];
}

function unobserved({ claims, excluded }: Report): string[] {
  const gaps = Map.groupBy(
    claims.filter(({ outcome }) => outcome === 'unobserved'),
    ({ why }) => why ?? '',
  );
  return [
    '## Not observed',
    '',
    ...[...gaps].map(([why, those]) => `- ${inline(why)}: ${those.map(({ id }) => code(id)).join(', ')}`),
    ...excluded.map(({ says, why }) => `- no run can decide it (${inline(why)}): ${inline(says)}`),
    '',
  ];
}

/** Returns the report as Markdown, for a GitHub job summary or to read as text: red claims first, then every claim in the documents' order. */
export function renderMarkdown(report: Report): string {
  const { cluster, claims, phases, suite, startedAt, reproduce } = report;
  const asked = claims.filter(({ outcome }) => outcome !== 'not asked for');
  const notAsked = claims.length - asked.length;
  const count = (wanted: string) => `${claims.filter(({ outcome }) => outcome === wanted).length}`;
  const nodes = cluster.nodes.map(({ kernel, architecture, operatingSystem }) => `${operatingSystem}, kernel ${kernel}, ${architecture}`);
  return [
    '# ClusterIP conformance',
    '',
    ...conclusion(report).map((line) => `**${inline(line)}**\n`),
    `${inline(clusterLine(cluster))}.`,
    '',
    ...(cluster.standIn ? [`> ${standInNotice}`, ''] : []),
    markdownTable(
      [
        [...outcomes, 'excluded'],
        [...outcomes.map(count), `${report.excluded.length}`],
      ],
      { alignDelimiters: false, padding: true },
    ),
    '',
    inline(verdictsLine(report)),
    '',
    ...red(report),
    '## Claims',
    '',
    'A claim is _confirmed_ when the cluster does what the ledger says: also where the ledger says that the document is wrong.',
    '',
    table(asked),
    '',
    ...(notAsked === 0 ? [] : [`${notAsked} more claims were not asked for in this run.`, '']),
    ...errata(asked),
    ...unobserved(report),
    '## Time and place',
    '',
    markdownTable([['phase', 'time'], ...Object.entries(phases).map(([phase, ms]) => [cell(phase), seconds(ms)])], {
      align: ['l', 'r'],
      alignDelimiters: false,
    }),
    '',
    `Started ${startedAt} with ${inline(suite.name)} ${inline(suite.version)}; reproduce: ${code(reproduce)}`,
    '',
    `${inline(sourceOf(cluster))} Chosen because ${inline(cluster.why)}; kubectl ${inline(cluster.kubectlVersion)}; ${inline(nodes.join('; '))}.`,
    '',
  ].join('\n');
}
