import pRetry from 'p-retry';
import { timeouts } from '../timeouts.ts';
import { recordLook } from '../report/evidence.ts';

/** What was awaited never came. The looks are in the evidence; the message tells the last ones. */
export class NotSettled extends Error {
  override name = 'NotSettled';
  readonly last: unknown;

  constructor(message: string, last: unknown) {
    super(message);
    this.last = last;
  }
}

class NotYet extends Error {}

export interface Settled<T> {
  /** Completes the sentence "waited for …". */
  readonly waitingFor: string;
  readonly accept: (sight: T) => boolean;
  /** How many looks in a row must be accepted: one lucky answer is not a fact. Default 3. */
  readonly inARow?: number;
  /** ms, default timeouts.settled. */
  readonly within?: number;
}

/**
 * Looks until what is seen has settled, records every look in the claim's evidence, and returns the last one.
 * `look` bounds its own waiting: the deadline is checked between looks. Throws NotSettled with the last looks, and what `look` throws.
 */
export async function settle<T>(
  look: () => Promise<T>,
  { waitingFor, accept, inARow = 3, within = timeouts.settled }: Settled<T>,
): Promise<T> {
  const looks: (T | string)[] = [];
  let streak = 0;
  const began = Date.now();
  const once = async (): Promise<T> => {
    let sight: T;
    try {
      sight = await look();
    } catch (error) {
      // A look that itself expects answers and got none has seen something: not yet what is awaited.
      if (!(error instanceof NotSettled)) throw error;
      looks.push(error.message);
      recordLook(waitingFor, error.message);
      streak = 0;
      throw new NotYet();
    }
    looks.push(sight);
    recordLook(waitingFor, sight);
    streak = accept(sight) ? streak + 1 : 0;
    if (streak < inARow) throw new NotYet();
    return sight;
  };
  try {
    return await pRetry(once, {
      retries: Number.POSITIVE_INFINITY,
      factor: 1,
      minTimeout: timeouts.betweenLooks,
      shouldRetry: ({ error }) => error instanceof NotYet && Date.now() - began < within,
    });
  } catch (error) {
    if (!(error instanceof NotYet)) throw error;
    const last = looks.slice(-3).map((sight) => `\n  ${JSON.stringify(sight)}`);
    throw new NotSettled(
      `waited ${Date.now() - began} ms for ${waitingFor} (${inARow} looks in a row); the last of ${looks.length} looks:${last.join('')}`,
      looks.at(-1),
    );
  }
}
