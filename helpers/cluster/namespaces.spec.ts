import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { ownerOf } from '../engine/ownership.ts';
import { openKube } from '../kube/api.ts';
import { deleteNamespacesOf, keptHere, namespacesOfOthers, sweepNamespaces, untilKilledRunsExpire } from './namespaces.ts';

const folder = mkdtempSync(join(tmpdir(), 'namespaces-'));
let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface FakeNamespace {
  readonly metadata: { readonly name: string };
}

interface FakeServer {
  /** How many requests it drops at first. */
  readonly away?: number;
  /** The spec of the Lease in a namespace. */
  readonly leases?: Readonly<Record<string, object>>;
  /** ms by which its clock is ahead of this machine's. */
  readonly ahead?: number;
}

/** Starts an API server with a few namespaces. It answers every deletion of Pods with a conflict. */
async function apiServer(namespaces: readonly FakeNamespace[], { away = 0, leases = {}, ahead = 0 }: FakeServer = {}) {
  const left = new Map(namespaces.map((namespace) => [namespace.metadata.name, namespace]));
  let requests = 0;
  const answerTo = (method: string, path: string, query: string): object | number => {
    if (path === '/version/') return { gitVersion: 'v1.36.3' };
    if (path.endsWith('/pods')) return 409;
    const [, namespace = ''] = /^\/apis\/coordination\.k8s\.io\/v1\/namespaces\/([^/]+)\/leases\/clusterip-conformance$/.exec(path) ?? [];
    if (namespace !== '') return leases[namespace] === undefined ? 404 : { spec: leases[namespace] };
    if (method === 'DELETE') left.delete(path.split('/').at(-1) ?? '');
    // A request without the suite's label selector finds none of them.
    return { kind: 'NamespaceList', items: query.includes('clusterip-conformance') ? [...left.values()] : [] };
  };
  server = createServer((request, response) => {
    if (++requests <= away) {
      request.socket.destroy();
      return;
    }
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const answer = answerTo(request.method ?? '', path, query);
    const date = new Date(Date.now() + ahead).toUTCString();
    response.writeHead(typeof answer === 'number' ? answer : 200, { 'content-type': 'application/json', date });
    response.end(JSON.stringify(typeof answer === 'number' ? { kind: 'Status', code: answer } : answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = join(folder, 'kubeconfig');
  const clusters = [{ name: 'c', cluster: { server: url, 'insecure-skip-tls-verify': true } }];
  const contexts = [{ name: 'c', context: { cluster: 'c', user: 'u' } }];
  writeFileSync(kubeconfig, JSON.stringify({ clusters, contexts, users: [{ name: 'u', user: {} }], 'current-context': 'c' }));
  return { kube: openKube({ kubeconfig }), left: () => [...left.keys()], requests: () => requests };
}

test('the namespaces of a run are deleted except those to be kept, although the API server does not answer at first and refuses to delete Pods', async () => {
  const { kube, left, requests } = await apiServer(
    [{ metadata: { name: 'clusterip-abcde-one' } }, { metadata: { name: 'clusterip-abcde-red' } }],
    { away: 2 },
  );
  expect(await deleteNamespacesOf(kube, 'abcde', (name) => name.endsWith('red'))).toEqual(['clusterip-abcde-one']);
  expect(left()).toEqual(['clusterip-abcde-red']);
  expect(requests()).toBeGreaterThan(2);
});

const [minute, hour] = [60_000, 60 * 60_000];
/** Returns a time of a server whose clock is `ahead` ms ahead. */
const ago = (ms: number, ahead = 0) => new Date(Date.now() + ahead - ms).toISOString();
const me = ownerOf(process.pid);
// A process with this owner's name that has ended.
const ended = me.replace(/\d+(?=\/[^/]+$)/, '1');

/** Returns the namespaces of a run: for its clients, and for one claim. */
const ofRun = (run: string, { owner = me, age = 5 * minute, ahead = 0, clients = true } = {}) =>
  [...(clients ? ['clients'] : []), 'claim'].map((name) => ({
    metadata: {
      name: `clusterip-${run}-${name}`,
      creationTimestamp: ago(age, ahead),
      labels: { 'clusterip-conformance-run': run },
      annotations: { 'clusterip-conformance.owner': owner },
    },
  }));

/** Returns the Lease of a run in the namespace for its clients. */
const leaseOf = (run: string, renewedAgo: number, { holder = me, ahead = 0 } = {}) => ({
  [`clusterip-${run}-clients`]: {
    holderIdentity: holder,
    leaseDurationSeconds: 60,
    renewTime: ago(renewedAgo, ahead).replace('Z', '000Z'),
  },
});

const bothOf = (run: string) => [`clusterip-${run}-clients`, `clusterip-${run}-claim`];

test('a run is swept when its Lease has expired, whatever is known of its process', async () => {
  const { kube, left } = await apiServer(
    [...ofRun('renewed', { owner: ended }), ...ofRun('expired', { owner: me }), ...ofRun('another', { owner: 'elsewhere/1/1/1' })],
    { leases: { ...leaseOf('renewed', 50_000), ...leaseOf('expired', 65_000), ...leaseOf('another', 65_000) } },
  );
  expect((await sweepNamespaces(kube)).sort()).toEqual([...bothOf('another'), ...bothOf('expired')].sort());
  expect(left()).toEqual(bothOf('renewed'));
});

test('two runs whose processes look alike do not sweep each other', async () => {
  // With one host name and one process id, as in two containers, and the other one has ended as far as this machine can see.
  const { kube, left } = await apiServer([...ofRun('one'), ...ofRun('other', { owner: ended })], {
    leases: { ...leaseOf('one', 0), ...leaseOf('other', 0, { holder: ended }) },
  });
  expect(await sweepNamespaces(kube, { alsoKept: true })).toEqual([]);
  expect(left()).toEqual([...bothOf('one'), ...bothOf('other')]);
});

test('a run that has removed the namespace for its clients has ended; its other runs on the same cluster are part of it', async () => {
  const { kube } = await apiServer([...ofRun('gone', { clients: false }), ...ofRun('live'), ...ofRun('live1', { clients: false })], {
    leases: leaseOf('live', 0),
  });
  expect(await sweepNamespaces(kube)).toEqual(['clusterip-gone-claim']);
});

test('a run without a Lease, which has just started or is of an older version, is swept after the longest time of a run', async () => {
  const { kube } = await apiServer([
    ...ofRun('starting', { age: 0 }),
    ...ofRun('aged', { age: hour }),
    ...ofRun('older', { age: 25 * hour }),
  ]);
  expect(await sweepNamespaces(kube)).toEqual(bothOf('older'));
});

test.each([3 * hour, -3 * hour])('the clock of the API server decides, also when it is %i ms ahead of this one', async (ahead) => {
  const { kube } = await apiServer(
    [...ofRun('renewed', { ahead }), ...ofRun('expired', { ahead }), ...ofRun('starting', { ahead, age: 0 })],
    {
      ahead,
      leases: { ...leaseOf('renewed', 10_000, { ahead }), ...leaseOf('expired', 65_000, { ahead }) },
    },
  );
  expect(await sweepNamespaces(kube)).toEqual(bothOf('expired'));
  expect(await namespacesOfOthers(kube)).toContainEqual(expect.stringMatching(/^clusterip-renewed-claim \(.+\/\d+, since 5 min\)$/));
});

test('kept namespaces are swept on request, if this user kept them and their run has ended', async () => {
  const kept = [
    ...ofRun('mine', { owner: keptHere(), clients: false }),
    ...ofRun('running', { owner: keptHere() }),
    ...ofRun('alike', { owner: `kept/${hostname()}/another-user`, clients: false }),
    ...ofRun('elsewhere', { owner: 'kept/elsewhere/1', clients: false }),
  ];
  const { kube, left } = await apiServer(kept, { leases: leaseOf('running', 0) });
  expect(await sweepNamespaces(kube)).toEqual([]);
  expect(await sweepNamespaces(kube, { alsoKept: true })).toEqual(['clusterip-mine-claim']);
  expect(left()).toEqual([...bothOf('running'), 'clusterip-alike-claim', 'clusterip-elsewhere-claim']);
});

test('only for runs that were killed on this machine is it known how long their Leases last', async () => {
  const runs = [...ofRun('running'), ...ofRun('killed', { owner: keptHere() }), ...ofRun('elsewhere')];
  const others = { ...leaseOf('running', 0), ...leaseOf('elsewhere', 0, { holder: `${ended}-elsewhere` }) };
  const without = await apiServer(runs, { leases: { ...others, ...leaseOf('killed', 65_000, { holder: ended }) } });
  expect(await untilKilledRunsExpire(without.kube)).toBe(0);
  server.close();
  const { kube } = await apiServer(runs, { leases: { ...others, ...leaseOf('killed', 20_000, { holder: ended }) } });
  const ms = await untilKilledRunsExpire(kube);
  expect(ms).toBeGreaterThan(38_000);
  expect(ms).toBeLessThanOrEqual(42_000);
});
