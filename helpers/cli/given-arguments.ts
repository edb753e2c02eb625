import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from '../usage-error.ts';

/** The command's options and its other arguments. Throws a UsageError, which ends with the usage, where they are not what it takes. */
export function givenArguments<const Options extends NonNullable<ParseArgsConfig['options']>>(usage: string, options: Options) {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    // Its further sentences tell how to name a file that looks like an option.
    throw new UsageError(`${(error as Error).message.split('. ')[0] ?? ''}. ${usage}`);
  }
}
