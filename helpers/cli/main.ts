import { UsageError } from '../usage-error.ts';

/**
 * Runs a command and leaves with its exit status. A UsageError is shown as one paragraph (status 2), anything else that is thrown
 * as what broke (status 3).
 */
export async function main(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(error instanceof UsageError ? `\n${message}` : `\nThe run broke before the claims: ${message}`);
    process.exitCode = error instanceof UsageError ? 2 : 3;
  }
  // The engine's and the cluster's connections would otherwise keep the process a while longer.
  process.exit();
}

/** Prints a line of progress with the seconds since the start. */
export function say(line: string): void {
  console.log(`[${process.uptime().toFixed(1).padStart(5)} s] ${line}`);
}
