import { resolve } from 'node:path';
import { UsageError } from '../base/usage-error.ts';
import { profiles } from '../cluster/profiles.ts';
import { conditionNames } from './conditions.ts';
import { givenArguments, givenOptions } from './given-arguments.ts';
import { selectClaims } from './selection.ts';

// What the arguments of a command ask for, without running it. Each function reads by default those of this process, and throws a UsageError where they are wrong.

/** Returns how often `npm run bench` repeats the run, and of which claims. */
export function benchArguments(args?: readonly string[]) {
  const usage = 'npm run bench -- N [TOPIC …] [-t PATTERN] repeats the run, or that of some claims, N times; N is a whole number from 1.';
  const { values, positionals } = givenArguments(usage, { testNamePattern: { type: 'string', short: 't' } }, args);
  const [count = '3', ...topics] = positionals;
  const runs = Number(count);
  if (!Number.isInteger(runs) || runs < 1) throw new UsageError(usage);
  return { runs, claims: selectClaims(topics, values.testNamePattern) };
}

/** Returns whether `npm run claims` adds the titles of the checks. */
export function claimsArguments(args?: readonly string[]) {
  const usage =
    'npm run claims -- [--checks] lists the claims of the ledger; --checks adds the titles of the checks that show each of them.';
  return givenOptions(usage, { checks: { type: 'boolean', default: false } }, args);
}

/** Returns the reports that `npm run compare` reads, and how and where it writes the comparison. */
export function compareArguments(args?: readonly string[]) {
  const usage = 'npm run compare -- A.json B.json … [--markdown] [--output FILE] compares the reports of two runs or more.';
  const { values, positionals: files } = givenArguments(
    usage,
    { markdown: { type: 'boolean', default: false }, output: { type: 'string' } },
    args,
  );
  if (files.length < 2) throw new UsageError(usage);
  const twice = files.find((file, index) => files.some((other, at) => at < index && resolve(other) === resolve(file)));
  if (twice !== undefined) throw new UsageError(`${twice} is named twice. ${usage}`);
  const { markdown, output } = values;
  if (output !== undefined && files.some((file) => resolve(file) === resolve(output)))
    throw new UsageError(`--output ${output} would overwrite a report that is compared.`);
  return { files, markdown, output };
}

/** Returns the archive of `npm run images`, and whether to save or to load it. */
export function imagesArguments(args?: readonly string[]): { what: 'save' | 'load'; file: string } {
  const usage =
    'npm run images -- save FILE pulls what a run needs and keeps it in one archive; npm run images -- load FILE loads it into the engine.';
  const [what, file, ...rest] = givenArguments(usage, {}, args).positionals;
  if ((what !== 'save' && what !== 'load') || file === undefined || rest.length > 0) throw new UsageError(usage);
  return { what, file };
}

/** Returns the mutants that `npm run mutants` is to run, or none for all, and whether to show all claims on each. Names are not checked. */
export function mutantsArguments(args?: readonly string[]) {
  const usage =
    'npm run mutants -- [NAME …] [--all-claims] breaks clusters in all ways that fit the profile, or in those named, and shows the claims that each names, or all.';
  const { values, positionals: wanted } = givenArguments(usage, { 'all-claims': { type: 'boolean', default: false } }, args);
  return { wanted, allClaims: values['all-claims'] };
}

/** Returns the id and the topic for which `npm run new-claim` writes a skeleton. The ledger is not looked at. */
export function newClaimArguments(args?: readonly string[]): { id: string; topic: string } {
  const usage =
    'npm run new-claim -- ID TOPIC writes the skeleton of a claim: its row, its tests and its mutant. An ID is like no-pods-time-out, a TOPIC is the name of a suite file, like ports or beyond/udp; a new one is created.';
  const [id, topic, ...rest] = givenArguments(usage, {}, args).positionals;
  if (id === undefined || topic === undefined || rest.length > 0) throw new UsageError(usage);
  const name = /^[a-z0-9]+(-[a-z0-9]+)*$/;
  if (!name.test(id)) throw new UsageError(`${id} is no name in lower case. ${usage}`);
  if (!name.test(topic.replace(/^(chapter|beyond)\//, ''))) throw new UsageError(`${topic} is no name in lower case. ${usage}`);
  return { id, topic };
}

/** Returns the reports that `npm run observed` reads. */
export function observedArguments(args?: readonly string[]): readonly string[] {
  const usage =
    'npm run observed -- REPORT.json … records what runs saw of the claims that do not hold, in docs/observed.json, and draws docs/errata.md anew.';
  const { positionals: files } = givenArguments(usage, {}, args);
  if (files.length === 0) throw new UsageError(usage);
  return files;
}

/** Returns the profiles that `npm run profiles` runs on; none where it lists them. */
export function profilesArguments(args?: readonly string[]): readonly string[] {
  const usage =
    'npm run profiles lists the profiles; npm run profiles -- NAME … runs the claims on each, one after the other, and compares them.';
  const { positionals: names } = givenArguments(usage, {}, args);
  const unknown = names.filter((name) => !profiles.some((profile) => profile.name === name));
  if (unknown.length > 0)
    throw new UsageError(`There is no profile ${unknown.join(', ')}. There are ${profiles.map(({ name }) => name).join(', ')}.`);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new UsageError(`The profile ${twice} is named twice. ${usage}`);
  return names;
}

/** Returns how often `npm run steady` repeats the suite, and under which conditions. */
export function steadyArguments(args?: readonly string[]) {
  const [fresh, ...shared] = conditionNames;
  const usage = `npm run steady -- N [--only=CONDITION,…] repeats the suite N times under each condition: ${fresh} (a new cluster each time), ${shared.join(', ')}.`;
  const { values, positionals } = givenArguments(usage, { only: { type: 'string' } }, args);
  const times = Number(positionals[0] ?? '1');
  const names = values.only?.split(',') ?? conditionNames;
  const unknown = names.filter((name) => !conditionNames.includes(name));
  if (!Number.isInteger(times) || times < 1 || positionals.length > 1 || unknown.length > 0) throw new UsageError(usage);
  return { times, names };
}
