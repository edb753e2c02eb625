import type { Report } from './format.ts';
import { cut, faultLines, isRed, placeOf } from './words.ts';

/** GitHub shows at most this many errors of a step. */
const most = 10;

// Escapes as GitHub's own toolkit does (@actions/core, command.ts).
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function error(properties: Readonly<Record<string, string | number>>, message: string): string {
  const list = Object.entries(properties).map(([name, value]) => `${name}=${property(String(value))}`);
  return `::error ${list.join(',')}::${data(cut(message, { lines: 20, width: 500 }))}`;
}

/**
 * Returns the lines by which GitHub Actions marks a cluster whose network does not work, and the red claims of a run at their place in the suites. There are at most ten: the last one counts and names
 * those that found no room. A claim without evidence is marked without a file.
 */
export function renderAnnotations(report: Report): string[] {
  const { claims, errors, fault } = report;
  const red = claims.filter(isRed).map((claim) => {
    const truth = claim.truth === undefined ? '' : ` In truth: ${claim.truth}`;
    const place = claim.topic === undefined ? '' : ` Where: ${placeOf(claim.origin)} ${claim.origin.address ?? ''}`;
    const message = `${claim.says} [${claim.verdict}]${truth}${place}\n${claim.why ?? ''}\nReproduce: ${claim.reproduce}`;
    return { id: claim.id, line: error({ title: `${claim.id} ${claim.outcome}`, ...claim.evidence?.suite }, message) };
  });
  const files = errors.map((message) => ({ id: 'a suite file', line: error({ title: 'a suite file did not run' }, message) }));
  const first =
    fault === undefined
      ? []
      : [{ id: 'the cluster', line: error({ title: `the cluster's network: ${fault.layer}` }, faultLines(report).join('\n')) }];
  const all = [...first, ...files, ...red];
  if (all.length <= most) return all.map(({ line }) => line);
  const rest = all.slice(most - 1);
  return [
    ...all.slice(0, most - 1).map(({ line }) => line),
    error({ title: `${rest.length} more are red` }, rest.map(({ id }) => id).join(', ')),
  ];
}
