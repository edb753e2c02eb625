import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { artifacts } from '../artifacts.ts';
import { openCluster } from '../cluster/cluster.ts';
import { ownerOf } from '../cluster/engine.ts';
import { root, type Settings } from '../cluster/settings.ts';
import type { Report } from '../report/format.ts';
import { lastReport } from '../report/last-report.ts';
import { interrupted } from './main.ts';

export type RunPart = 'start' | 'claims' | 'clean-up';

export interface JestOptions {
  readonly signal?: AbortSignal;
  readonly environment?: Readonly<Record<string, string>>;
  readonly quiet?: boolean;
}

/** Runs the claims with Jest on the cluster that is open; what came of it is in the report. */
export function runClaims(args: readonly string[], { signal, environment = {}, quiet = false }: JestOptions = {}): Promise<void> {
  // Jest may end before it runs anything; the report of an earlier run, and what was drawn from it, must not speak for this one.
  for (const name of ['report.json', 'report.md', 'report.html', 'junit.xml']) rmSync(join(artifacts, name), { force: true });
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
    {
      cwd: root,
      stdio: quiet ? 'ignore' : 'inherit',
      env: { ...process.env, ...environment, CONFORMANCE_RUN: ownerOf(process.pid) },
      // A group of its own, to be killed as one: a worker that outlived its Jest would go on making namespaces.
      detached: true,
    },
  );
  signal?.addEventListener('abort', () => {
    if (jest.pid !== undefined && jest.exitCode === null && jest.signalCode === null) process.kill(-jest.pid, 'SIGKILL');
  });
  return new Promise((resolve) =>
    jest.on('exit', () => {
      resolve();
    }),
  );
}

/** Opens the cluster of the settings and shows the claims on it. Jest and its workers load while the cluster starts. Throws as openCluster does. */
export async function showClaims(
  settings: Settings,
  {
    args = [],
    say = () => {},
    quiet = false,
    phase = () => Promise.resolve(),
  }: {
    args?: readonly string[];
    say?: (line: string) => void;
    quiet?: boolean;
    /** Called at the end of each part of the run, with the node's container where it is ours and still there. */
    phase?: (ended: RunPart, node: { container: string; kept: boolean } | undefined) => Promise<void>;
  } = {},
): Promise<{ report: Report | undefined }> {
  const stopped = new AbortController();
  const signal = AbortSignal.any([interrupted, stopped.signal]);
  let running: Promise<void> = Promise.resolve();
  const starting = () => {
    running = runClaims(args, { signal, quiet });
  };
  const cluster = await openCluster(settings, { keep: settings.keep, say, starting }).catch((error: unknown) => {
    stopped.abort();
    throw error;
  });
  const { node: own, keptCluster: kept } = cluster.description;
  const node = own === undefined ? undefined : { container: own.container, kept };
  try {
    await phase('start', node);
    say(`usable; Service proxy in ${cluster.description.proxyMode} mode; running the claims …`);
    await running;
    await phase('claims', node);
    if (!interrupted.aborted) await cluster.keepImages(say);
    return { report: lastReport() };
  } finally {
    await cluster.stop();
    await phase('clean-up', kept ? node : undefined);
  }
}
