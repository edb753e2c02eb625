import { readSettings } from '../cluster/settings.ts';
import { UsageError } from '../usage-error.ts';
import { isRed } from '../report/words.ts';
import { lastReport } from '../report/last-report.ts';
import { givenArguments } from './given-arguments.ts';
import { main, say } from './main.ts';
import { jestArguments } from './selection.ts';

const usage = 'npm test -- [TOPIC …] [-t PATTERN] [--failed] shows all claims, or those of some topics, or those whose line matches.';

/** The claims that were red last time, as a pattern. Throws a UsageError when there are none. */
function redLastTime(): string {
  const red = lastReport()?.claims.filter(isRed) ?? [];
  if (red.length === 0) throw new UsageError('The last run left no red claim, so --failed has nothing to run.');
  return `^(${red.map(({ id }) => id).join('|')}):`;
}

await main(async () => {
  const { values, positionals: topics } = givenArguments(usage, {
    testNamePattern: { type: 'string', short: 't' },
    failed: { type: 'boolean', default: false },
  });
  if (values.failed && values.testNamePattern !== undefined) throw new UsageError(`--failed and -t both name claims: give one. ${usage}`);
  const pattern = values.failed ? redLastTime() : values.testNamePattern;
  const args = jestArguments(topics, pattern);
  const settings = readSettings();
  // Late, so that what is wrong so far is told at once: the clients of engine and cluster take a second to load.
  const { showClaims } = await import('./jest.ts');
  const { report } = await showClaims(settings, { args, say });
  if (settings.keep)
    say(
      settings.adopt === undefined
        ? 'kept: the cluster, and the namespaces of red claims; npm run cluster:stop removes it'
        : `kept: the namespaces of red claims; CONFORMANCE_CONTEXT=${settings.adopt.context} npm run clean removes them`,
    );
  return report?.exitStatus ?? 3;
});
