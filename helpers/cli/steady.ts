import { prelude } from '../../mutants/mutant.ts';
import { openCluster, ownClusterOnly } from '../cluster/cluster.ts';
import { writeDescription } from '../cluster/description.ts';
import { connect, scriptInContainer } from '../cluster/engine.ts';
import { readSettings } from '../cluster/settings.ts';
import type { Report } from '../report/format.ts';
import { isRed } from '../report/words.ts';
import { timeouts } from '../timeouts.ts';
import { UsageError } from '../usage-error.ts';
import { lastReport } from '../report/last-report.ts';
import { runClaims, showClaims } from './jest.ts';
import { givenArguments } from './given-arguments.ts';
import { main, say } from './main.ts';

/** What a run goes through on a cluster that others use at the same time: sh on the node, before it and after it. */
interface Condition {
  readonly what: string;
  readonly apply: string;
  readonly mend: string;
}

// Until the file is gone, a component stands still for half of each fifth of a second.
const pausing = (component: string) =>
  `touch /run/slow; setsid sh -c 'while [ -e /run/slow ]; do pkill -STOP -f "^${component} "; sleep 0.1; pkill -CONT -f "^${component} "; sleep 0.1; done' >/dev/null 2>&1 </dev/null &`;
const pauseNoMore = 'rm -f /run/slow; sleep 0.3';

const conditions: Readonly<Record<string, Condition>> = {
  quiet: { what: 'nothing else', apply: ':', mend: ':' },
  busy: {
    what: 'every processor busy with something else',
    apply:
      'touch /run/busy; for core in $(seq $(nproc)); do setsid sh -c "while [ -e /run/busy ]; do :; done" >/dev/null 2>&1 </dev/null & done',
    mend: 'rm -f /run/busy',
  },
  'slow-api': { what: 'an API server that stands still half of the time', apply: pausing('kube-apiserver'), mend: pauseNoMore },
  'slow-dns': { what: 'a DNS server that stands still half of the time', apply: pausing('/coredns'), mend: pauseNoMore },
  'proxy-restarted': {
    what: 'a Service proxy that is restarted every 10 s',
    apply: `cat >/run/restart.sh <<'SH'
${prelude}
while [ -e /run/restart ]; do stop kube-proxy; start kube-proxy; sleep 10; done
SH
touch /run/restart; setsid sh /run/restart.sh >/dev/null 2>&1 </dev/null &`,
    mend: 'rm -f /run/restart; sleep 11',
  },
};

interface Run {
  readonly condition: string;
  readonly report: Report | undefined;
}

/** Each flake in a line: which claim was red, in how many runs of which condition, and what the first one said. */
export function flakes(runs: readonly Run[]): string[] {
  const red = runs.flatMap(({ condition, report }) =>
    report === undefined
      ? [{ key: `no report, ${condition}`, why: 'the run broke before it had one' }]
      : report.claims.filter(isRed).map(({ id, outcome, why = '' }) => ({ key: `${id} ${outcome}, ${condition}`, why })),
  );
  return [...Map.groupBy(red, ({ key }) => key)].map(
    ([key, all]) => `${key}, ${all.length} times: ${all[0]?.why.split('\n').join(' ').slice(0, 400) ?? ''}`,
  );
}

const usage = `npm run steady -- N [--only=CONDITION,…] repeats the suite N times under each condition: fresh (a new cluster each time), ${Object.keys(conditions).join(', ')}.`;

await main(async () => {
  const { values, positionals } = givenArguments(usage, { only: { type: 'string' } });
  const times = Number(positionals[0] ?? '1');
  const names = values.only?.split(',') ?? ['fresh', ...Object.keys(conditions)];
  const unknown = names.filter((name) => name !== 'fresh' && !(name in conditions));
  if (!Number.isInteger(times) || times < 1 || positionals.length > 1 || unknown.length > 0) {
    throw new UsageError(usage);
  }
  const settings = readSettings();
  await ownClusterOnly(settings, 'npm run steady');
  const runs: Run[] = [];
  const keep = (condition: string, report: Report | undefined) => {
    runs.push({ condition, report });
    const red = report?.claims.filter(isRed).map(({ id }) => id);
    say(
      `${condition}: claims ${((report?.phases.claims ?? 0) / 1000).toFixed(1)} s, ${red === undefined ? 'no report' : red.length === 0 ? 'none red' : `red: ${red.join(', ')}`}`,
    );
  };
  for (let time = 0; names.includes('fresh') && time < times; time++) keep('fresh', (await showClaims(settings, { quiet: true })).report);

  const shared = Object.entries(conditions).filter(([name]) => names.includes(name));
  if (shared.length > 0) {
    const cluster = await openCluster(settings, { keep: false, say });
    try {
      const { node, standIn } = cluster.description;
      const left = standIn ? shared : shared.filter(([name]) => name === 'quiet');
      if (left.length < shared.length)
        say('left out: what holds up parts of the cluster, since that is for the stand-in, which has them apart');
      const onNode = async (script: string) => {
        if (node !== undefined) await scriptInContainer(connect(node.engine), node.container, script, timeouts.podsReady);
      };
      for (const [name, { what, apply, mend }] of left) {
        say(`${name}: ${what}`);
        for (let time = 0; time < times; time++) {
          // One cluster for all of them, so each run has namespaces of its own and takes them away.
          writeDescription({
            ...cluster.description,
            run: `${cluster.description.run}${runs.length}`,
            keptCluster: true,
            usableAt: new Date().toISOString(),
          });
          await onNode(apply);
          await runClaims([], { quiet: true });
          await onNode(mend);
          keep(name, lastReport());
        }
      }
    } finally {
      await cluster.stop();
    }
  }
  const found = flakes(runs);
  console.log(`\n${runs.length} runs, ${found.length === 0 ? 'no flake' : `flakes:\n  ${found.join('\n  ')}`}`);
  return found.length === 0 ? 0 : 1;
});
