import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { claims } from '../../suites/claims.ts';
import { titleOf } from '../claims/row.ts';
import { root } from '../cluster/settings.ts';
import { UsageError } from '../usage-error.ts';

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

/** Returns Jest's arguments for the claims of some topics, or all, whose line matches a pattern. Throws a UsageError when none does. */
export function jestArguments(topics: readonly string[], pattern: string | undefined): string[] {
  // By their paths: Jest would match a topic against the path of the whole project too.
  return ['--runTestsByPath', ...selected(topics, pattern), ...(pattern === undefined ? [] : ['-t', pattern])];
}
