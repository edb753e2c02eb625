import { firstLineOf } from '../base/message-of.ts';
import type { CheckResult, Evidence } from '../evidence/format.ts';
import { cut } from '../report/words.ts';

/** The longest text of a cell, in characters. */
const width = 40;

/**
 * Returns what a check that turned red last saw: what its result has, or else its last observation, because some assertions do not name the value that
 * they reject. Returns undefined where there is neither.
 */
export function lastSeen({ checks, observations }: Pick<Evidence, 'checks' | 'observations'>, id: string): unknown {
  const seen = checks.find((check) => check.id === id)?.seen;
  return seen ?? observations.findLast(({ check }) => check === id)?.seen;
}

/** Returns the ending of an attempt, or undefined for any other value. */
export function endingIn(seen: unknown): string | undefined {
  const ending = typeof seen === 'object' && seen !== null && 'ending' in seen ? seen.ending : undefined;
  return typeof ending === 'string' ? ending : undefined;
}

/**
 * Returns how a check ended, in a few words: empty when it passed, the ending that it last saw, or the beginning of another value.
 */
export function endingOf({ outcome, error = '' }: Pick<CheckResult, 'outcome' | 'error'>, seen: unknown): string {
  if (outcome === 'passed') return '';
  if (outcome === 'broken') return short(`broken: ${firstLineOf(error)}`);
  return endingIn(seen) ?? short(JSON.stringify(seen ?? null));
}

function short(text: string): string {
  return cut(text, { lines: 1, width });
}
