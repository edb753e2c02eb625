import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { claims } from '../../suites/claims.ts';
import { titleOf } from '../claims/row.ts';
import { readSettings, root } from '../cluster/settings.ts';
import { UsageError } from '../usage-error.ts';
import { lastReport, showClaims } from './jest.ts';
import { main, say } from './main.ts';

/** Jest's arguments: ours passed on, and `--failed` made into the names of the claims that were red last time. */
function jestArguments(given: readonly string[]): string[] {
  if (!given.includes('--failed')) return [...given];
  const red =
    lastReport()
      ?.claims.filter(({ outcome }) => outcome === 'drifted' || outcome === 'broken')
      .map(({ id }) => id) ?? [];
  if (red.length === 0) throw new UsageError('The last run left no red claim, so --failed has nothing to run.');
  return [...given.filter((argument) => argument !== '--failed'), '-t', `^(${red.join('|')}):`];
}

/** Tells before anything is started that a topic or a claim's name matches nothing. Throws a UsageError. */
function refuseEmptySelection(args: readonly string[]): void {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { testNamePattern: { type: 'string', short: 't' } },
    strict: false,
    allowPositionals: true,
  });
  const topics = readdirSync(join(root, 'suites')).filter((file) => file.endsWith('.test.ts'));
  const files = topics.map((file) => join('suites', file));
  if (positionals.length > 0 && !positionals.some((name) => files.some((file) => file.includes(name)))) {
    throw new UsageError(
      `No topic matches ${positionals.join(' ')}. There are ${topics.map((file) => basename(file, '.test.ts')).join(', ')}.`,
    );
  }
  const pattern = values.testNamePattern;
  if (typeof pattern === 'string' && !Object.entries(claims).some(([id, claim]) => new RegExp(pattern, 'i').test(titleOf(id, claim)))) {
    throw new UsageError(`No claim matches ${pattern}. npm run claims lists them.`);
  }
}

await main(async () => {
  const args = jestArguments(process.argv.slice(2));
  refuseEmptySelection(args);
  const settings = readSettings();
  const { report, jestStatus } = await showClaims(settings, { args, say });
  if (settings.keep) say('kept: the cluster, and the namespaces of red claims; npm run cluster:stop removes it');
  // Without a report either Jest has refused its arguments (1), or the report could not be written.
  return report?.exitStatus ?? (jestStatus === 1 ? 2 : 3);
});
