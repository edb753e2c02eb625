import { markdownTable } from 'markdown-table';
import type { ClaimReport, FactResult, Report } from './format.ts';
import {
  clusterLine,
  conclusion,
  cut,
  isRed,
  lookLine,
  originOf,
  outcomes,
  seconds,
  settledLooks,
  standInNotice,
  verdictsLine,
} from './words.ts';

// GitHub shows 1 MiB of a job summary and nothing of a longer one. What a cluster said may be of any length, so it is cut here; report.json has all.
const told = { lines: 15, width: 300 };
const redInFull = 10;

/** Text as it is, on one line, whatever Markdown would make of it; only what stands between two backticks is code. */
export function inline(text: string): string {
  return visible(text)
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

/** The same for a cell of a table, where a pipe would end the cell even in code. */
export function cell(text: string): string {
  return inline(text).replaceAll(/(?<!\\)\|/g, '\\|');
}

/** Text as code within a line, backticks included. */
export function code(text: string): string {
  const fence = longerThanIn(text, 1);
  const pad = /^`|`$/.test(text) ? ' ' : '';
  return `${fence}${pad}${visible(text).replaceAll(/\s+/g, ' ')}${pad}${fence}`;
}

function block(text: string): string {
  const short = visible(cut(text, told));
  const fence = longerThanIn(short, 3);
  return [`${fence}text`, short, fence].join('\n');
}

function longerThanIn(text: string, least: number): string {
  return '`'.repeat(Math.max(least, ...(text.match(/`+/g) ?? []).map((run) => run.length + 1)));
}

/** Control characters would be lost or do harm; a sign in their place says that something was there. */
function visible(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '\u{fffd}').toWellFormed();
}

function redFact(claim: ClaimReport, fact: FactResult): string[] {
  const looks = claim.evidence === undefined ? [] : settledLooks(claim.evidence, fact.id);
  const last = looks.at(-1);
  return [
    `**${fact.outcome}: ${inline(fact.title)}**, after ${seconds(fact.ms)}`,
    '',
    block(fact.error ?? ''),
    '',
    ...(last === undefined ? [] : [`Last seen: ${inline(lookLine(last))}`, '']),
  ];
}

function redClaim(claim: ClaimReport): string[] {
  const facts = claim.evidence?.facts ?? [];
  const diagnostics = claim.evidence?.diagnostics;
  const because = facts.some(({ outcome }) => outcome === claim.outcome) ? [] : ['Because:', '', block(claim.why ?? ''), ''];
  return [
    `### ${code(claim.id)} ${claim.outcome}`,
    '',
    `The chapter says (${inline(claim.section)}): ${inline(claim.says)}`,
    `The ledger: **${claim.verdict}**.${claim.truth === undefined ? '' : ` In truth: ${inline(claim.truth)}`}`,
    '',
    ...because,
    ...facts.filter(({ outcome }) => outcome !== 'passed').flatMap((fact) => redFact(claim, fact)),
    ...(diagnostics === undefined
      ? []
      : ['<details><summary>Its namespace when the claim ended</summary>', '', block(diagnostics), '', '</details>', '']),
    `Once more: ${code(claim.reproduce)}${claim.evidence === undefined ? '' : `; every look: ${code(`artifacts/evidence/${claim.id}.json`)}`}`,
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
  const rows = [...Map.groupBy(asked, ({ section }) => section)].flatMap(([section, claims]) => [
    [`**${cell(section)}**`, '', '', '', ''],
    ...claims.map(({ id, says, verdict, outcome, ms }) => [
      code(id),
      cell(says),
      verdict,
      outcome === 'confirmed' ? outcome : `**${outcome}**`,
      ms === undefined ? '' : seconds(ms),
    ]),
  ]);
  return markdownTable([['claim', 'the chapter says', 'verdict', 'outcome', 'time'], ...rows], {
    align: ['l', 'l', 'l', 'l', 'r'],
    alignDelimiters: false,
  });
}

function errata(asked: readonly ClaimReport[]): string[] {
  const wrong = asked.filter(({ verdict }) => verdict !== 'holds');
  if (wrong.length === 0) return [];
  return [
    '## Errata of the chapter',
    '',
    ...wrong.map(({ id, section, says, verdict, truth, outcome, sources }) => {
      const doubt = outcome === 'confirmed' ? '' : ` (**${outcome}** in this run)`;
      const links = sources.map((source, index) => `[${index + 1}](<${source}>)`).join(' ');
      return `- **${verdict}**${doubt}: ${inline(says)} In truth: ${inline(truth ?? '')} (${inline(section)}; ${code(id)}) ${links}`;
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

/** The report as Markdown, for a GitHub job summary or whoever reads it as text: what is red first, then everything in the chapter's order. */
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
    'A claim is _confirmed_ when the cluster does what the ledger says of it: also when the ledger says that the chapter is wrong.',
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
    `Begun ${startedAt} with ${inline(suite.name)} ${inline(suite.version)}; once more: ${code(reproduce)}`,
    '',
    `${inline(originOf(cluster))} Chosen since ${inline(cluster.why)}; kubectl ${inline(cluster.kubectlVersion)}; ${inline(nodes.join('; '))}.`,
    '',
  ].join('\n');
}
