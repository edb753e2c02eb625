import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { reportFile } from '../cluster/description.ts';
import { ownerOf } from '../cluster/engine.ts';
import { root } from '../cluster/settings.ts';
import type { Report } from '../report/report.ts';

/** Reads the report of the last run; undefined when there is none. */
export function readReport(): Report | undefined {
  return existsSync(reportFile) ? (JSON.parse(readFileSync(reportFile, 'utf8')) as Report) : undefined;
}

export interface JestOptions {
  readonly signal?: AbortSignal;
  readonly environment?: Readonly<Record<string, string>>;
  readonly quiet?: boolean;
}

/** Runs the claims with Jest on the cluster that is open, and returns Jest's exit status. */
export function runClaims(args: readonly string[], { signal, environment = {}, quiet = false }: JestOptions = {}): Promise<number> {
  // Jest may end before it runs anything; the report of an earlier run must not speak for this one.
  rmSync(reportFile, { force: true });
  const jest = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(root, 'node_modules/jest/bin/jest.js'),
      ...args,
      '--selectProjects',
      'claims',
    ],
    { cwd: root, stdio: quiet ? 'ignore' : 'inherit', env: { ...process.env, ...environment, CONFORMANCE_RUN: ownerOf(process.pid) } },
  );
  signal?.addEventListener('abort', () => {
    jest.kill('SIGKILL');
  });
  return new Promise((resolve) =>
    jest.on('exit', (code) => {
      resolve(code ?? 3);
    }),
  );
}
