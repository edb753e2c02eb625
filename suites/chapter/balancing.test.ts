import { expect } from '@jest/globals';
import type { CreatedService, Namespace } from '../../helpers/testbed/namespace.ts';
import { claim, client, cluster, http, recordObservation, series, server, settle, webService } from '../../helpers/testbed/testbed.ts';

const pods = ['one', 'two', 'three'];

/** Returns how many of the responses each Pod gave. */
function count(responses: readonly string[]): Record<string, number> {
  return Object.fromEntries(pods.map((pod) => [pod, responses.filter((response) => response === pod).length]));
}

/** Creates three Pods and their Service. */
async function threePods(ns: Namespace): Promise<CreatedService> {
  const web = await ns.service(webService());
  await ns.pods(...pods.map((pod) => server(pod, { labels: { app: 'web' } })));
  return web;
}

/** Waits until all three Pods answer. With equal chances, 40 connections miss one less than once in 3 million times. */
async function untilAllAnswer(url: string): Promise<void> {
  await settle(async () => count((await http(await client(), url)).ending === 'answered' ? await series(await client(), url, 40) : []), {
    waitingFor: 'answers from all three Pods',
    accept: (counts) => Object.values(counts).every((times) => times > 0),
    inARow: 1,
  });
}

claim('random-pod', ({ ns, setup, check }) => {
  let web: CreatedService;

  setup(async () => {
    web = await threePods(ns);
  });

  // 600 connections, chi-squared with two degrees of freedom, where P(X > x) = exp(-x/2). By chance the bound is exceeded once in a
  // million runs; a Pod that gets half of the connections instead of a third exceeds it in 99 of 100 runs.
  check('every-pod-gets-its-share', 'of 600 connections each of three Pods answers a fair third on its port 80', async () => {
    await untilAllAnswer(web.url(8080));
    const counts = count(await series(await client(), web.url(8080), 600));
    recordObservation('answers by Pod', counts);
    const fair = 600 / pods.length;
    const chiSquared = Object.values(counts).reduce((sum, times) => sum + (times - fair) ** 2 / fair, 0);
    expect(Object.values(counts).reduce((sum, times) => sum + times, 0)).toBe(600);
    expect(chiSquared).toBeLessThan(-2 * Math.log(1e-6));
  });
});

claim('random-selection', ({ ns, setup, check }) => {
  let web: CreatedService;

  setup(async () => {
    web = await threePods(ns);
  });

  // At random the same Pod comes twice in a row in a third of 299 neighbours: 100, with a standard deviation of 8. By chance the number is
  // five deviations off less than once in a million runs. In turn the same Pod never comes twice; with affinity it always does.
  check('not-in-turn', 'the same Pod answers twice in a row as often as random draws make it', async () => {
    await untilAllAnswer(web.url(8080));
    const responses = await series(await client(), web.url(8080), 300);
    const repeats = responses.filter((response, index) => index > 0 && response === responses[index - 1]).length;
    recordObservation('how often a Pod answered twice in a row, of 299', repeats);
    expect(repeats).toBeGreaterThan(58);
    expect(repeats).toBeLessThan(142);
  });

  check('drawn-for-each-connection', '60 requests on 60 connections reach all three Pods', async () => {
    const counts = count(await series(await client(), web.url(8080), 60));
    recordObservation('answers by Pod, a connection each', counts);
    expect(Object.values(counts).every((times) => times > 0)).toBe(true);
  });

  // The command differs from the one above in a single header, so only the shared connection can make the difference.
  check('kept-by-a-connection', '60 requests on one connection that is kept alive all reach the same Pod', async () => {
    const counts = count(await series(await client(), web.url(8080), 60, { keepAlive: true }));
    recordObservation('answers by Pod, one connection', counts);
    expect(Object.values(counts).sort((a, b) => a - b)).toEqual([0, 0, 60]);
  });
});

claim('no-affinity', ({ ns, setup, check }) => {
  let web: CreatedService;

  setup(async () => {
    web = await threePods(ns);
  });

  check('default-is-none', 'a Service created without sessionAffinity gets None', async () => {
    const { spec } = await ns.read('web');
    recordObservation('the affinity of the Service', {
      sessionAffinity: spec?.sessionAffinity,
      sessionAffinityConfig: spec?.sessionAffinityConfig,
    });
    expect(spec?.sessionAffinity).toBe('None');
    expect(spec?.sessionAffinityConfig).toBeUndefined();
  });

  check('answers-spread', 'one client gets answers from all Pods', async () => {
    await untilAllAnswer(web.url(8080));
    const counts = count(await series(await client(), web.url(8080), 60));
    recordObservation('answers by Pod', counts);
    expect(Object.values(counts).every((times) => times > 0)).toBe(true);
  });
});

claim('iptables-or-ipvs', ({ check }) => {
  check('default-is-iptables', 'the Service proxy of a k3s without proxy settings runs in iptables mode', () => {
    recordObservation('the mode that the proxy reports', cluster.proxyMode);
    expect(cluster.proxyMode).toBe('iptables');
    return Promise.resolve();
  });
});
