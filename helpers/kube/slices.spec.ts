import { expect, test } from '@jest/globals';
import type { V1EndpointSlice } from '@kubernetes/client-node';
import type { Kube } from './api.ts';
import { Refused } from './refusal.ts';
import { sliceObject, writeSlice } from './slices.ts';

const endpoints = [{ addresses: ['10.42.0.9'] }];

test('a slice has the name of its Service, the label that joins them, and port 80 without a name', () => {
  expect(sliceObject({ service: 'web', endpoints })).toMatchObject({
    metadata: {
      name: 'web',
      labels: { 'kubernetes.io/service-name': 'web', 'endpointslice.kubernetes.io/managed-by': 'clusterip-conformance' },
    },
    addressType: 'IPv4',
    endpoints,
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
  });
});

test('name, ports and labels may be given, and a slice of no Service has no label for one', () => {
  const ports = [{ name: 'http', port: 8080 }];
  const slice = sliceObject({ service: null, name: 'own', endpoints, ports, labels: { a: 'b' } });
  expect(slice).toMatchObject({ metadata: { name: 'own', labels: { a: 'b' } }, ports });
  expect(slice.metadata?.labels).not.toHaveProperty(['kubernetes.io/service-name']);
});

test.each([
  ['IPv6', [{ addresses: ['fd00:10:42::9'] }]],
  ['IPv4', [{ addresses: ['10.42.0.9'] }]],
  ['IPv4', []],
])('its family is that of its first address: %s of %j', (family, given) => {
  expect(sliceObject({ service: 'web', endpoints: given }).addressType).toBe(family);
});

/** Returns the API of a cluster that answers the creation of a slice with this status, and what was called. */
function kubeAnswering(code: number) {
  const calls: string[] = [];
  const call =
    (verb: string, status: number) =>
    ({ namespace, body }: { namespace: string; body: V1EndpointSlice }) => {
      calls.push(`${verb} ${namespace}/${body.metadata?.name}`);
      return status < 400 ? Promise.resolve(body) : Promise.reject(new Refused(status, '{"message":"no"}'));
    };
  const discovery = {
    createNamespacedEndpointSlice: call('create', code),
    replaceNamespacedEndpointSlice: call('replace', 200),
  };
  return { kube: { discovery } as unknown as Kube, calls };
}

test.each([
  ['a new slice is created', 201, ['create ns/web']],
  ['one of that name is replaced', 409, ['create ns/web', 'replace ns/web']],
])('%s', async (_, code, expected) => {
  const { kube, calls } = kubeAnswering(code);
  expect(await writeSlice(kube, 'ns', { service: 'web', endpoints })).toMatchObject({ endpoints });
  expect(calls).toEqual(expected);
});

test('another refusal is thrown, and nothing is replaced', async () => {
  const { kube, calls } = kubeAnswering(422);
  await expect(writeSlice(kube, 'ns', { service: 'web', endpoints })).rejects.toMatchObject({ code: 422 });
  expect(calls).toEqual(['create ns/web']);
});
