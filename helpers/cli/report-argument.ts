import { reportFile } from '../base/paths.ts';
import { UsageError } from '../base/usage-error.ts';
import { givenArguments } from './given-arguments.ts';

/** Returns the file that a command was given, or the report of the last run. Throws a UsageError where the command was given anything else. */
export function reportArgument(command: 'lesson' | 'report', args?: readonly string[]): string {
  const usage = `npm run ${command} -- [report.json] takes one file and no options; without one it takes the report of the last run.`;
  const { positionals } = givenArguments(usage, {}, args);
  if (positionals.length > 1) throw new UsageError(usage);
  return positionals[0] ?? reportFile;
}
