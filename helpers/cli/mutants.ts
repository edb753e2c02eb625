import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutants, prelude } from '../../mutants/mutants.ts';
import { openCluster } from '../cluster/cluster.ts';
import { writeDescription } from '../cluster/description.ts';
import { connect, execInContainer } from '../cluster/engine.ts';
import { readSettings, root } from '../cluster/settings.ts';
import { timeouts } from '../timeouts.ts';
import { UsageError } from '../usage-error.ts';
import { lastReport, runClaims } from './jest.ts';
import { main, say } from './main.ts';

interface Seen {
  readonly claim: string;
  readonly expected: 'red' | 'green';
  readonly outcome: string;
  readonly why: string;
  readonly ok: boolean;
}

const document = join(root, 'docs/broken-clusters.md');

function row(name: string, seen: readonly Seen[]): string {
  const { breaks, how } = mutants[name] ?? { breaks: '', how: '' };
  const list = (expected: Seen['expected']) =>
    seen
      .filter((it) => it.expected === expected)
      .map((it) => `${it.claim}${it.ok ? '' : ` **(${it.outcome})**`}`)
      .join(', ');
  return `| ${name} | ${breaks} ${how} | ${list('red')} | ${list('green')} |`;
}

/** The document with a row for each mutant: the new ones, and those of earlier runs that this one did not repeat. */
function table(results: Readonly<Record<string, readonly Seen[]>>, about: string): string {
  const earlier = existsSync(document) ? readFileSync(document, 'utf8').split('\n') : [];
  const rows = Object.keys(mutants).map((name) =>
    results[name] === undefined ? earlier.find((line) => line.startsWith(`| ${name} |`)) : row(name, results[name]),
  );
  return [
    '# Broken clusters',
    '',
    `Written by \`npm run mutants\` on ${about}. Each row is a cluster broken in one way; the claims in the third column turned red there,`,
    'with the ending that `mutants/mutants.ts` names for each, and those in the fourth stayed green. **Bold** is otherwise than expected.',
    '',
    '| mutant | what is broken, and how a cluster comes to that | turned red | stayed green |',
    '| --- | --- | --- | --- |',
    ...rows.filter((line) => line !== undefined),
    '',
  ].join('\n');
}

await main(async () => {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !(name in mutants));
  if (unknown.length > 0) throw new UsageError(`There is no mutant ${unknown.join(', ')}. There are ${Object.keys(mutants).join(', ')}.`);
  const settings = readSettings();
  const cluster = await openCluster(settings, { keep: false, say });
  const { standIn, node, version, proxyMode } = cluster.description;
  const results: Record<string, Seen[]> = {};
  try {
    if (node === undefined || !standIn || proxyMode !== 'iptables') {
      throw new UsageError('The mutants are for the stand-in node in iptables mode: elsewhere its components cannot be broken apart.');
    }
    const docker = connect(node.engine);
    const onNode = async (script: string) => {
      const { exitCode, output } = await execInContainer(docker, node.container, ['sh', '-c', `${prelude}\n${script}`], {
        limit: timeouts.podsReady,
      });
      if (exitCode !== 0) throw new Error(`\`${script}\` on the node exits ${exitCode}: ${output}`);
    };
    for (const [index, [name, mutant]] of Object.entries(mutants).entries()) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      say(`${name}: ${mutant.breaks}`);
      // One cluster for all, so each run has namespaces of its own and takes them away.
      const description = { ...cluster.description, run: `${cluster.description.run}${index}`, keptCluster: true };
      writeDescription(description);
      await onNode(mutant.apply);
      const named = [...Object.keys(mutant.red), ...mutant.green];
      // With less patience: what is broken here stays broken, however long one waits.
      await runClaims(['-t', `^(${named.join('|')}):`], { environment: { CONFORMANCE_TIMEOUT_MULTIPLIER: '0.4' }, quiet: true });
      await onNode(mutant.mend);
      const claims = lastReport()?.claims ?? [];
      results[name] = named.map((id): Seen => {
        const { outcome, why = '', evidence } = claims.find((claim) => claim.id === id) ?? { outcome: 'broken' };
        const errors = (evidence?.facts ?? []).map(({ error = '' }) => error).join('\n');
        const words = mutant.red[id as keyof typeof mutant.red];
        const ok = words === undefined ? outcome === 'confirmed' : outcome === 'drifted' && words.test(errors);
        return { claim: id, expected: words === undefined ? 'green' : 'red', outcome, why, ok };
      });
      writeFileSync(document, table(results, `Kubernetes ${version}, the stand-in node, ${proxyMode} mode`));
      for (const { claim, expected, outcome, why, ok } of results[name]) {
        say(
          `  ${ok ? 'as expected' : 'NOT AS EXPECTED'}: ${claim} is ${outcome} (expected ${expected})${ok ? '' : `: ${why.slice(0, 300)}`}`,
        );
      }
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
