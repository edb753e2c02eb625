import { setTimeout } from 'node:timers/promises';
import { timeouts } from './timeouts.ts';

/**
 * Polls until `observe` returns something as `done`, at most `within` ms. `observe` limits its own waiting. Throws an error that says what was awaited, for
 * how long, and what was last seen; and what `observe` throws.
 */
export async function waitFor<T>(what: string, within: number, observe: () => Promise<{ done: T } | { seen: string }>): Promise<T> {
  const deadline = Date.now() + within;
  for (;;) {
    const result = await observe();
    if ('done' in result) return result.done;
    if (Date.now() > deadline) throw new Error(`waited ${within} ms for ${what}; last seen: ${result.seen}`);
    await setTimeout(timeouts.betweenObservations);
  }
}
