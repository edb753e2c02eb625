import { styleText } from 'node:util';
import type { CheckResult } from '../evidence/format.ts';
import type { ClaimReport, Outcome, Report } from './format.ts';
import { redSummary } from './red.ts';
import {
  clusterLine,
  conclusion,
  countsLine,
  documentation,
  errataLine,
  faultLines,
  isRed,
  meanings,
  namesParts,
  partLines,
  partsOf,
  placeOf,
  seconds,
  shownAndCited,
  signs,
  sourceOf,
  standInNotice,
  verdictsLine,
} from './words.ts';

type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

const colours: Record<Outcome | CheckResult['outcome'], 'green' | 'red' | 'yellow' | 'magenta' | 'dim'> = {
  confirmed: 'green',
  passed: 'dim',
  drifted: 'red',
  unobserved: 'yellow',
  broken: 'magenta',
  'not asked for': 'dim',
};

/** Returns the line that is printed when a claim has ended. `ms` is the time it took. */
export function progressLine(id: string, outcome: 'confirmed' | 'red', ms: number, done: number, total: number): string {
  return `${outcome === 'red' ? signs.drifted : signs.confirmed} ${id} (${seconds(ms)}) ${done}/${total}`;
}

function claimLines(claim: ClaimReport, cluster: Report['cluster'], paint: Paint): string[] {
  const lines = [`  ${paint(colours[claim.outcome], signs[claim.outcome])} ${claim.says}`];
  const add = (text: string) => lines.push(`      ${text}`);
  const addBlock = (text: string) => lines.push(...text.split('\n').map((line) => `          ${line}`));
  const checks = claim.evidence?.checks ?? [];
  const colour = colours[claim.outcome];
  add(`${paint('bold', claim.verdict)}, ${paint(colour, claim.outcome)}  ${paint('dim', claim.id)}`);
  if (claim.topic !== undefined) add(paint('dim', `Where: ${placeOf(claim.origin)} ${claim.origin.address ?? ''}`.trimEnd()));
  if (claim.truth !== undefined) add(`In truth: ${claim.truth}`);
  if (claim.because !== undefined && (claim.verdict !== 'holds' || isRed(claim))) add(`Why: ${claim.because}`);
  if (claim.verdict !== 'holds' && claim.outcome === 'confirmed') {
    const { shown, cited } = shownAndCited(claim, cluster);
    for (const text of shown.slice(1)) add(`Also shown here: ${text}`);
    for (const { says, sources } of cited) add(paint('dim', `Not shown here, by its source: ${says} ${sources.join(' ')}`));
  }
  if (claim.outcome === 'unobserved') {
    add(paint(colour, `not observed: ${claim.why ?? ''}`));
    if (claim.remedy !== undefined) add(`observable with ${claim.remedy}`);
  }
  for (const check of checks) {
    // The sign of a confirmed claim stands out, so passed checks have a dash.
    add(paint(colours[check.outcome], `${check.outcome === 'passed' ? '–' : signs[check.outcome]} ${check.title}`));
    if (check.error !== undefined) addBlock(check.error);
  }
  if (!isRed(claim)) return lines;
  // Usually a check above already has this reason.
  if (!checks.some(({ outcome }) => outcome === claim.outcome)) add(paint(colour, `${claim.outcome}: ${claim.why ?? ''}`));
  if (claim.evidence?.diagnostics !== undefined) {
    add(`in its namespace ${claim.evidence.namespace}:`);
    addBlock(claim.evidence.diagnostics);
  }
  const observations = claim.evidence === undefined ? '' : `every observation: evidence/${claim.id}.json beside the report; `;
  add(`${observations}reproduce: ${claim.reproduce}`);
  return lines;
}

function faultPart(report: Report, paint: Paint): string[] {
  const lines = faultLines(report);
  return lines.length === 0 ? [] : [...lines.map((line) => paint('red', line)), ''];
}

/** Returns what a person does first about a red run, in a line. The other renderings have all steps. */
function firstStep(report: Report): string[] {
  const place = report.fault?.lookAt[0];
  const step = place === undefined ? redSummary(report)?.steps[0] : `Look at: ${place}`;
  return step === undefined ? [] : [`What to do: ${step}`];
}

/**
 * Returns the report as a lesson for the terminal: the claims in the documents' order, counts, the time of each phase, and the conclusion. The conclusion
 * is last because the end is what stays on the screen.
 */
export function renderLesson(report: Report, { colour }: { colour: boolean }): string {
  const paint: Paint = (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
  const { cluster, claims, errors, phases } = report;
  const asked = claims.filter(({ outcome }) => outcome !== 'not asked for');
  const lines = [
    '',
    clusterLine(cluster),
    cluster.standIn ? standInNotice : sourceOf(cluster),
    '',
    ...faultPart(report, paint),
    "For each claim: what the document says; the ledger's verdict, and whether this run confirms that verdict; why; the checks that show it.",
    (['confirmed', 'drifted', 'broken', 'unobserved'] as const).map((outcome) => `${signs[outcome]} ${meanings[outcome]}`).join('   '),
  ];
  const parts = partsOf(asked);
  for (const { name, beyond, sections } of parts) {
    if (namesParts(parts)) lines.push('', paint(['bold', 'underline'], beyond ? `${name}: ${documentation}, by topic` : name));
    for (const { heading, rows } of sections) {
      lines.push('', paint('bold', heading), ...rows.flatMap((claim) => claimLines(claim, cluster, paint)));
    }
  }
  for (const error of errors) lines.push('', paint('magenta', `broken: ${error}`));
  lines.push(
    '',
    verdictsLine(report),
    ...partLines(report),
    errataLine(report),
    countsLine(report),
    `Time: ${Object.entries(phases)
      .map(([phase, ms]) => `${phase} ${seconds(ms)}`)
      .join(', ')}`,
    '',
    ...conclusion(report).map((line) => paint(['bold', report.exitStatus === 0 ? 'green' : 'red'], line)),
    ...firstStep(report),
    '',
  );
  return lines.join('\n');
}
