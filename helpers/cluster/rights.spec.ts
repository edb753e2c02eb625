import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  loadAllYaml,
  type V1ResourceAttributes,
  type V1SelfSubjectAccessReview,
  type V1ServiceAccount,
  type V1ValidatingAdmissionPolicy,
  type V1ValidatingAdmissionPolicyBinding,
} from '@kubernetes/client-node';
import { root } from '../base/paths.ts';
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

test('the admission policy of the RBAC manifest confines every right to write that it gives', () => {
  const documents = loadAllYaml(readFileSync(join(root, 'manifests/rbac.yaml'), 'utf8')) as { kind?: string }[];
  const policy = documents.find(({ kind }) => kind === 'ValidatingAdmissionPolicy') as V1ValidatingAdmissionPolicy | undefined;
  const { matchConstraints, matchConditions = [], failurePolicy } = policy?.spec ?? {};
  const confined = (matchConstraints?.resourceRules ?? []).flatMap(({ apiGroups = [], resources = [], operations = [] }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => operations.map((operation) => `${operation} ${resource} ${group}`))),
  );
  const reading = ['get', 'list', 'watch'];
  const operationOf = ({ verb = '', subresource = '' }: V1ResourceAttributes) => {
    // Either verb opens a connection to a container.
    if (['exec', 'attach'].includes(subresource)) return 'CONNECT';
    if (reading.includes(verb)) return undefined;
    return { create: 'CREATE', update: 'UPDATE', patch: 'UPDATE', delete: 'DELETE', deletecollection: 'DELETE' }[verb] ?? 'UNKNOWN';
  };
  const needed = neededRights().flatMap((right) => {
    const operation = operationOf(right);
    const path = [right.resource, right.subresource].filter((part) => part !== undefined).join('/');
    return operation === undefined ? [] : [`${operation} ${path} ${right.group}`];
  });
  expect(needed).toContain('CONNECT pods/exec ');
  expect(confined).toEqual(expect.arrayContaining(needed));
  // The policy is for the account of this manifest, and only for that.
  const account = documents.find(({ kind }) => kind === 'ServiceAccount') as V1ServiceAccount | undefined;
  const user = `system:serviceaccount:${account?.metadata?.namespace}:${account?.metadata?.name}`;
  expect(matchConditions.map(({ expression }) => expression)).toEqual([`request.userInfo.username == '${user}'`]);
  expect(failurePolicy).toBe('Fail');
  const binding = documents.find(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding') as
    V1ValidatingAdmissionPolicyBinding | undefined;
  expect(binding?.spec).toMatchObject({ policyName: policy?.metadata?.name, validationActions: ['Deny'] });
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

test('an account without the rights to write EndpointSlices, Endpoints, the status of Pods and StatefulSets lacks them by name', async () => {
  const forSome = ['endpointslices', 'endpoints', 'statefulsets'];
  allows = ({ resource = '', subresource, verb = '' }) =>
    subresource !== 'status' && (!forSome.includes(resource) || ['get', 'list'].includes(verb));
  expect(await checkRights(kube)).toEqual([
    ...['create endpoints', 'update endpoints', 'delete endpoints'],
    ...['create', 'update', 'delete'].map((verb) => `${verb} endpointslices.discovery.k8s.io`),
    'patch pods/status',
    'create statefulsets.apps',
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
