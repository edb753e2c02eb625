import { UsageError } from '../base/usage-error.ts';
import { profileNamed } from '../cluster/profiles.ts';
import { ledger } from '../ledger/claims.ts';
import { titleOf } from '../ledger/row.ts';

/** Returns the suites of the ledger, such as `chapter/dns`, in its order. */
function suites(): string[] {
  return [...new Set(Object.values(ledger).map(({ suite }) => suite))];
}

/** Throws a UsageError where the pattern is no regular expression. */
function expression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'i');
  } catch (error) {
    throw new UsageError(`-t ${pattern}: ${(error as Error).message}.`);
  }
}

/**
 * Returns the ids of the claims of some topics, or of all, whose title line matches a pattern. A topic is part of the name of a suite file. Throws a
 * UsageError when a topic or the pattern matches nothing.
 */
export function selectClaims(topics: readonly string[], pattern?: string): string[] {
  const unknown = topics.filter((topic) => !suites().some((suite) => suite.includes(topic)));
  if (unknown.length > 0) {
    const names = [...new Set(suites().map((suite) => suite.replace(/^.*\//, '')))];
    throw new UsageError(`No topic matches ${unknown.join(' or ')}. There are ${names.sort().join(', ')}.`);
  }
  const ofTopics = Object.entries(ledger).filter(([, { suite }]) => topics.length === 0 || topics.some((topic) => suite.includes(topic)));
  if (pattern === undefined) return ofTopics.map(([id]) => id);
  const wanted = expression(pattern);
  const matching = (rows: typeof ofTopics) => rows.flatMap(([id, claim]) => (wanted.test(titleOf(id, claim)) ? [id] : []));
  const found = matching(ofTopics);
  if (found.length > 0) return found;
  const elsewhere = matching(Object.entries(ledger));
  if (elsewhere.length === 0) throw new UsageError(`No claim matches ${pattern}. npm run claims lists them.`);
  throw new UsageError(`No claim of ${topics.join(' or ')} matches ${pattern}; ${elsewhere.join(', ')} would, in another topic.`);
}

/**
 * Returns those of the claims that a profile is for; all where there is no profile. Throws a UsageError where none is left.
 */
export function claimsFor(profile: string | undefined, claims: readonly string[]): string[] {
  const only: readonly string[] | undefined = profile === undefined ? undefined : profileNamed(profile).claims;
  if (only === undefined) return [...claims];
  const left = claims.filter((id) => only.includes(id));
  if (left.length === 0) throw new UsageError(`The profile ${profile} is for ${only.join(', ')}, and none of them is asked for.`);
  return left;
}
