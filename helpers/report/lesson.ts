import { styleText } from 'node:util';
import type { ClaimReport, Outcome, Report } from './format.ts';

type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

const marks: Record<Outcome, string> = { confirmed: '✔', drifted: '✘', unobserved: '○', broken: '!', 'not asked for': '·' };
const colours: Record<Outcome, 'green' | 'red' | 'yellow' | 'magenta' | 'dim'> = {
  confirmed: 'green',
  drifted: 'red',
  unobserved: 'yellow',
  broken: 'magenta',
  'not asked for': 'dim',
};

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** The line that stands for a claim while a run goes on. */
export function progressLine(id: string, outcome: 'confirmed' | 'red', ms: number, done: number, total: number): string {
  return `${outcome === 'red' ? marks.drifted : marks.confirmed} ${id} (${seconds(ms)}) ${done}/${total}`;
}

function claimLines(claim: ClaimReport, paint: Paint): string[] {
  const lines = [`  ${paint(colours[claim.outcome], marks[claim.outcome])} ${claim.says}`];
  const add = (text: string) => lines.push(`      ${text}`);
  add(`${paint('bold', claim.verdict)}, ${paint(colours[claim.outcome], claim.outcome)}  ${paint('dim', claim.id)}`);
  if (claim.truth !== undefined) add(claim.truth);
  if (claim.outcome === 'unobserved') add(paint('yellow', `not observed: ${claim.why ?? ''}`));
  for (const fact of claim.evidence?.facts ?? []) {
    add(paint(fact.outcome === 'passed' ? 'dim' : 'red', `${fact.outcome === 'passed' ? '–' : '✘'} ${fact.title}`));
    if (fact.error !== undefined) lines.push(...fact.error.split('\n').map((line) => `          ${line}`));
  }
  if (claim.outcome === 'broken') add(paint('magenta', `broken: ${claim.why ?? ''}`));
  const diagnostics = claim.evidence?.diagnostics;
  if (diagnostics !== undefined) {
    add(`in its namespace ${claim.evidence?.namespace ?? ''}:`);
    lines.push(...diagnostics.split('\n').map((line) => `          ${line}`));
    add(`every look: artifacts/evidence/${claim.id}.json; once more: npm test -- -t ${claim.id}`);
  }
  return lines;
}

/** What kind of cluster it was, in a few words. */
export function nameOf({ standIn, version }: Report['cluster']): string {
  if (standIn) return 'Stand-in node (upstream Kubernetes, not k3s)';
  return version.includes('+k3s') ? 'k3s' : 'Kubernetes';
}

/** The report as a lesson for the terminal: the claims in the chapter's order, what is not observed, counts, and where the time went. */
export function renderLesson(report: Report, { colour }: { colour: boolean }): string {
  const paint: Paint = (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
  const { cluster } = report;
  const lines = [
    '',
    `${nameOf(cluster)} ${cluster.version}, Service proxy in ${cluster.proxyMode} mode, Service range ${cluster.serviceRange}`,
    cluster.standIn
      ? 'What follows was seen on the stand-in. The suite has not yet been run on a real k3s.'
      : cluster.adopted
        ? `A cluster that was there already: context ${cluster.context}.`
        : `Node image ${cluster.nodeImage}.`,
  ];
  let section = '';
  for (const claim of report.claims.filter(({ outcome }) => outcome !== 'not asked for')) {
    if (claim.section !== section) {
      section = claim.section;
      lines.push('', paint('bold', section));
    }
    lines.push(...claimLines(claim, paint));
  }
  for (const error of report.errors) lines.push('', paint('magenta', `broken: ${error}`));

  const count = (outcome: Outcome) => report.claims.filter((claim) => claim.outcome === outcome).length;
  const shown = report.claims.filter(({ outcome }) => outcome === 'confirmed');
  const verdict = (name: ClaimReport['verdict']) => shown.filter((claim) => claim.verdict === name).length;
  lines.push(
    '',
    `Of the ${shown.length} claims confirmed as the ledger has them, ${verdict('holds')} hold, ${verdict('corrected')} hold with a correction, ${verdict('refuted')} are refuted.`,
    ['confirmed', 'drifted', 'broken', 'unobserved', 'not asked for']
      .map((outcome) => `${count(outcome as Outcome)} ${outcome}`)
      .join(', ') + `, ${report.excluded.length} excluded as advice or opinion`,
    `Time: ${Object.entries(report.phases)
      .map(([phase, ms]) => `${phase} ${seconds(ms)}`)
      .join(', ')}`,
    '',
  );
  return lines.join('\n');
}
