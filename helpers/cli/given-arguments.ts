import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from '../base/usage-error.ts';

/** Returns the options and the other arguments of a command, by default of this one. Throws a UsageError, which ends with the usage, where it takes others. */
export function givenArguments<const Options extends NonNullable<ParseArgsConfig['options']>>(
  usage: string,
  options: Options,
  args: readonly string[] = process.argv.slice(2),
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    // Its further sentences explain how to name a file that looks like an option.
    throw new UsageError(`${(error as Error).message.split('. ')[0] ?? ''}. ${usage}`);
  }
}

/** Reads the options of a command that takes nothing else, by default of this one. Throws as givenArguments does, and where there is anything else. */
export function givenOptions<const Options extends NonNullable<ParseArgsConfig['options']>>(
  usage: string,
  options: Options,
  args?: readonly string[],
) {
  const { values, positionals } = givenArguments(usage, options, args);
  if (positionals.length > 0) throw new UsageError(`This command takes no ${positionals.join(', ')}. ${usage}`);
  return values;
}

/** Checks the arguments of a command that takes none, by default of this one. Throws as givenOptions does. */
export function noArguments(usage: string, args?: readonly string[]): void {
  givenOptions(usage, {}, args);
}
