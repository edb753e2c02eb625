import { markdownTable } from 'markdown-table';
import type { CheckResult } from '../evidence/format.ts';
import type { ClaimReport, Report } from './format.ts';
import { cell, code, fenced, inline, placeLink, printedAndInstead } from './markdown-text.ts';
import { observationLine, settledObservations } from './observations.ts';
import { pasteInstead } from './paste.ts';
import { redSummary } from './red.ts';
import { symptomTable } from './symptoms.ts';
import {
  capitalised,
  clusterLine,
  conclusion,
  cut,
  documentation,
  errataLine,
  errataOf,
  faultInWords,
  isRed,
  namesParts,
  outcomes,
  type Part,
  partLines,
  partsOf,
  seconds,
  shownAndCited,
  sourceOf,
  standInNotice,
  verdictsLine,
} from './words.ts';

// GitHub shows no job summary above 1 MiB. Text from a cluster may be of any length, so it is cut here; report.json has the whole of it.
const limit = { lines: 15, width: 300 };
const redInFull = 10;

function block(text: string): string {
  return fenced('text', cut(text, limit));
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
  const source =
    claim.topic === undefined
      ? `${capitalised(inline(document))} says (${inline(section)})`
      : `${documentation} says (${placeLink(claim.origin)})`;
  const checks = claim.evidence?.checks ?? [];
  const diagnostics = claim.evidence?.diagnostics;
  const because = checks.some(({ outcome }) => outcome === claim.outcome) ? [] : ['Reason:', '', block(claim.why ?? ''), ''];
  return [
    `### ${code(claim.id)} ${claim.outcome}`,
    '',
    `${source}: ${inline(claim.says)}`,
    `The ledger: **${claim.verdict}**.${claim.truth === undefined ? '' : ` In truth: ${inline(claim.truth)}`}`,
    ...(claim.because === undefined ? [] : [`Why: ${inline(claim.because)}`]),
    '',
    ...because,
    ...checks.filter(({ outcome }) => outcome !== 'passed').flatMap((check) => redCheck(claim, check)),
    ...(diagnostics === undefined
      ? []
      : ['<details><summary>Its namespace when the claim ended</summary>', '', block(diagnostics), '', '</details>', '']),
    `Reproduce: ${code(claim.reproduce)}${claim.evidence === undefined ? '' : `; every observation: ${code(`evidence/${claim.id}.json`)} beside the report`}`,
    '',
  ];
}

function red(report: Report): string[] {
  const { claims, errors } = report;
  const all = claims.filter(isRed);
  const rest = all.slice(redInFull);
  const summary = redSummary(report);
  if (summary === undefined) return [];
  const { headline, shared, steps } = summary;
  return [
    '## Red',
    '',
    inline(headline),
    '',
    'What to do:',
    '',
    ...steps.map((step, index) => `${index + 1}. ${inline(step)}`),
    '',
    ...(shared.length === 0 ? [] : ['What they share:', '', ...shared.map((line) => `- ${inline(line)}`), '']),
    ...errors.slice(0, redInFull).flatMap((error) => ['**A suite file did not run**', '', block(error), '']),
    ...all.slice(0, redInFull).flatMap(redClaim),
    ...(rest.length === 0 ? [] : [`And ${rest.length} more: ${rest.map(({ id }) => code(id)).join(', ')}.`, '']),
  ];
}

