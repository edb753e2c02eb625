import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { UsageError } from '../usage-error.ts';
import { neededRights, openAdopted } from './adopted.ts';

let folder: string;
let stranger: Server;
let silent: Server;
const at = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'adopted-'));
  stranger = createServer((_, response) => response.writeHead(401, { 'Content-Type': 'application/json' }).end('{}'));
  silent = createServer(() => undefined);
  for (const server of [stranger, silent]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  for (const server of [stranger, silent]) server.closeAllConnections();
  for (const server of [stranger, silent]) server.close();
});

function kubeconfig(server: string, text?: string): string {
  const file = join(folder, 'kubeconfig');
  const made = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token: 'secret-token' } }],
    contexts: [
      { name: 'here', context: { cluster: 'c', user: 'u' } },
      { name: 'half', context: { cluster: 'gone', user: 'u' } },
    ],
    'current-context': 'here',
  };
  writeFileSync(file, text ?? JSON.stringify(made));
  return file;
}

test.each([
  ['a file that is not there', () => ({ kubeconfig: '/nowhere/kubeconfig', context: 'here' }), 'there is no file /nowhere/kubeconfig'],
  ['a file that is no YAML', () => ({ kubeconfig: kubeconfig('', 'a: [b'), context: 'here' }), 'cannot be read as a kubeconfig'],
  [
    'a file without contexts',
    () => ({ kubeconfig: kubeconfig('', 'kind: Config'), context: 'here' }),
    'no such context. It has none at all',
  ],
  ['a context it does not have', () => ({ kubeconfig: kubeconfig('http://127.0.0.1:1'), context: 'there' }), 'It has here, half'],
  ['a context without its cluster', () => ({ kubeconfig: kubeconfig('http://127.0.0.1:1'), context: 'half' }), 'names a cluster that'],
  ['a server where nobody listens', () => ({ kubeconfig: kubeconfig('http://127.0.0.1:4'), context: 'here' }), 'ECONNREFUSED'],
  ['a server that knows no such account', () => ({ kubeconfig: kubeconfig(at(stranger)), context: 'here' }), '401 Unauthorized'],
  ['a server that never answers', () => ({ kubeconfig: kubeconfig(at(silent)), context: 'here' }), 'no answer within'],
])('%s gives one paragraph that says so, and no secret', async (_, adopt, words) => {
  const error: unknown = await openAdopted(adopt()).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  const { message } = error as UsageError;
  expect(message).toContain(words);
  expect(message).not.toContain('secret-token');
  expect(message).not.toMatch(/\n {4}at /);
});

test('the rights that are asked for are those of the RBAC manifest, subresources apart', () => {
  const rights = neededRights();
  expect(rights).toContainEqual({ group: '', verb: 'create', resource: 'pods', subresource: 'exec' });
  expect(rights).toContainEqual({ group: 'discovery.k8s.io', verb: 'list', resource: 'endpointslices' });
  expect(rights.some(({ resource }) => resource === 'secrets')).toBe(false);
});
