import { constants } from 'node:os';
import { messageOf } from '../base/message-of.ts';
import { undoAll } from '../base/undo.ts';
import { printed } from '../base/printed.ts';
import { UsageError } from '../base/usage-error.ts';

/** What a command is given when it runs. */
export interface Running {
  /** Aborted when the person who started the command stops it. */
  readonly signal: AbortSignal;
}

type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGPIPE';

/** Returns a signal that is aborted when this process is told to stop. Then everything on the undo list is removed, and the process ends. */
function stoppable(): AbortSignal {
  const controller = new AbortController();
  const stop = (name: StopSignal): void => {
    if (controller.signal.aborted) return;
    controller.abort();
    console.error(`\n${name}: removing what this run started …`);
    undoAll()
      .catch((error: unknown) => {
        console.error(`${messageOf(error)}; the next run, or npm run clean, removes it`);
      })
      .finally(() => process.exit(128 + constants.signals[name]));
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      stop(name);
    });
  }
  // The reader of the output has ended, such as `head`. Without a listener the process would end here and leave everything.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', () => {
      stop('SIGPIPE');
    });
  }
  return controller.signal;
}

/**
 * Runs a command and ends the process with its exit status. Prints a UsageError as one paragraph (status 2), and anything else that is thrown as an
 * unexpected failure (status 3). A signal removes what is on the undo list first.
 */
export async function main(command: (running: Running) => number | Promise<number>): Promise<void> {
  const signal = stoppable();
  try {
    process.exitCode = await command({ signal });
    // The handler of the signal is still removing things, and ends the process when it has.
    if (signal.aborted) return;
  } catch (error) {
    // What was running when the command was stopped fails for that reason, and the handler of the signal reports the rest.
    if (signal.aborted) return;
    const message = messageOf(error);
    console.error(error instanceof UsageError ? `\n${message}` : `\nUnexpected failure: ${message}`);
    process.exitCode = error instanceof UsageError ? 2 : 3;
  }
  await printed();
  // Open connections to the engine and the cluster would otherwise keep the process.
  process.exit();
}

/** Prints a line of progress with the seconds since the start. */
export function say(line: string): void {
  console.log(`[${process.uptime().toFixed(1).padStart(5)} s] ${line}`);
}
