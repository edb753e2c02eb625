import { beforeAll, expect } from '@jest/globals';
import { claim, client, cluster, kube } from '../helpers/claims/claim.ts';
import { createPods, createService } from '../helpers/kube/objects.ts';
import { server, webService } from '../helpers/kube/workloads.ts';
import { http, series } from '../helpers/probe/attempt.ts';
import { settle } from '../helpers/probe/settle.ts';
import { recordLook } from '../helpers/report/evidence.ts';

const pods = ['one', 'two', 'three'];

function count(answers: readonly string[]): Record<string, number> {
  return Object.fromEntries(pods.map((pod) => [pod, answers.filter((answer) => answer === pod).length]));
}

/** Creates the three Pods and their Service, waits until all three answer, and returns the Service's address. */
async function threePods(namespace: string, spec = {}): Promise<string> {
  const address = (await createService(kube, namespace, webService(spec))).spec?.clusterIP ?? '';
  await createPods(kube, namespace, ...pods.map((pod) => server(pod, { labels: { app: 'web' } })));
  return address;
}

/** 40 connections to three equally likely Pods miss one less than once in 3 million times. */
async function untilAllAnswer(url: string): Promise<void> {
  await settle(async () => count((await http(await client(), url)).ending === 'answered' ? await series(await client(), url, 40) : []), {
    waitingFor: 'answers from all three Pods',
    accept: (counts) => Object.values(counts).every((times) => times > 0),
    inARow: 1,
  });
}

claim('random-pod', ({ namespace, fact }) => {
  let url: string;

  beforeAll(async () => {
    url = `http://${await threePods(namespace)}:8080/hostname`;
  });

  // 600 connections, chi-squared with two degrees of freedom, where P(X > x) = exp(-x/2). The bound is passed by chance once in a
  // million runs; a Pod that gets half of the connections instead of a third passes it in 99 of 100 runs.
  fact('every-pod-gets-its-share', 'of 600 connections each of three Pods answers a fair third on its port 80', async () => {
    await untilAllAnswer(url);
    const counts = count(await series(await client(), url, 600));
    recordLook('answers by Pod', counts);
    const fair = 600 / pods.length;
    const chiSquared = Object.values(counts).reduce((sum, times) => sum + (times - fair) ** 2 / fair, 0);
    expect(Object.values(counts).reduce((sum, times) => sum + times, 0)).toBe(600);
    expect(chiSquared).toBeLessThan(-2 * Math.log(1e-6));
  });
});

claim('random-selection', ({ namespace, fact }) => {
  let url: string;

  beforeAll(async () => {
    url = `http://${await threePods(namespace)}:8080/hostname`;
  });

  // At random the same Pod comes twice in a row in a third of 299 neighbours: 100, give or take 8. Five times that is left by
  // chance less than once in a million runs. In turn it never comes twice; with affinity always.
  fact('not-in-turn', `in ${cluster.proxyMode} mode the same Pod answers twice in a row as often as chance has it`, async () => {
    await untilAllAnswer(url);
    const answers = await series(await client(), url, 300);
    const repeats = answers.filter((answer, index) => index > 0 && answer === answers[index - 1]).length;
    recordLook('how often a Pod answered twice in a row, of 299', repeats);
    expect(repeats).toBeGreaterThan(58);
    expect(repeats).toBeLessThan(142);
  });

  fact('drawn-for-each-connection', '60 requests on 60 connections reach all three Pods', async () => {
    const counts = count(await series(await client(), url, 60));
    recordLook('answers by Pod, a connection each', counts);
    expect(Object.values(counts).every((times) => times > 0)).toBe(true);
  });

  // The same command but for one header, so the difference is the connection's.
  fact('kept-by-a-connection', '60 requests on one connection that is kept alive all reach the same Pod', async () => {
    const counts = count(await series(await client(), url, 60, { keepAlive: true }));
    recordLook('answers by Pod, one connection', counts);
    expect(Object.values(counts).sort((a, b) => a - b)).toEqual([0, 0, 60]);
  });
});

claim('no-affinity', ({ namespace, fact }) => {
  let url: string;

  beforeAll(async () => {
    url = `http://${await threePods(namespace)}:8080/hostname`;
  });

  fact('default-is-none', 'a Service that says nothing of affinity gets None', async () => {
    const { spec } = await kube.core.readNamespacedService({ namespace, name: 'web' });
    expect(spec?.sessionAffinity).toBe('None');
    expect(spec?.sessionAffinityConfig).toBeUndefined();
  });

  fact('answers-spread', 'one client gets answers from all Pods', async () => {
    await untilAllAnswer(url);
    const counts = count(await series(await client(), url, 60));
    recordLook('answers by Pod', counts);
    expect(Object.values(counts).every((times) => times > 0)).toBe(true);
  });
});

claim('iptables-or-ipvs', ({ fact }) => {
  fact('default-is-iptables', 'the Service proxy of a k3s that was told nothing runs in iptables mode', () => {
    recordLook('what the proxy says of itself', cluster.proxyMode);
    expect(cluster.proxyMode).toBe('iptables');
    return Promise.resolve();
  });
});
