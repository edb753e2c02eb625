import type { ClaimReport, PassageReport } from './format.ts';
import { diffOf, placeOf, places, printable } from './words.ts';

// Text as Markdown.

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

/** Returns a run of backticks that is longer than any in a text, and at least so long. */
function longerThanIn(text: string, least: number): string {
  return '`'.repeat(Math.max(least, ...(text.match(/`+/g) ?? []).map((run) => run.length + 1)));
}

/** Returns text as a block of code. */
export function fenced(language: string, text: string): string {
  const fence = longerThanIn(text, 3);
  return [`${fence}${language}`, printable(text), fence].join('\n');
}

/** Returns a passage as a block of code. */
export function passageBlock({ kind, text }: PassageReport): string {
  return fenced({ shell: 'sh', yaml: 'yaml', output: 'text' }[kind], text);
}

/** Returns what a document prints and what works in its place: as a diff, or one after the other where they are of different kinds. */
export function printedAndInstead(printed: PassageReport, instead: PassageReport): string[] {
  const diff = diffOf(printed, instead);
  if (diff !== undefined) return [fenced('diff', diff.join('\n'))];
  const { file, where } = instead;
  const place = where === undefined ? '' : `, ${places[where]}`;
  return [
    'Printed:',
    '',
    passageBlock(printed),
    '',
    file === undefined ? `Instead${place}:` : `Instead, save this as ${code(file)}:`,
    '',
    passageBlock(instead),
  ];
}

/** Returns where a sentence of a public document stands, as a link. */
export function placeLink(origin: ClaimReport['origin']): string {
  const place = inline(placeOf(origin));
  return origin.address === undefined ? place : `[${place}](<${origin.address}>)`;
}
