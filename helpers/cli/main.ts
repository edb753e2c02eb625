import { constants } from 'node:os';
import { refusal } from '../kube/refusal.ts';
import { UsageError } from '../usage-error.ts';

const controller = new AbortController();

/** Aborted when the person who started the command stops it. */
export const interrupted = controller.signal;

function stop(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGPIPE'): void {
  if (interrupted.aborted) return;
  controller.abort();
  console.error(`\n${signal}: removing what this run started …`);
  void import('../cluster/cluster.ts')
    .then(({ removeOwn }) => removeOwn())
    .catch((error: unknown) => {
      console.error(`${String(error)}; the next run, or npm run clean, removes it`);
    })
    .finally(() => process.exit(128 + constants.signals[signal]));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stop(signal);
  });
}
// Whoever read what is printed has gone, such as `head`; without a listener the process would end here and leave everything.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', () => {
    stop('SIGPIPE');
  });
}

/** What the API server said, where it refused: the client's own message has the whole exchange. */
function messageOf(error: unknown): string {
  try {
    const { code, message } = refusal(error);
    return `the API server answered ${code}: ${message}`;
  } catch {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Runs a command and leaves with its exit status. A UsageError is shown as one paragraph (status 2), anything else that is thrown
 * as what broke (status 3).
 */
export async function main(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
    // The signal's handler is still removing things, and ends the process when it has.
    if (interrupted.aborted) return;
  } catch (error) {
    // What was under way when the run was stopped fails for that reason; the signal's handler tells the rest.
    if (interrupted.aborted) return;
    const message = messageOf(error);
    console.error(error instanceof UsageError ? `\n${message}` : `\nIt broke: ${message}`);
    process.exitCode = error instanceof UsageError ? 2 : 3;
  }
  // The engine's and the cluster's connections would otherwise keep the process a while longer.
  process.exit();
}

/** Prints a line of progress with the seconds since the start. */
export function say(line: string): void {
  console.log(`[${process.uptime().toFixed(1).padStart(5)} s] ${line}`);
}
