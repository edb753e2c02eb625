import type { ClaimReport, Evidence, Look, Outcome, Report } from './format.ts';

// What the renderings of a report say in the same words.

export const outcomes: readonly Outcome[] = ['confirmed', 'drifted', 'broken', 'unobserved', 'not asked for'];

/** ms as seconds, for people. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Whether a claim turned red. */
export function isRed({ outcome }: ClaimReport): boolean {
  return outcome === 'drifted' || outcome === 'broken';
}

/** What kind of cluster it was, in a few words. */
export function nameOf({ standIn, version }: Report['cluster']): string {
  if (standIn) return 'Stand-in node (upstream Kubernetes, not k3s)';
  return version.includes('+k3s') ? 'k3s' : 'Kubernetes';
}

/** Where the cluster came from: its node image, or the context that names it. */
export function originOf({ adopted, context = '', nodeImage = '' }: Report['cluster']): string {
  return adopted ? `A cluster that was there already: context ${context}.` : `Node image ${nodeImage}.`;
}

/** What the claims were seen on, in a line. */
export function clusterLine(cluster: Report['cluster']): string {
  const { version, proxyMode, serviceRange, dualStack = false } = cluster;
  return `${nameOf(cluster)} ${version}, Service proxy in ${proxyMode} mode, Service range ${serviceRange}${dualStack ? ' (dual stack)' : ''}`;
}

export const notOnK3sYet = 'The suite has not yet been run on a real k3s.';

/** What a report of the stand-in has to say of itself. */
export const standInNotice = `What follows was seen on the stand-in. ${notOnK3sYet}`;

/** How many claims came to each outcome, in a line. */
export function countsLine({ claims, excluded }: Report): string {
  const counts = outcomes.map((outcome) => `${claims.filter((claim) => claim.outcome === outcome).length} ${outcome}`);
  return `${counts.join(', ')}, ${excluded.length} excluded as advice or opinion`;
}

/** How many of the confirmed claims have each verdict, in a line. */
export function verdictsLine({ claims }: Report): string {
  const shown = claims.filter(({ outcome }) => outcome === 'confirmed');
  const count = (verdict: ClaimReport['verdict']) => shown.filter((claim) => claim.verdict === verdict).length;
  return `Of the ${shown.length} claims confirmed as the ledger has them, ${count('holds')} hold, ${count('corrected')} hold with a correction, ${count('refuted')} are refuted.`;
}

/** What a run comes to: one line when it is green, one for each reason why it is not. */
export function conclusion({ claims, errors, exitStatus }: Report): string[] {
  const ids = (wanted: (claim: ClaimReport) => boolean) => claims.filter(wanted).map(({ id }) => id);
  const notAskedFor = ids(({ outcome }) => outcome === 'not asked for');
  const unobserved = ids(({ outcome }) => outcome === 'unobserved');
  if (exitStatus === 0) {
    const without = [
      ...(unobserved.length === 0 ? [] : [` Not observed here: ${unobserved.length} of ${claims.length} claims.`]),
      ...(notAskedFor.length === 0 ? [] : [` Not asked for: ${notAskedFor.length}.`]),
    ];
    return [`Green: all that was seen is as the ledger has it.${without.join('')}`];
  }
  const broken = ids(({ outcome }) => outcome === 'broken');
  const drifted = ids(({ outcome }) => outcome === 'drifted');
  const gaps = ids(({ outcome, allowed }) => outcome === 'unobserved' && allowed !== true);
  const reasons = [
    ...(errors.length === 0 ? [] : [`Red, since a suite file did not run (${errors.length}).`]),
    ...(broken.length === 0 ? [] : [`Red, since the suite or its surroundings failed: ${broken.join(', ')}.`]),
    ...(drifted.length === 0 ? [] : [`Red, since the cluster does not do what the ledger says: ${drifted.join(', ')}.`]),
    ...(gaps.length === 0 || notAskedFor.length > 0
      ? []
      : [`Red, since this cluster cannot show what it was expected to: ${gaps.join(', ')}.`]),
  ];
  return reasons.length > 0 ? reasons : ['Red, since no claim was shown.'];
}

/** The last look at each thing that a fact awaited or looked at, in order: what it settled on, or what it never left. */
export function settledLooks({ looks }: Evidence, fact: string): Look[] {
  const own = looks.filter((look) => look.fact === fact);
  return own.filter(({ what }, index) => own[index + 1]?.what !== what);
}

/** How a connection ended, where a look is one. */
export function endingOf({ seen }: Look): string | undefined {
  return typeof seen === 'object' && seen !== null && 'ending' in seen && typeof seen.ending === 'string' ? seen.ending : undefined;
}

/** A look in a few words. */
export function lookLine(look: Look): string {
  const ending = endingOf(look);
  if (ending === undefined) return cut(typeof look.seen === 'string' ? look.seen : JSON.stringify(look.seen), { lines: 1, width: 200 });
  const { ms, to, said } = look.seen as { ms?: unknown; to?: unknown; said?: unknown };
  const after = typeof ms === 'number' ? ` after ${ms} ms` : '';
  return `${String(to)} ${ending}${after}: ${cut(String(said), { lines: 1, width: 120 })}`;
}

/** Text cut to so many lines of so many characters, with what was left out told. */
export function cut(text: string, { lines, width }: { lines: number; width: number }): string {
  const all = text.split('\n');
  const short = all.slice(0, lines).map((line) => (line.length > width ? `${line.slice(0, width).toWellFormed()} …` : line));
  return [...short.slice(0, -1), `${short.at(-1) ?? ''}${all.length > lines ? ` … (${all.length - lines} more lines)` : ''}`].join('\n');
}
