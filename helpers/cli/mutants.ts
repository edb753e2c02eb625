import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadMutants } from '../../mutants/load.ts';
import { type Mutant, prelude } from '../../mutants/mutant.ts';
import { unkillable } from '../../mutants/unkillable.ts';
import { openCluster, ownClusterOnly } from '../cluster/cluster.ts';
import { writeDescription } from '../cluster/description.ts';
import { connect, scriptInContainer } from '../cluster/engine.ts';
import { readSettings, root } from '../cluster/settings.ts';
import { timeouts } from '../timeouts.ts';
import { UsageError } from '../usage-error.ts';
import { brokenClusters, type Results, type Seen } from './broken-clusters.ts';
import { lastReport } from '../report/last-report.ts';
import { runClaims } from './jest.ts';
import { interrupted, main, say } from './main.ts';

const document = join(root, 'docs/broken-clusters.md');
// What the document is drawn from, so that a run of some mutants keeps what was seen of the others.
const record = join(root, 'docs/broken-clusters.json');

/** Shows the claims of a mutant on the cluster that it breaks, and mends it; returns why one of the two did not succeed. */
async function tried({ apply, mend, red, green }: Mutant, onNode: (script: string) => Promise<unknown>): Promise<string | undefined> {
  try {
    await onNode(apply);
    const named = [...Object.keys(red), ...green].join('|');
    // With less patience: what is broken here stays broken, however long one waits.
    await runClaims(['-t', `^(${named}):`], { environment: { CONFORMANCE_TIMEOUT_MULTIPLIER: '0.4' }, quiet: true });
    await onNode(mend);
    return undefined;
  } catch (error) {
    await onNode(mend).catch(() => undefined);
    return error instanceof Error ? error.message : String(error);
  }
}

function sightsOf({ red, green }: Mutant, fault: string | undefined): (Seen & { why: string })[] {
  const claims = fault === undefined ? (lastReport()?.claims ?? []) : [];
  const words: Readonly<Record<string, RegExp>> = red;
  return [...Object.keys(red), ...green].map((id) => {
    const { outcome, why = '', evidence } = claims.find((claim) => claim.id === id) ?? { outcome: 'broken', why: fault };
    const errors = (evidence?.facts ?? []).map(({ error = '' }) => error).join('\n');
    const ending = words[id]?.exec(errors)?.[0] ?? '';
    const ok = words[id] === undefined ? outcome === 'confirmed' : outcome === 'drifted' && ending !== '';
    return { claim: id, expected: words[id] === undefined ? 'green' : 'red', outcome, ending, why, ok };
  });
}

await main(async () => {
  const mutants = await loadMutants();
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !(name in mutants));
  if (unknown.length > 0) throw new UsageError(`There is no mutant ${unknown.join(', ')}. There are ${Object.keys(mutants).join(', ')}.`);
  const settings = readSettings();
  await ownClusterOnly(settings, 'npm run mutants');
  const cluster = await openCluster(settings, { keep: false, say });
  const { standIn, node, version, proxyMode } = cluster.description;
  const earlier = existsSync(record) ? (JSON.parse(readFileSync(record, 'utf8')) as Results).seen : {};
  const results: Record<string, readonly Seen[]> = {};
  try {
    if (node === undefined || !standIn || proxyMode !== 'iptables') {
      throw new UsageError('The mutants are for the stand-in node in iptables mode: elsewhere its components cannot be broken apart.');
    }
    const docker = connect(node.engine);
    const onNode = (script: string) => scriptInContainer(docker, node.container, `${prelude}\n${script}`, timeouts.podsReady);
    // In the order in which they are asked for.
    for (const [index, name] of (wanted.length > 0 ? wanted : Object.keys(mutants)).entries()) {
      const mutant = mutants[name];
      if (mutant === undefined) continue;
      say(`${name}: ${mutant.breaks}`);
      // One cluster for all, so each run has namespaces of its own and takes them away.
      const description = { ...cluster.description, run: `${cluster.description.run}${index}`, keptCluster: true };
      writeDescription(description);
      const fault = await tried(mutant, onNode);
      // What an interrupted run saw last is no sight of the cluster.
      if (interrupted.aborted) break;
      const seen = sightsOf(mutant, fault);
      results[name] = seen.map(({ claim, expected, outcome, ending, ok }) => ({ claim, expected, outcome, ending, ok }));
      for (const { claim, expected, outcome, why, ok } of seen) {
        say(
          `  ${ok ? 'as expected' : 'NOT AS EXPECTED'}: ${claim} is ${outcome} (expected ${expected})${ok ? '' : `: ${why.slice(0, 300)}`}`,
        );
      }
      const kept = Object.fromEntries(Object.entries({ ...earlier, ...results }).filter(([known]) => known in mutants));
      const all: Results = { about: `Kubernetes ${version}, the stand-in node, ${proxyMode} mode`, seen: kept };
      writeFileSync(record, `${JSON.stringify(all, undefined, 2)}\n`);
      writeFileSync(document, brokenClusters(mutants, unkillable, all));
    }
  } finally {
    await cluster.stop();
  }
  const wrong = Object.values(results)
    .flat()
    .filter(({ ok }) => !ok);
  say(`${Object.keys(results).length} mutants, ${wrong.length} claims not as expected`);
  return wrong.length === 0 ? 0 : 1;
});
