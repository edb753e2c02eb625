import { styleText } from 'node:util';
import type { ClaimReport, Outcome, Report } from './format.ts';
import { clusterLine, conclusion, countsLine, isRed, originOf, seconds, standInNotice, verdictsLine } from './words.ts';

type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

const marks: Record<Outcome, string> = { confirmed: '✔', drifted: '✘', unobserved: '○', broken: '!', 'not asked for': '·' };
const colours: Record<Outcome, 'green' | 'red' | 'yellow' | 'magenta' | 'dim'> = {
  confirmed: 'green',
  drifted: 'red',
  unobserved: 'yellow',
  broken: 'magenta',
  'not asked for': 'dim',
};
const factMarks = { passed: '–', drifted: marks.drifted, broken: marks.broken };
const factColours = { passed: 'dim', drifted: colours.drifted, broken: colours.broken } as const;

/** The line that stands for a claim while a run goes on. */
export function progressLine(id: string, outcome: 'confirmed' | 'red', ms: number, done: number, total: number): string {
  return `${outcome === 'red' ? marks.drifted : marks.confirmed} ${id} (${seconds(ms)}) ${done}/${total}`;
}

function claimLines(claim: ClaimReport, paint: Paint): string[] {
  const lines = [`  ${paint(colours[claim.outcome], marks[claim.outcome])} ${claim.says}`];
  const add = (text: string) => lines.push(`      ${text}`);
  const addBlock = (text: string) => lines.push(...text.split('\n').map((line) => `          ${line}`));
  const facts = claim.evidence?.facts ?? [];
  const colour = colours[claim.outcome];
  add(`${paint('bold', claim.verdict)}, ${paint(colour, claim.outcome)}  ${paint('dim', claim.id)}`);
  if (claim.truth !== undefined) add(`In truth: ${claim.truth}`);
  if (claim.outcome === 'unobserved') add(paint(colour, `not observed: ${claim.why ?? ''}`));
  for (const fact of facts) {
    add(paint(factColours[fact.outcome], `${factMarks[fact.outcome]} ${fact.title}`));
    if (fact.error !== undefined) addBlock(fact.error);
  }
  if (!isRed(claim)) return lines;
  // Usually a fact above has said it.
  if (!facts.some(({ outcome }) => outcome === claim.outcome)) add(paint(colour, `${claim.outcome}: ${claim.why ?? ''}`));
  if (claim.evidence?.diagnostics !== undefined) {
    add(`in its namespace ${claim.evidence.namespace}:`);
    addBlock(claim.evidence.diagnostics);
  }
  const looks = claim.evidence === undefined ? '' : `every look: artifacts/evidence/${claim.id}.json; `;
  add(`${looks}once more: ${claim.reproduce}`);
  return lines;
}

/**
 * The report as a lesson for the terminal: the claims in the chapter's order, what is not observed, counts, where the time went, and at the
 * end, where one looks first, what the run comes to.
 */
export function renderLesson(report: Report, { colour }: { colour: boolean }): string {
  const paint: Paint = (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
  const { cluster, claims, errors, phases } = report;
  const asked = claims.filter(({ outcome }) => outcome !== 'not asked for');
  const lines = [
    '',
    clusterLine(cluster),
    cluster.standIn ? standInNotice : originOf(cluster),
    '',
    "For each claim: what the chapter says; the ledger's verdict, and whether this run confirms that verdict; the facts that show it.",
    [
      `${marks.confirmed} the verdict is right here`,
      `${marks.drifted} the cluster does otherwise`,
      `${marks.broken} the suite failed`,
      `${marks.unobserved} this cluster cannot show it`,
    ].join('   '),
  ];
  for (const [section, those] of Map.groupBy(asked, (claim) => claim.section)) {
    lines.push('', paint('bold', section), ...those.flatMap((claim) => claimLines(claim, paint)));
  }
  for (const error of errors) lines.push('', paint('magenta', `broken: ${error}`));
  lines.push(
    '',
    verdictsLine(report),
    countsLine(report),
    `Time: ${Object.entries(phases)
      .map(([phase, ms]) => `${phase} ${seconds(ms)}`)
      .join(', ')}`,
    '',
    ...conclusion(report).map((line) => paint(['bold', report.exitStatus === 0 ? 'green' : 'red'], line)),
    '',
  );
  return lines.join('\n');
}
