import pRetry from 'p-retry';
import { timeouts } from '../base/timeouts.ts';
import { recordingPartsOf, recordObservation } from '../evidence/recorder.ts';

/** What was awaited did not come. The evidence has every observation; the message repeats the last ones. */
export class NotSettled extends Error {
  override name = 'NotSettled';
  /** The last observation. */
  readonly seen: unknown;

  constructor(message: string, seen: unknown) {
    super(message);
    this.seen = seen;
  }
}

class NotYet extends Error {}

/** What settle waits for. */
export interface Awaited<T> {
  /** Completes the sentence "waited for …". */
  readonly waitingFor: string;
  readonly accept: (observation: T) => boolean;
  /** How many observations in a row must be accepted: one lucky answer proves nothing. Default 3. */
  readonly inARow?: number;
  /** ms between the first and the last observation of that row, for what may appear for a moment only. Default 0. */
  readonly forMs?: number;
  /** ms, default timeouts.settled. */
  readonly within?: number;
}

/**
 * Repeats `observe` until its results have settled, records each as an observation, and returns the last one.
 * `observe` limits its own waiting: the deadline is checked between two observations. Throws NotSettled with the last observations, and what `observe`
 * throws.
 */
export async function settle<T>(
  observe: () => Promise<T>,
  { waitingFor, accept, inARow = 3, forMs = 0, within = timeouts.settled }: Awaited<T>,
): Promise<T> {
  const observations: unknown[] = [];
  let streak = 0;
  let streakBegan = 0;
  const began = Date.now();
  const keep = (seen: unknown, accepted: boolean) => {
    observations.push(seen);
    recordObservation(waitingFor, seen, { accepted, inARow });
    streak = accepted ? streak + 1 : 0;
  };
  const once = async (): Promise<T> => {
    let seen: T;
    try {
      seen = await recordingPartsOf(waitingFor, observe);
    } catch (error) {
      // An observation that itself expects answers and got none counts as one that is not accepted.
      if (!(error instanceof NotSettled)) throw error;
      keep(error.message, false);
      throw new NotYet();
    }
    keep(seen, accept(seen));
    if (streak <= 1) streakBegan = Date.now();
    if (streak < inARow || Date.now() - streakBegan < forMs) throw new NotYet();
    return seen;
  };
  try {
    return await pRetry(once, {
      retries: Number.POSITIVE_INFINITY,
      factor: 1,
      minTimeout: timeouts.betweenObservations,
      // A row that began in time may take its own time.
      shouldRetry: ({ error }) => error instanceof NotYet && Date.now() - began < within + (streak > 0 ? forMs : 0),
    });
  } catch (error) {
    if (!(error instanceof NotYet)) throw error;
    const last = observations.slice(-3).map((seen) => `\n  ${JSON.stringify(seen)}`);
    const row = `${inARow} in a row${forMs === 0 ? '' : `, for ${forMs} ms`}`;
    throw new NotSettled(
      `waited ${Date.now() - began} ms for ${waitingFor} (${row}); the last of ${observations.length} observations:${last.join('')}`,
      observations.at(-1),
    );
  }
}
