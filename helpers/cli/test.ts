import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { claims } from '../../suites/claims.ts';
import { titleOf } from '../claims/row.ts';
import { readSettings, root } from '../cluster/settings.ts';
import { UsageError } from '../usage-error.ts';
import { isRed } from '../report/words.ts';
import { lastReport } from '../report/last-report.ts';
import { givenArguments } from './given-arguments.ts';
import { main, say } from './main.ts';

const usage = 'npm test -- [TOPIC …] [-t PATTERN] [--failed] shows all claims, or those of some topics, or those whose line matches.';

/** The claims that were red last time, as a pattern. Throws a UsageError when there are none. */
function redLastTime(): string {
  const red = lastReport()?.claims.filter(isRed) ?? [];
  if (red.length === 0) throw new UsageError('The last run left no red claim, so --failed has nothing to run.');
  return `^(${red.map(({ id }) => id).join('|')}):`;
}

/** The suite files of the topics that are asked for, or all. Throws a UsageError when a topic, or the claims' pattern, matches nothing. */
function selected(asked: readonly string[], pattern: string | undefined): string[] {
  const all = readdirSync(join(root, 'suites'))
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => `suites/${file}`);
  const unknown = asked.filter((name) => !all.some((file) => file.includes(name)));
  if (unknown.length > 0) {
    const topics = all.map((file) => basename(file, '.test.ts'));
    throw new UsageError(`No topic matches ${unknown.join(' or ')}. There are ${topics.join(', ')}.`);
  }
  const files = asked.length === 0 ? all : all.filter((file) => asked.some((name) => file.includes(name)));
  if (pattern === undefined) return files;
  let matches: RegExp;
  try {
    matches = new RegExp(pattern, 'i');
  } catch (error) {
    throw new UsageError(`-t ${pattern}: ${(error as Error).message}.`);
  }
  const ids = Object.entries(claims).flatMap(([id, claim]) => (matches.test(titleOf(id, claim)) ? [id] : []));
  if (ids.length === 0) throw new UsageError(`No claim matches ${pattern}. npm run claims lists them.`);
  const texts = files.map((file) => readFileSync(join(root, file), 'utf8'));
  if (!ids.some((id) => texts.some((text) => text.includes(`claim('${id}',`))))
    throw new UsageError(`No claim of ${asked.join(' or ')} matches ${pattern}; ${ids.join(', ')} would, in another topic.`);
  return files;
}

await main(async () => {
  const { values, positionals: topics } = givenArguments(usage, {
    testNamePattern: { type: 'string', short: 't' },
    failed: { type: 'boolean', default: false },
  });
  if (values.failed && values.testNamePattern !== undefined) throw new UsageError(`--failed and -t both name claims: give one. ${usage}`);
  const pattern = values.failed ? redLastTime() : values.testNamePattern;
  const files = selected(topics, pattern);
  const settings = readSettings();
  // By their paths: Jest would match a topic against the path of the whole project too.
  const args = ['--runTestsByPath', ...files, ...(pattern === undefined ? [] : ['-t', pattern])];
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
