import { html } from 'htm/preact';
import type { VNode } from 'preact';

/** HTML as Preact holds it; whatever is put into it is escaped when it becomes text. */
export type Markup = VNode;

/** Writes HTML as a template. Not named `html`, since prettier would reflow it, and htm reads line breaks otherwise than a browser. */
export const markup = html;

/** `0.31 s`, `12.4 s`, `1 min 2 s` of ms; below 100 ms `3 ms`. */
export function duration(ms: number): string {
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** `1 claim`, `2 claims` */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A text with `code` between backticks, as the ledger writes it. */
export function prose(text: string): Markup[] | string {
  const parts = text.split('`');
  // An odd backtick is one that was meant.
  if (parts.length % 2 === 0) return text;
  return parts.map((part, index) => (index % 2 === 1 ? markup`<code>${part}</code>` : markup`<span>${part}</span>`));
}
