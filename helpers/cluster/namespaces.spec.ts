import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { ownerOf } from '../engine/ownership.ts';
import { openKube } from '../kube/api.ts';
import { deleteNamespacesOf, namespacesOfOthers, sweepNamespaces } from './namespaces.ts';

const folder = mkdtempSync(join(tmpdir(), 'namespaces-'));
let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Starts an API server with a few namespaces. It drops its first `away` requests and answers every deletion of Pods with a conflict. */
async function apiServer(namespaces: readonly { metadata: { name: string } }[], away = 0) {
  const left = new Map(namespaces.map((namespace) => [namespace.metadata.name, namespace]));
  let requests = 0;
  server = createServer((request, response) => {
    if (++requests <= away) {
      request.socket.destroy();
      return;
    }
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const isPods = path.endsWith('/pods');
    if (request.method === 'DELETE' && !isPods) left.delete(path.split('/').at(-1) ?? '');
    response.writeHead(isPods ? 409 : 200, { 'content-type': 'application/json' });
    // A request without the suite's label selector finds none of them.
    const items = query.includes('clusterip-conformance') ? [...left.values()] : [];
    response.end(JSON.stringify(isPods ? { kind: 'Status', code: 409 } : { kind: 'NamespaceList', items }));
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
    2,
  );
  expect(await deleteNamespacesOf(kube, 'abcde', (name) => name.endsWith('red'))).toEqual(['clusterip-abcde-one']);
  expect(left()).toEqual(['clusterip-abcde-red']);
  expect(requests()).toBeGreaterThan(2);
});

const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const ofRun = (name: string, owner: string, creationTimestamp: string) => ({
  metadata: { name, creationTimestamp, annotations: { 'clusterip-conformance.owner': owner } },
});

test.each([
  [false, ['of-an-ended-process', 'long-ago']],
  [true, ['of-an-ended-process', 'long-ago', 'kept-here']],
])('namespaces of runs that have ended are swept; kept ones of this machine too: %s', async (alsoKept, swept) => {
  const { kube, left } = await apiServer([
    ofRun('of-a-running-process', ownerOf(process.pid), ago(3 * 60 * 60_000)),
    ofRun('of-an-ended-process', `${hostname()}/${process.pid}/1`, ago(0)),
    ofRun('elsewhere', 'elsewhere/1/1', ago(60_000)),
    ofRun('long-ago', 'elsewhere/1/1', ago(3 * 60 * 60_000)),
    ofRun('kept-here', `kept/${hostname()}`, ago(3 * 60 * 60_000)),
    ofRun('kept-elsewhere', 'kept/elsewhere', ago(3 * 60 * 60_000)),
  ]);
  expect(await sweepNamespaces(kube, { alsoKept })).toEqual(swept);
  expect(left().filter((name) => swept.includes(name))).toEqual([]);
  expect(await namespacesOfOthers(kube)).toContain('elsewhere (elsewhere/1/1, since 1 min)');
});
