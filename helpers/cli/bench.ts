import { readSettings } from '../cluster/settings.ts';
import { UsageError } from '../usage-error.ts';
import { givenArguments } from './given-arguments.ts';
import { showClaims } from './jest.ts';
import { main, say } from './main.ts';

/** Median and spread of some figures in ms, printed in seconds. */
export function spread(figures: readonly number[]): string {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? sorted.at(-1) ?? 0)) / 2;
  return [median, sorted[0] ?? 0, sorted.at(-1) ?? 0].map((ms) => (ms / 1000).toFixed(1).padStart(7)).join(' ');
}

const usage = 'npm run bench -- N repeats the run N times; N is a whole number from 1.';

await main(async () => {
  const { positionals } = givenArguments(usage, {});
  const runs = Number(positionals[0] ?? '3');
  if (!Number.isInteger(runs) || runs < 1 || positionals.length > 1) throw new UsageError(usage);
  const settings = readSettings();
  const phases = new Map<string, number[]>();
  let red = 0;
  for (let run = 1; run <= runs; run++) {
    const { report } = await showClaims(settings, { quiet: true });
    if (report?.exitStatus !== 0) red += 1;
    const seen: Record<string, number> = { ...report?.phases };
    seen['cluster usable'] = Object.entries(seen).reduce((sum, [phase, ms]) => sum + (phase === 'claims' ? 0 : ms), 0);
    for (const [phase, ms] of Object.entries(seen)) phases.set(phase, [...(phases.get(phase) ?? []), ms]);
    say(`run ${run} of ${runs}: claims ${((report?.phases.claims ?? 0) / 1000).toFixed(1)} s, exit status ${report?.exitStatus ?? 3}`);
  }
  console.log(`\n${'phase, in seconds'.padEnd(20)}  median     min     max`);
  for (const [phase, figures] of phases) console.log(`${phase.padEnd(20)} ${spread(figures)}`);
  console.log(`${red} of ${runs} runs were not green`);
  return red === 0 ? 0 : 1;
});
