import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCluster, removeOwn } from '../cluster/cluster.ts';
import { artifacts } from '../cluster/description.ts';
import { ownerOf } from '../cluster/engine.ts';
import { readSettings, root } from '../cluster/settings.ts';
import type { Report } from '../report/report.ts';
import { UsageError } from '../usage-error.ts';
import { main, say } from './main.ts';

const reportFile = join(artifacts, 'report.json');

function readReport(): Report | undefined {
  return existsSync(reportFile) ? (JSON.parse(readFileSync(reportFile, 'utf8')) as Report) : undefined;
}

/** Jest's arguments: ours passed on, and `--failed` made into the names of the claims that were red last time. */
function jestArguments(given: readonly string[]): string[] {
  if (!given.includes('--failed')) return [...given];
  const red =
    readReport()
      ?.claims.filter(({ outcome }) => outcome === 'drifted' || outcome === 'broken')
      .map(({ id }) => id) ?? [];
  if (red.length === 0) throw new UsageError('The last run left no red claim, so --failed has nothing to run.');
  return [...given.filter((argument) => argument !== '--failed'), '-t', `^(${red.join('|')}):`];
}

function runJest(args: readonly string[], signal: AbortSignal): Promise<number> {
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
    { cwd: root, stdio: 'inherit', env: { ...process.env, CONFORMANCE_RUN: ownerOf(process.pid) } },
  );
  signal.addEventListener('abort', () => jest.kill('SIGKILL'));
  return new Promise((resolve) =>
    jest.on('exit', (code) => {
      resolve(code ?? 3);
    }),
  );
}

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interrupted.signal.aborted) return;
    interrupted.abort();
    console.error(`\n${signal}: removing what this run started …`);
    void removeOwn().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143));
  });
}

await main(async () => {
  const args = jestArguments(process.argv.slice(2));
  const settings = readSettings();
  const cluster = await openCluster(settings, { keep: settings.keep, say });
  try {
    say(`usable; Service proxy in ${cluster.description.proxyMode} mode; running the claims …`);
    const jestStatus = await runJest(args, interrupted.signal);
    const report = readReport();
    // Without a report Jest itself has said why: a wrong argument, or nothing that matches.
    return report?.exitStatus ?? (jestStatus === 0 ? 3 : 2);
  } finally {
    await cluster.stop();
    if (settings.keep) say('kept: the cluster, and the namespaces of red claims; npm run cluster:stop removes it');
  }
});
