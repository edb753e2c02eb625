import { html } from 'htm/preact';
import type { VNode } from 'preact';

/** HTML as Preact holds it. Preact escapes every value in it when it renders it. */
export type Markup = VNode;

/** Writes HTML as a template. It is not named `html`: prettier would reflow it, and htm and browsers treat line breaks differently. */
export const markup = html;

/** Returns ms as `3 ms`, `0.31 s`, `12.4 s` or `1 min 2 s`. */
export function duration(ms: number): string {
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** Returns text as HTML, with `code` where the ledger has it between backticks. */
export function prose(text: string): Markup[] | string {
  const parts = text.split('`');
  // An odd number of backticks: at least one of them is text.
  if (parts.length % 2 === 0) return text;
  return parts.map((part, index) => (index % 2 === 1 ? markup`<code>${part}</code>` : markup`<span>${part}</span>`));
}
