import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { V1ResourceAttributes, V1SelfSubjectAccessReview } from '@kubernetes/client-node';
import { UsageError } from '../base/usage-error.ts';
import { type Kube, openKube } from '../kube/api.ts';
import { checkRights, neededRights } from './rights.ts';

// An API server that answers every review with `allows`.
let allows: (right: V1ResourceAttributes) => boolean;
let reviewed: V1ResourceAttributes[] = [];
const folder = mkdtempSync(join(tmpdir(), 'rights-'));
let server: Server;
let kube: Kube;

beforeAll(async () => {
  server = createServer((request, response) => {
    void json(request).then((body) => {
      const right = (body as V1SelfSubjectAccessReview).spec.resourceAttributes ?? {};
      const known = request.method === 'POST' && request.url === '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
      reviewed.push(right);
      response.writeHead(known ? 201 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ spec: {}, status: { allowed: allows(right) } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = join(folder, 'kubeconfig');
  const clusters = [{ name: 'c', cluster: { server: url, 'insecure-skip-tls-verify': true } }];
  const contexts = [{ name: 'c', context: { cluster: 'c', user: 'u' } }];
  writeFileSync(kubeconfig, JSON.stringify({ clusters, contexts, users: [{ name: 'u', user: {} }], 'current-context': 'c' }));
  kube = openKube({ kubeconfig });
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

test('the needed rights are those of the RBAC manifest, subresources apart', () => {
  const rights = neededRights();
  expect(rights).toContainEqual({ group: '', verb: 'create', resource: 'pods', subresource: 'exec' });
  expect(rights).toContainEqual({ group: 'discovery.k8s.io', verb: 'list', resource: 'endpointslices' });
  expect(rights.some(({ resource }) => resource === 'secrets')).toBe(false);
});

test('an account with every right lacks none, and the API server is asked for each', async () => {
  reviewed = [];
  allows = () => true;
  expect(await checkRights(kube)).toEqual([]);
  const sorted = (rights: readonly V1ResourceAttributes[]) =>
    rights.map(({ group, verb, resource, subresource }) => [group, resource, subresource, verb].join()).sort();
  expect(sorted(reviewed)).toEqual(sorted(neededRights()));
});

test('an account without the rights of the networking group lacks them by name', async () => {
  allows = ({ group }) => group !== 'networking.k8s.io';
  expect(await checkRights(kube)).toEqual([
    'get servicecidrs.networking.k8s.io',
    'list servicecidrs.networking.k8s.io',
    'get ipaddresses.networking.k8s.io',
    'list ipaddresses.networking.k8s.io',
  ]);
});

test('an account without other rights is refused with a list of exactly these', async () => {
  allows = ({ resource, subresource, group }) => subresource !== 'exec' && resource !== 'endpointslices' && group !== 'networking.k8s.io';
  const error: unknown = await checkRights(kube).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  expect((error as Error).message.split('\n').filter((line) => line.startsWith('  '))).toEqual([
    '  get pods/exec',
    '  create pods/exec',
    '  list endpointslices.discovery.k8s.io',
  ]);
  expect((error as Error).message).toContain('manifests/rbac.yaml');
});
