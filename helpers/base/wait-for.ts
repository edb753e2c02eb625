import { setTimeout } from 'node:timers/promises';
import { timeouts } from './timeouts.ts';

/**
 * Polls until `look` returns something as `done`, at most `within` ms. `look` limits its own waiting. Throws an error that says what was awaited, for
 * how long, and what was last seen; and what `look` throws.
 */
export async function waitFor<T>(what: string, within: number, look: () => Promise<{ done: T } | { seen: string }>): Promise<T> {
  const deadline = Date.now() + within;
  for (;;) {
    const result = await look();
    if ('done' in result) return result.done;
    if (Date.now() > deadline) throw new Error(`waited ${within} ms for ${what}; last seen: ${result.seen}`);
    await setTimeout(timeouts.betweenLooks);
  }
}
