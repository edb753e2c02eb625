import { parseArgs } from 'node:util';
import { reportFile } from '../base/paths.ts';
import { UsageError } from '../base/usage-error.ts';

/** Returns the file that a command was given, or the report of the last run. Throws a UsageError where the command was given anything else. */
export function reportArgument(command: string): string {
  const { positionals, tokens } = parseArgs({ strict: false, allowPositionals: true, tokens: true });
  if (positionals.length > 1 || tokens.some(({ kind }) => kind === 'option'))
    throw new UsageError(
      `npm run ${command} -- [report.json] takes one file and no options; without one it takes the report of the last run.`,
    );
  return positionals[0] ?? reportFile;
}