function table({ sections }: Part<ClaimReport>): string {
  const rows = sections.flatMap(({ heading, rows: claims }) => [
    [`**${cell(heading)}**`, '', '', '', ''],
    ...claims.map(({ id, topic, origin, says, verdict, outcome, ms }) => [
      code(id),
      topic === undefined ? cell(says) : `${cell(says)} (${placeLink(origin).replaceAll('|', String.raw`\|`)})`,
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

function erratum(claim: ClaimReport, cluster: Report['cluster']): string[] {
  const { id, topic, origin, says, verdict, truth, because, outcome, sources, printed, instead } = claim;
  const place = topic === undefined ? inline(origin.section) : placeLink(origin);
  const doubt = outcome === 'confirmed' ? '' : ` (**${outcome}** in this run)`;
  const links = sources.map((source, index) => `[${index + 1}](<${source}>)`).join(' ');
  const { shown, cited } = shownAndCited(claim, cluster);
  const only = cited.filter((statement) => statement.says !== truth);
  return [
    `- **${verdict}**${doubt}: ${inline(says)} In truth: ${inline(truth ?? '')} (${place}; ${code(id)}) ${links}`,
    ...(because === undefined ? [] : [`  - Why: ${inline(because)}`]),
    ...shown.slice(1).map((text) => `  - Also shown by this run: ${inline(text)}`),
    ...only.map(
      (statement) =>
        `  - Not shown by this run, ${statement.sources.map((at) => `[by its source](<${at}>)`).join(', ')}: ${inline(statement.says)}`,
    ),
    ...(printed === undefined || instead === undefined ? [] : ['', ...printedAndInstead(printed, instead).map(indented)]),
    '',
  ];
}

/** Returns lines two columns further right, so that they belong to the entry of a list. */
function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}

/** Returns what is wrong in the documents of each part. The counts are of all claims of the part, also those that were not asked for. */
function errata({ claims, cluster }: Report): string[] {
  return partsOf(claims).flatMap(({ documents, rows }) => {
    const wrong = errataOf(rows.filter(({ outcome }) => outcome !== 'not asked for'));
    if (wrong.length === 0) return [];
    const paste = pasteInstead(wrong.flatMap(({ instead }) => (instead === undefined ? [] : [instead])));
    return [
      `## Errata of ${inline(documents)}`,
      '',
      errataLine({ claims: rows }),
      '',
      ...wrong.flatMap((claim) => erratum(claim, cluster)),
      ...(paste === '' ? [] : ['### Paste this instead', '', fenced('sh', paste), '']),
    ];
  });
}

/** Returns the tables of the claims, one for each part. */
function tables(asked: readonly ClaimReport[]): string[] {
  const parts = partsOf(asked);
  return parts.flatMap((part) => {
    const heading = part.beyond ? `${part.name}: ${part.documents}, by topic` : part.name;
    return [...(namesParts(parts) ? [`### ${inline(heading)}`, ''] : []), table(part), ''];
  });
}

/** Returns what stopped the run, or made it skip claims, with what to do about it; empty where the cluster's network works. */
function faultPart(report: Report): string[] {
  const words = faultInWords(report);
  if (words === undefined) return [];
  const { atFault, works, lookAt, notRun } = words;
  const steps = lookAt.map((place, index) => `${index + 1}. Look at: ${inline(place)}`);
  return [...[atFault, works, notRun].map((line) => `- ${inline(line)}`), '', 'What to do:', '', ...steps, ''];
}

function reasons(asked: readonly ClaimReport[]): string[] {
  const known = asked.flatMap(({ id, because }) => (because === undefined ? [] : [`- ${code(id)}: ${inline(because)}`]));
  return known.length === 0
    ? []
    : ['<details><summary>Why the cluster behaves as the verdicts say</summary>', '', ...known, '', '</details>', ''];
}

function unobserved({ claims, excluded }: Report): string[] {
  const gaps = Map.groupBy(
    claims.filter(({ outcome }) => outcome === 'unobserved'),
    ({ why = '', remedy }) => (remedy === undefined ? why : `${why}; observable with ${remedy}`),
  );
  return [
    '## Not observed',
    '',
    ...[...gaps].map(([why, those]) => `- ${inline(why)}: ${those.map(({ id }) => code(id)).join(', ')}`),
    ...excluded.map(({ says, why }) => `- no run can decide it (${inline(why)}): ${inline(says)}`),
    '',
  ];
}

/** Returns the report as Markdown, for a GitHub job summary or to read as text: red claims first, then the errata, and every claim in the
 * documents' order. */
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
    ...faultPart(report),
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
    inline([verdictsLine(report), ...partLines(report)].join(' ')),
    '',
    ...red(report),
    ...errata(report),
    '## Claims',
    '',
    'A claim is _confirmed_ when the cluster does what the ledger says: also where the ledger says that the document is wrong.',
    '',
    ...tables(asked),
    ...reasons(asked),
    ...(notAsked === 0 ? [] : [`${notAsked} more claims were not asked for in this run.`, '']),
    '## Symptoms',
    '',
    'What a client sees, and what it means on this cluster.',
    '',
    symptomTable(cluster.proxyMode),
    '',
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
