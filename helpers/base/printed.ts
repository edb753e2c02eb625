import { setTimeout } from 'node:timers/promises';

/** Waits until all that was printed has been written. What a program reads through a socket is written later, and process.exit would cut it. */
export async function printed(): Promise<void> {
  while (process.stdout.writableLength + process.stderr.writableLength > 0) await setTimeout(10);
}
