import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../base/paths.ts';
import { openCluster } from '../cluster/cluster.ts';
import { environmentOf } from '../cluster/run-request.ts';
import type { Settings } from '../cluster/settings.ts';
import { ownerOf } from '../engine/ownership.ts';
import type { Report } from '../report/format.ts';
import { deleteLastReport, lastReport } from '../results/last-report.ts';

/** The claims that are asked for. */
export interface Request {
  /** The arguments of the command as a person typed them. */
  readonly typed: readonly string[];
  /** The ids of the claims. */
  readonly claims: readonly string[];
}

/** How Jest runs the claims. */
export interface RunOptions {
  /** Kills Jest when it is aborted. */
  readonly signal: AbortSignal;
  readonly environment?: Readonly<Record<string, string>>;
  /** Prints nothing. */
  readonly quiet?: boolean;
  /** Whether the run stops where the cluster's network does not work at all. Default true. */
  readonly stopEarly?: boolean;
}

/** Runs claims with Jest on the cluster that is open, or is being opened. Their results are in the report. */
export function runClaims(request: Request, { signal, environment = {}, quiet = false, stopEarly = true }: RunOptions): Promise<void> {
  deleteLastReport();
  const jest = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(root, 'node_modules/jest/bin/jest.js'),
      '--runInBand',
      '--selectProjects',
      'claims',
    ],
    {
      cwd: root,
      stdio: quiet ? 'ignore' : 'inherit',
      env: { ...process.env, ...environment, ...environmentOf({ ...request, stopEarly, owner: ownerOf(process.pid) }) },
      // A process group of its own, to be killed as one: a process that outlived its Jest would go on creating namespaces.
      detached: true,
    },
  );
  const kill = () => {
    if (jest.pid !== undefined && jest.exitCode === null && jest.signalCode === null) process.kill(-jest.pid, 'SIGKILL');
  };
  signal.addEventListener('abort', kill);
  return new Promise((resolve) =>
    jest.on('exit', () => {
      signal.removeEventListener('abort', kill);
      resolve();
    }),
  );
}

/** A part of a run whose time is measured by itself. */
export type RunPart = 'start' | 'claims' | 'clean-up';

/** How a whole run goes, from the start of the cluster to its removal. */
export interface ShowOptions extends Pick<RunOptions, 'signal' | 'quiet' | 'stopEarly'> {
  /** Receives lines of progress. */
  readonly say?: (line: string) => void;
  /** Called at the end of each part of the run, with the node's container where it is this suite's and still exists. */
  readonly phase?: (ended: RunPart, node: { container: string; kept: boolean } | undefined) => Promise<void>;
}

/**
 * Opens the cluster of the settings, shows claims on it, and removes what it created. Jest loads while the cluster starts. Returns the report, or
 * undefined when Jest left none. Throws as openCluster does.
 */
export async function showClaims(
  settings: Settings,
  request: Request,
  { signal, say = () => {}, quiet = false, stopEarly = true, phase = () => Promise.resolve() }: ShowOptions,
): Promise<Report | undefined> {
  const failed = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const starting = () => {
    running = runClaims(request, { signal: AbortSignal.any([signal, failed.signal]), quiet, stopEarly });
  };
  const cluster = await openCluster(settings, { keep: settings.keep, say, starting }).catch((error: unknown) => {
    failed.abort();
    throw error;
  });
  const { node: own, kept, proxyMode } = cluster.description;
  const node = own === undefined ? undefined : { container: own.container, kept };
  try {
    await phase('start', node);
    say(`usable; Service proxy in ${proxyMode} mode; running the claims …`);
    await running;
    await phase('claims', node);
    if (!signal.aborted) await cluster.keepImages(say);
    return lastReport();
  } finally {
    await cluster.stop();
    await phase('clean-up', kept ? node : undefined);
  }
}
