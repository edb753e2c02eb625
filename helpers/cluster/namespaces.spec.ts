import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { type Kube, openKube } from '../kube/api.ts';
import { deleteNamespacesOf } from './namespaces.ts';

const folder = mkdtempSync(join(tmpdir(), 'namespaces-'));
const server = createServer();
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** An API server of a few namespaces, which is away for its first requests and answers all that deletes Pods with a conflict. */
async function apiServer(names: Set<string>, away: number): Promise<{ kube: Kube; asked: string[] }> {
  const asked: string[] = [];
  server.on('request', (request, response) => {
    if (asked.push(`${request.method} ${request.url}`) <= away) {
      request.socket.destroy();
      return;
    }
    const [path, query] = (request.url ?? '').split('?');
    const isPods = path?.endsWith('/pods') === true;
    if (request.method === 'DELETE' && !isPods) names.delete(path?.split('/').at(-1) ?? '');
    response.writeHead(isPods ? 409 : 200, { 'content-type': 'application/json' });
    const items = query?.includes('clusterip-conformance-run%3Dabcde') ? [...names].map((name) => ({ metadata: { name } })) : [];
    response.end(JSON.stringify(isPods ? { kind: 'Status', code: 409 } : { kind: 'NamespaceList', items }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const kubeconfig = join(folder, 'kubeconfig');
  const clusters = [
    { name: 'c', cluster: { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'insecure-skip-tls-verify': true } },
  ];
  const contexts = [{ name: 'c', context: { cluster: 'c', user: 'u' } }];
  writeFileSync(kubeconfig, JSON.stringify({ clusters, contexts, users: [{ name: 'u', user: {} }], 'current-context': 'c' }));
  return { kube: openKube({ kubeconfig }), asked };
}

test('the namespaces of a run go, but for those to be kept, though the API server is away at first and refuses to delete Pods', async () => {
  const names = new Set(['clusterip-abcde-one', 'clusterip-abcde-red']);
  const { kube, asked } = await apiServer(names, 2);
  expect(await deleteNamespacesOf(kube, 'abcde', (name) => name.endsWith('red'))).toEqual(['clusterip-abcde-one']);
  expect([...names]).toEqual(['clusterip-abcde-red']);
  expect(asked.length).toBeGreaterThan(2);
});
