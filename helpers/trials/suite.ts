import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../base/paths.ts';
import { waitFor } from '../base/wait-for.ts';
import { reportFormat, type Report } from '../report/format.ts';

/** A run that has ended. */
export interface Ended {
  /** Exit status; 128 and more where a signal ended it. */
  readonly status: number;
  readonly output: string;
  /** ms from start to end. */
  readonly ms: number;
  /** The folder of its report and evidence. */
  readonly artifacts: string;
}

/** A run that goes on. */
export interface Running {
  /** Waits until the output matches, and returns the output so far. Throws when the run ends without such output. */
  readonly prints: (words: RegExp) => Promise<string>;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly ended: Promise<Ended>;
}

/** Starts a command of the suite in a new process, as a person would, with a folder for its results. */
export function start(
  command: 'test' | 'cluster' | 'mutants' | 'steady',
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Running {
  const artifacts = environment.CONFORMANCE_ARTIFACTS ?? mkdtempSync(join(tmpdir(), 'trial-'));
  const began = Date.now();
  const child = spawn(process.execPath, [join(root, `helpers/cli/${command}.ts`), ...args], {
    cwd: root,
    env: { ...process.env, ...environment, CONFORMANCE_ARTIFACTS: artifacts },
  });
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      for (const listener of listeners) listener();
    });
  // Not `close`: a child of the process may hold its pipes longer.
  const ended = new Promise<Ended>((resolve) =>
    child.on('exit', (code, signal) => {
      setImmediate(() => {
        resolve({ status: code ?? (signal === null ? 0 : 128), output, ms: Date.now() - began, artifacts });
      });
    }),
  );
  const prints = (words: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const check = () => {
        if (!words.test(output)) return;
        listeners.delete(check);
        resolve(output);
      };
      listeners.add(check);
      check();
      void ended.then(() => {
        reject(new Error(`the run ended and did not print ${String(words)}:\n${output}`));
      });
    });
  return { prints, signal: (name) => child.kill(name), ended };
}

/** Returns the report of a run. Throws when there is none. */
export function reportOf({ artifacts }: Ended): Report {
  return reportFormat.parse(JSON.parse(readFileSync(join(artifacts, 'report.json'), 'utf8')));
}

/** Returns the text of every file in a folder and below it. */
export function everythingIn(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}

/** Returns the ids of the processes of a run: those with the folder of its artifacts in their environment. */
function processesOf(artifacts: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(artifacts);
    } catch {
      return false; // no process, or one that has ended
    }
  });
}

/** Waits until the last process of a run has ended. Throws after 5 s: Jest looks every second whether the launcher still runs. */
export async function allProcessesEnded(artifacts: string): Promise<void> {
  await waitFor('the last process of the run to end', 5_000, () => {
    const left = processesOf(artifacts);
    return Promise.resolve(left.length === 0 ? { done: undefined } : { seen: left.join(', ') });
  });
}
