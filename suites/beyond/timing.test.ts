import { expect } from '@jest/globals';
import type { CreatedService } from '../../helpers/testbed/namespace.ts';
import type { Backends } from '../../helpers/testbed/run-context.ts';
import {
  backends,
  claim,
  client,
  cluster,
  expectEnding,
  idle,
  node,
  recordObservation,
  settle,
  webService,
} from '../../helpers/testbed/testbed.ts';

/** What kube-proxy shows of its configuration. */
interface Config {
  readonly iptables?: { readonly minSyncPeriod?: string };
  readonly nftables?: { readonly minSyncPeriod?: string };
  readonly MinSyncPeriod?: string;
}

claim('within-a-second', ({ ns, setup, check }) => {
  let servers: Backends;
  let web: CreatedService;
  /** The minSyncPeriod of kube-proxy, in ms. */
  let minSync: number;

  /** Makes another backend the only endpoint, and returns the ms until a client is answered by it. */
  const flip = async (turn: number) => {
    const next = servers[turn % 2] ?? servers[0];
    await ns.slice({ service: 'web', endpoints: [{ addresses: [next.address] }] });
    const began = performance.now();
    const { exitCode } = await (
      await client()
    ).run(`until [ "$(curl -s --max-time 1 ${web.url(8080)})" = ${next.name} ]; do :; done`, minSync + 10_000);
    expect(exitCode).toBe(0);
    return Math.round(performance.now() - began);
  };
  /** Returns how many times kube-proxy has written its rules, for each family. */
  const writes = async () => {
    const { output } = await (
      await node()
    ).run('curl -s localhost:10249/metrics | grep ^kubeproxy_sync_proxy_rules_duration_seconds_count');
    return output
      .trim()
      .split('\n')
      .map((line) => Number(line.split(' ').at(-1)));
  };

  setup(async () => {
    servers = await backends();
    web = await ns.service(webService({ selector: {} }));
    await ns.slice({ service: 'web', endpoints: [{ addresses: [servers[1].address] }] });
    await expectEnding(client(), web.url(8080), 'answered', { by: servers[1].name });
    const { output } = await (await node()).run('curl -s localhost:10249/configz');
    const { 'kubeproxy.config.k8s.io': config } = JSON.parse(output) as { 'kubeproxy.config.k8s.io': Config };
    // Up to Kubernetes 1.35 kube-proxy shows its configuration as it has it inside.
    const period = config[cluster.proxyMode as 'iptables' | 'nftables']?.minSyncPeriod ?? config.MinSyncPeriod;
    if (period === undefined) throw new Error(`kube-proxy does not show its minSyncPeriod: ${output}`);
    recordObservation('the minSyncPeriod of kube-proxy', period);
    // A duration as Go writes it, such as 1s, 100ms or 1m30s.
    minSync = [...period.matchAll(/([\d.]+)(ms|s|m)/g)].reduce(
      (sum, [, count, unit]) => sum + Number(count) * { ms: 1, s: 1_000, m: 60_000 }[unit as 'ms' | 's' | 'm'],
      0,
    );
  });

  // With the default of 1 s, a change that had to wait for the period would take longer than this.
  check('at-once-after-a-pause', 'a change after a pause reaches a client within 0.9 s', async () => {
    let turn = 0;
    const afterPause = async () => {
      await idle(minSync + 1_000, 'kube-proxy must have nothing to wait for');
      return flip(turn++);
    };
    // Others may change a Service at the same moment, and then it has to wait: so one of several changes is enough.
    await settle(afterPause, { waitingFor: 'a change within 900 ms', accept: (ms) => ms < 900, inARow: 1, within: 4 * (minSync + 2_000) });
  });

  check('soon-after-another', 'each of four changes in a row reaches a client within minSyncPeriod and 1 s', async () => {
    const all: number[] = [];
    const began = performance.now();
    for (let turn = 1; turn <= 4; turn++) all.push(await flip(turn));
    const total = Math.round(performance.now() - began);
    recordObservation('ms until each change, and in total', { all, total });
    expect(Math.max(...all)).toBeLessThan(minSync + 1_000);
    // Control: with a period of 1 s they did wait for it. kube-proxy may write twice in one period, but not four times in two. The period goes on while the
    // API server takes its time with a slice, so that time counts here.
    if (minSync >= 1_000) expect(total).toBeGreaterThan(2 * minSync);
  });

  check('many-changes-together', 'ten Services at once are written together, not one by one', async () => {
    await idle(minSync + 1_000, 'kube-proxy must have nothing to wait for');
    const [before, began] = [await writes(), performance.now()];
    await Promise.all(Array.from({ length: 10 }, (_, index) => ns.service(webService({ selector: {} }, { name: `many-${index}` }))));
    await idle(2 * minSync + 500, 'all of them are written by then');
    const after = await writes();
    // The first is written at once, and others once in each period that has gone by.
    const most = 1 + Math.ceil((performance.now() - began) / minSync);
    const written = Math.max(...after.map((count, family) => count - (before[family] ?? 0)));
    recordObservation('how often kube-proxy wrote its rules, and the most that its period allows', { written, most });
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThanOrEqual(Math.min(most, 9));
  });
});
