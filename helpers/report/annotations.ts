import type { Report } from './format.ts';
import { cut, isRed } from './words.ts';

/** GitHub shows no more errors of a step. */
const most = 10;

/** The files of the suites that claims are told in, and the line of each, by the claim's id. */
export type Places = Readonly<Record<string, { readonly file: string; readonly line: number }>>;

/** Finds where the claims are told. The files are given by their path in the repository, with their text. */
export function placesOf(files: Readonly<Record<string, string>>): Places {
  return Object.fromEntries(
    Object.entries(files).flatMap(([file, text]) =>
      [...text.matchAll(/^claim\(\s*'([^']+)'/gm)].map(({ 1: id = '', index }) => [
        id,
        { file, line: text.slice(0, index).split('\n').length },
      ]),
    ),
  );
}

// As GitHub's own toolkit does it (@actions/core, command.ts).
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

/** The lines by which GitHub Actions marks a run's red claims in the suites, at most ten; the last one counts what found no place. */
export function renderAnnotations({ claims, errors }: Report, places: Places): string[] {
  const red = claims.filter(isRed).map((claim) => {
    const truth = claim.truth === undefined ? '' : ` In truth: ${claim.truth}`;
    const message = `${claim.says} [${claim.verdict}]${truth}\n${claim.why ?? ''}\nOnce more: ${claim.reproduce}`;
    return { id: claim.id, line: error({ title: `${claim.id} ${claim.outcome}`, ...places[claim.id] }, message) };
  });
  const files = errors.map((message) => ({ id: 'a suite file', line: error({ title: 'a suite file did not run' }, message) }));
  const all = [...files, ...red];
  if (all.length <= most) return all.map(({ line }) => line);
  const rest = all.slice(most - 1);
  return [
    ...all.slice(0, most - 1).map(({ line }) => line),
    error({ title: `${rest.length} more are red` }, rest.map(({ id }) => id).join(', ')),
  ];
}
