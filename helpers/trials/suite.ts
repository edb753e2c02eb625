import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reportFormat, type Report } from '../report/format.ts';
import { root } from '../base/paths.ts';

export interface Ended {
  /** Exit status; 128 and more where a signal ended it. */
  readonly status: number;
  readonly output: string;
  /** ms from start to end. */
  readonly ms: number;
  /** Where its report and evidence are. */
  readonly artifacts: string;
}

export interface Running {
  /** Settles when the output has the words, with all of it so far. Throws when the run ends without. */
  readonly says: (words: RegExp) => Promise<string>;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly ended: Promise<Ended>;
}

/** Starts a command of the suite in a process of its own, as a person would, with artifacts of its own. */
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
      for (const tell of listeners) tell();
    });
  // Of the pipes, which a child of it may hold longer, its end does not depend.
  const ended = new Promise<Ended>((resolve) =>
    child.on('exit', (code, signal) => {
      setImmediate(() => {
        resolve({ status: code ?? (signal === null ? 0 : 128), output, ms: Date.now() - began, artifacts });
      });
    }),
  );
  const says = (words: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        if (!words.test(output)) return;
        listeners.delete(look);
        resolve(output);
      };
      listeners.add(look);
      look();
      void ended.then(() => {
        reject(new Error(`the run ended without saying ${String(words)}:\n${output}`));
      });
    });
  return { says, signal: (name) => child.kill(name), ended };
}

/** The report that a run left. Throws when there is none. */
export function reportOf({ artifacts }: Ended): Report {
  return reportFormat.parse(JSON.parse(readFileSync(join(artifacts, 'report.json'), 'utf8')));
}

/** All that a run wrote, files of every kind. */
export function everythingIn(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}
