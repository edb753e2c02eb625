import { openEngine } from '../cluster/own-node.ts';
import { containerCoreSeconds } from '../engine/engine.ts';
import { readSettings } from '../cluster/settings.ts';
import { treeCoreSeconds } from '../base/cpu.ts';
import { benchArguments } from './command-arguments.ts';
import { type RunPart, showClaims } from './run-claims.ts';
import { main, say } from './main.ts';
import { claimsFor } from './selection.ts';
import { spread } from './spread.ts';

interface Used {
  readonly suite: number | undefined;
  readonly node: number | undefined;
}

/** Reads the core-seconds used so far: by this process with all it has started, and by the node's container. */
async function used(container: string | undefined): Promise<Used> {
  const node = container === undefined ? undefined : await containerCoreSeconds((await openEngine()).docker, container);
  return { suite: treeCoreSeconds(process.pid), node };
}

const minus = (now: number | undefined, before: number | undefined) =>
  now === undefined || before === undefined ? undefined : now - before;

await main(async ({ signal }) => {
  const { runs, claims } = benchArguments();
  const settings = readSettings();
  const request = { typed: process.argv.slice(2), claims: claimsFor(settings.profile, claims) };
  const figures = new Map<string, { wall: number[]; suite: number[]; node: number[] }>();
  const add = (phase: string, wall: number, { suite, node }: Partial<Used> = {}) => {
    const of = figures.get(phase) ?? { wall: [], suite: [], node: [] };
    figures.set(phase, of);
    of.wall.push(wall);
    if (suite !== undefined) of.suite.push(suite);
    if (node !== undefined) of.node.push(node);
  };
  let red = 0;
  for (let run = 1; run <= runs; run++) {
    let began = Date.now();
    let before = await used(undefined);
    const phase = async (ended: RunPart, node: { container: string; kept: boolean } | undefined) => {
      const now = await used(node?.container);
      // What a kept node used before the run is not the run's; a node that the run has started had used nothing.
      const ofNode = ended === 'start' ? (node?.kept === false ? now.node : undefined) : minus(now.node, before.node);
      add(ended, Date.now() - began, { suite: minus(now.suite, before.suite), node: ofNode });
      [began, before] = [Date.now(), now];
    };
    const report = await showClaims(settings, request, { signal, quiet: true, phase });
    if (report?.exitStatus !== 0) red += 1;
    for (const [name, ms] of Object.entries(report?.phases ?? {})) if (name !== 'claims') add(`  start: ${name}`, ms);
    say(`run ${run} of ${runs}: claims ${((report?.phases.claims ?? 0) / 1000).toFixed(1)} s, exit status ${report?.exitStatus ?? 3}`);
  }
  const columns = ['wall clock (s)', 'suite (core-s)', 'node (core-s)'];
  console.log(`\n${''.padEnd(26)}${columns.map((title) => title.padStart(23)).join('  ')}`);
  console.log(`${'phase'.padEnd(26)}${columns.map(() => ' median     min     max').join('  ')}`);
  for (const [phase, { wall, suite, node }] of figures)
    console.log(`${phase.padEnd(26)}${[spread(wall), spread(suite, 1), spread(node, 1)].join('  ')}`);
  console.log(`${red} of ${runs} runs were not green`);
  return red === 0 ? 0 : 1;
});
