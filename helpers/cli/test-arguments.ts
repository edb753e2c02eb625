import { UsageError } from '../base/usage-error.ts';
import { isRed } from '../report/words.ts';
import { lastReport } from '../results/last-report.ts';
import { givenArguments } from './given-arguments.ts';
import type { Request } from './run-claims.ts';
import { selectClaims } from './selection.ts';

const usage = 'npm test -- [TOPIC …] [-t PATTERN] [--failed] shows all claims, or those of some topics, or those whose line matches.';

/** Returns the claims that were red last time, as a pattern. Throws a UsageError when there are none. */
function redLastTime(): string {
  const { claims = [], fault } = lastReport() ?? {};
  const red = claims.filter(isRed);
  if (red.length === 0 && fault !== undefined)
    throw new UsageError(
      `The last run did not show all claims, because the network of its cluster did not work (${fault.layer}), and none turned red. Run npm test.`,
    );
  if (red.length === 0) throw new UsageError('The last run left no red claim, so --failed has nothing to run.');
  return `^(${red.map(({ id }) => id).join('|')}):`;
}

/** Returns what the arguments of `npm test` ask for. Throws a UsageError where they are wrong. */
export function requestOf(args: readonly string[]): Request {
  const { values, positionals: topics } = givenArguments(
    usage,
    { testNamePattern: { type: 'string', short: 't' }, failed: { type: 'boolean', default: false } },
    args,
  );
  if (values.failed && values.testNamePattern !== undefined) throw new UsageError(`--failed and -t both name claims: give one. ${usage}`);
  const claims = selectClaims(topics, values.failed ? redLastTime() : values.testNamePattern);
  // --failed means other claims after this run, so a report names them.
  return { typed: values.failed ? [...topics, '-t', `^(${claims.join('|')}):`] : args, claims };
}
