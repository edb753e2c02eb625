import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type KeptCluster, startKept } from './kept-cluster.ts';
import { reportOf, start } from './suite.ts';

// What lies outside the cluster decides how unknown names are answered: CoreDNS forwards them to the resolver of the node. The stand-in has a
// resolver whose behaviour a file sets. No behaviour of it may turn a claim red or slow, except an address for a name that must have none.

let cluster: KeptCluster;

const onNode = (script: string) => cluster.onNode(script);
const claims = ['short-name', 'from-any-pod', 'fqdn-elsewhere', 'clean-up'];
const run = async () => {
  const ended = await start('test', ['-t', `^(${claims.join('|')}):`]).ended;
  return { ended, rows: reportOf(ended).claims.filter(({ id }) => claims.includes(id)) };
};

beforeAll(async () => {
  cluster = await startKept();
  await onNode('cp /etc/resolv.conf /run/stand-in/resolv.conf');
});

afterEach(async () => {
  await onNode('rm -f /run/stand-in/resolver; cat /run/stand-in/resolv.conf >/etc/resolv.conf');
});

afterAll(async () => {
  await cluster.remove();
});

test.each(['an answering', 'a silent', 'a slow', 'a refusing'])('%s resolver outside makes no claim red or slow', async (behaviour) => {
  await onNode(`echo ${behaviour.split(' ')[1]} >/run/stand-in/resolver`);
  const { ended, rows } = await run();
  expect([ended.status, rows.map(({ outcome }) => outcome)]).toEqual([0, claims.map(() => 'confirmed')]);
  // Half of the 30 s that a check may wait, and the 5 s for which CoreDNS may keep a name that is gone.
  for (const { ms } of rows) expect(ms).toBeLessThan(20_000);
});

test('a hostNetwork Pod asks the resolver of the node itself, for the bare name', async () => {
  const { rows } = await run();
  const name = `web-${rows.find(({ id }) => id === 'from-any-pod')?.evidence?.namespace}`;
  const own = (await onNode(`grep '^${name}\\. A from ' /var/log/stand-in/resolver.log || true`)).split('\n').filter((line) => line !== '');
  const nodeAddress = (await onNode('hostname -i')).trim();
  // CoreDNS forwards the bare name that an ordinary Pod asks for last, once, and then has it in its cache.
  expect(own.filter((line) => line.includes(` from ${nodeAddress}:`)).length).toBeGreaterThanOrEqual(3);
});

test('a node whose name server is that of the cluster makes no claim red', async () => {
  await onNode(`echo "nameserver $(kubectl -n kube-system get service kube-dns -o 'jsonpath={.spec.clusterIP}')" >/etc/resolv.conf`);
  const { ended, rows } = await run();
  expect([ended.status, rows.map(({ outcome }) => outcome)]).toEqual([0, claims.map(() => 'confirmed')]);
});

test('a wildcard in a search domain of the node is named as the cause', async () => {
  await onNode('echo "search corp.example" >>/etc/resolv.conf; echo everywhere >/run/stand-in/resolver');
  const { ended, rows } = await run();
  expect(ended.status).toBe(1);
  const red = rows.filter(({ outcome }) => outcome === 'drifted');
  expect(red.map(({ id }) => id)).toContain('short-name');
  for (const { why } of red) expect(why).toMatch(/corp\.example\. is 192\.0\.2\.1 \(by [0-9.]+, a name that the search list makes\)/);
});
