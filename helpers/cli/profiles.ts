import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { artifacts } from '../base/paths.ts';
import { onUndo } from '../base/undo.ts';
import { UsageError } from '../base/usage-error.ts';
import { ownClusterOnly } from '../cluster/cluster.ts';
import { profiles } from '../cluster/profiles.ts';
import { readSettings } from '../cluster/settings.ts';
import { compareReports } from '../report/compare.ts';
import { comparisonAsMarkdown, renderComparison } from '../report/compare-text.ts';
import { readReport } from '../report/format.ts';
import { deleteLastReport } from '../results/last-report.ts';
import { profilesArguments } from './command-arguments.ts';
import { main } from './main.ts';
import { profileListing } from './profile-listing.ts';

/** Runs the claims on a profile in a process of its own, with results in a folder of its own. Returns its exit status. */
async function run(profile: string, folder: string): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'test.ts')], {
    stdio: 'inherit',
    env: { ...process.env, CONFORMANCE_PROFILE: profile, CONFORMANCE_ARTIFACTS: folder },
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const ended = onUndo(async () => {
    child.kill('SIGTERM');
    await exited;
  });
  const [status] = await exited;
  ended();
  return status ?? 3;
}

await main(async ({ signal }) => {
  const names = profilesArguments();
  if (names.length === 0) {
    console.log(profileListing(profiles));
    return 0;
  }
  const settings = readSettings();
  await ownClusterOnly(settings, 'npm run profiles');
  if (settings.keep) throw new UsageError('npm run profiles starts a cluster for each profile, and keeps none: unset CONFORMANCE_KEEP.');

  const comparisonFile = join(artifacts, 'profiles', 'comparison.md');
  rmSync(comparisonFile, { force: true });
  const statuses: number[] = [];
  const runs: { name: string; file: string }[] = [];
  for (const name of names) {
    if (signal.aborted) break;
    console.log(`\n=== profile ${name}`);
    const folder = join(artifacts, 'profiles', name);
    deleteLastReport(folder);
    statuses.push(await run(name, folder));
    runs.push({ name, file: join(folder, 'report.json') });
  }
  const found = runs.filter(({ file }) => existsSync(file)).map(({ name, file }) => ({ name, report: readReport(file) }));
  const without = runs.filter(({ file }) => !existsSync(file)).map(({ name }) => name);
  if (without.length > 0) console.error(`\nNo report, and so no part in the comparison: ${without.join(', ')}. The output above says why.`);
  if (found.length > 1) {
    const comparison = compareReports(found);
    console.log(renderComparison(comparison, Math.min(Math.max(process.stdout.columns || 100, 80), 120)));
    writeFileSync(comparisonFile, comparisonAsMarkdown(comparison));
  }
  // That profiles differ is no fault. What is red is for each run itself to say; broken outweighs drifted, as in one run.
  return Math.max(...statuses);
});
