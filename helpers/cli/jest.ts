import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { artifacts, reportFile } from '../artifacts.ts';
import { openCluster } from '../cluster/cluster.ts';
import { ownerOf } from '../cluster/engine.ts';
import { root, type Settings } from '../cluster/settings.ts';
import { readReport, type Report } from '../report/format.ts';
import { interrupted } from './main.ts';

/** Reads the report of the last run; undefined when there is none. */
export function lastReport(): Report | undefined {
  return existsSync(reportFile) ? readReport(reportFile) : undefined;
}

export interface JestOptions {
  readonly signal?: AbortSignal;
  readonly environment?: Readonly<Record<string, string>>;
  readonly quiet?: boolean;
}

/** Runs the claims with Jest on the cluster that is open, and returns Jest's exit status. */
export function runClaims(args: readonly string[], { signal, environment = {}, quiet = false }: JestOptions = {}): Promise<number> {
  // Jest may end before it runs anything; the report of an earlier run, and what was drawn from it, must not speak for this one.
  for (const name of ['report.json', 'report.md', 'report.html', 'junit.xml']) rmSync(join(artifacts, name), { force: true });
  const jest = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(root, 'node_modules/jest/bin/jest.js'),
      ...args,
      // Apart from 1, with which Jest refuses its arguments.
      '--testFailureExitCode=4',
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

/** Opens the cluster of the settings and shows the claims on it. Jest and its workers load while the cluster starts. Throws as openCluster does. */
export async function showClaims(
  settings: Settings,
  { args = [], say = () => {}, quiet = false }: { args?: readonly string[]; say?: (line: string) => void; quiet?: boolean } = {},
): Promise<{ report: Report | undefined; jestStatus: number }> {
  const stopped = new AbortController();
  const signal = AbortSignal.any([interrupted, stopped.signal]);
  let running: Promise<number> = Promise.resolve(3);
  const starting = () => {
    running = runClaims(args, { signal, quiet });
  };
  const cluster = await openCluster(settings, { keep: settings.keep, say, starting }).catch((error: unknown) => {
    stopped.abort();
    throw error;
  });
  try {
    say(`usable; Service proxy in ${cluster.description.proxyMode} mode; running the claims …`);
    const jestStatus = await running;
    if (!interrupted.aborted) await cluster.keepImages(say);
    return { report: lastReport(), jestStatus };
  } finally {
    await cluster.stop();
  }
}
