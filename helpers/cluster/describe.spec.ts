import { expect, test } from '@jest/globals';
import type { V1Node } from '@kubernetes/client-node';
import type { Kube } from '../kube/api.ts';
import { type Demands, noDemands } from '../kube/pods.ts';
import {
  type Answering,
  describeCluster,
  describeNode,
  freePlacesOf,
  nodePortRangeOf,
  type Prepared,
  refusedServicesOf,
} from './describe.ts';
import type { Settings } from './settings.ts';

const node: V1Node = {
  metadata: { name: 'k3s', labels: { 'kubernetes.io/os': 'linux' } },
  status: {
    addresses: [
      { type: 'Hostname', address: 'k3s' },
      { type: 'InternalIP', address: '172.17.0.3' },
      { type: 'InternalIP', address: '172.18.0.3' },
      { type: 'InternalIP', address: 'fd00::3' },
      { type: 'ExternalIP', address: '192.0.2.3' },
    ],
    conditions: [{ type: 'Ready', status: 'True' }],
  },
};

test('a node is described with the first InternalIP of each family', () => {
  expect(describeNode(node, noDemands)).toMatchObject({ name: 'k3s', addresses: ['172.17.0.3', 'fd00::3'], ready: true });
});

test('a node without a status is not Ready and has no address', () => {
  expect(describeNode({ metadata: { name: 'new' } }, noDemands)).toMatchObject({ name: 'new', addresses: [], ready: false });
});

const refusal = Object.assign(new Error('forbidden'), { code: 403, body: '{"message":"forbidden"}' });

/** Returns a function of the API that refuses with a message, as the API server does. */
const rejects = (message: string) => () =>
  Promise.reject(Object.assign(new Error(message), { code: 422, body: JSON.stringify({ message }) }));

test.each<[string, (request: { body: { spec: { ports: { nodePort: number }[] } } }) => Promise<unknown>, string]>([
  [
    'names it',
    rejects('spec.ports[0].nodePort: Invalid value: 1: provided port is not in the valid range. The range of valid ports is 30000-32767'),
    '30000-32767',
  ],
  [
    'has the first port in it',
    ({ body }) => (body.spec.ports[0]?.nodePort === 1 ? Promise.resolve({}) : rejects('The range of valid ports is 1-60000')()),
    '1-60000',
  ],
  ['refuses the Service for another reason', rejects('quota exceeded'), 'unknown'],
  ['accepts every port', () => Promise.resolve({}), 'unknown'],
])('the range of node ports is that of an API server that %s', async (_, create, range) => {
  let left = 0;
  const createNamespacedService = async (request: Parameters<typeof create>[0]) => {
    await create(request);
    left += 1;
  };
  const deleteNamespacedService = () => {
    left -= 1;
    return Promise.resolve();
  };
  expect(await nodePortRangeOf({ core: { createNamespacedService, deleteNamespacedService } } as unknown as Kube, 'n')).toBe(range);
  expect(left).toBe(0);
});

const quota = 'services "nodeport" is forbidden: exceeded quota: services, requested: services.nodeports=1, used: 0, limited: 0';
const denied =
  'admission webhook "validate.kyverno.svc-fail" denied the request:\n\nrestrict-nodeport:\n  validate-nodeport: not allowed\n';

test.each<[string, number, string, object]>([
  ['refused by a quota', 403, quota, { NodePort: quota }],
  [
    'denied by a policy',
    400,
    denied,
    {
      NodePort: 'admission webhook "validate.kyverno.svc-fail" denied the request: restrict-nodeport: validate-nodeport: not allowed',
    },
  ],
  ['denied by a policy of the API server', 422, 'ValidatingAdmissionPolicy denied it', { NodePort: 'ValidatingAdmissionPolicy denied it' }],
  ['of a webhook that does not support dry runs', 400, 'admission webhook "a" does not support dry run', {}],
  ['of a webhook that cannot be called', 500, 'failed calling webhook "a"', {}],
  ['of an API server that is overloaded', 429, 'too many requests', {}],
])('a NodePort Service %s', async (_, code, message, expected) => {
  const types: string[] = [];
  const createNamespacedService = ({ body, dryRun }: { body: { spec: { type: string } }; dryRun?: string }) => {
    // Nothing is created.
    expect(dryRun).toBe('All');
    types.push(body.spec.type);
    return body.spec.type === 'NodePort'
      ? Promise.reject(Object.assign(new Error(message), { code, body: JSON.stringify({ message }) }))
      : Promise.resolve({});
  };
  expect(await refusedServicesOf({ core: { createNamespacedService } } as unknown as Kube, 'n')).toEqual(expected);
  expect(types).toEqual(['NodePort', 'LoadBalancer', 'ExternalName']);
});

/** An adopted cluster that runs no hostNetwork Pod. It publishes these Service ranges, or refuses to. The API server's own Service has this address. */
function adopted(serviceRanges?: readonly string[], clusterIP = '10.96.0.1'): Answering {
  const kube = {
    version: { getCode: () => Promise.resolve({ gitVersion: 'v1.34.2' }) },
    core: {
      // The first one is not Ready.
      listNode: () => Promise.resolve({ items: [{ status: { addresses: [{ type: 'InternalIP', address: '172.17.0.2' }] } }, node] }),
      readNamespacedService: () => Promise.resolve({ spec: { clusterIP } }),
      listPodForAllNamespaces: () => Promise.resolve({ items: [{}] }),
      createNamespacedService: rejects('The range of valid ports is 31000-31999'),
    },
    networking: {
      // A further ServiceCIDR, which the API server may list first.
      listServiceCIDR: () =>
        serviceRanges === undefined
          ? Promise.reject(refusal)
          : Promise.resolve({
              items: [
                { metadata: { name: 'extra' }, spec: { cidrs: ['10.112.0.0/24'] } },
                { metadata: { name: 'ending', deletionTimestamp: new Date() }, spec: { cidrs: ['10.113.0.0/24'] } },
                { metadata: { name: 'kubernetes' }, spec: { cidrs: serviceRanges } },
              ],
            }),
    },
  } as unknown as Kube;
  return { kube, access: { context: 'prod' }, missingRights: [], phases: {} };
}

const settings: Settings = {
  adopt: { context: 'prod' },
  nodeImage: 'rancher/k3s:v1',
  why: 'CONFORMANCE_CONTEXT names it',
  nodes: 1,
  k3sArgs: [],
  images: {},
  demands: noDemands,
  keep: false,
  allowed: ['unanswered-packets'],
  statedDefaults: ['ranges'],
};
const prepared: Prepared = {
  run: 'abcde',
  owner: 'here/1/1',
  clientNamespace: 'clusterip-abcde-clients',
  deleteGreen: true,
  demands: noDemands,
  refusedPods: { hostNetwork: 'no' },
};

test('an adopted cluster is described by what it publishes, by its first node that is Ready, and nothing else is assumed but the domain', async () => {
  const description = await describeCluster(adopted(['10.96.0.0/12', 'fd00:96::/112']), settings, prepared);
  expect(description).toMatchObject({
    adopted: true,
    kept: false,
    standIn: false,
    deleteGreen: true,
    version: 'v1.34.2',
    serviceRanges: ['10.96.0.0/12', 'fd00:96::/112', '10.112.0.0/24'],
    podRanges: [],
    domain: 'cluster.local',
    ipFamily: 'IPv4',
    nodePortRange: '31000-31999',
    freePlaces: 109,
    refusedServices: { ExternalName: 'The range of valid ports is 31000-31999' },
    serviceLBSeen: true,
    allowed: ['unanswered-packets'],
    statedDefaults: ['ranges'],
    proxyMode: 'unknown',
    nodeAddress: '172.17.0.3',
    chosen: { ranges: false, proxyMode: false },
    disabled: [],
  });
  for (const absent of ['profile', 'node', 'nodeImage']) expect(description).not.toHaveProperty(absent);
});

test("the first family of a cluster is that of the API server's own Service", async () => {
  expect((await describeCluster(adopted([], 'fd00:96::1'), settings, prepared)).ipFamily).toBe('IPv6');
});

test.each<[string, V1Node['spec'], boolean]>([
  ['without taints', {}, true],
  ['with a taint that only advises', { taints: [{ key: 'a', effect: 'PreferNoSchedule' }] }, true],
  ['with a taint that keeps Pods away', { taints: [{ key: 'a', effect: 'NoSchedule' }] }, false],
  ['with a taint that evicts Pods', { taints: [{ key: 'a', effect: 'NoExecute' }] }, false],
  ['that is cordoned', { unschedulable: true }, false],
])('whether a node %s takes Pods', (_, spec, takesPods) => {
  const { metadata, status } = node;
  expect(describeNode({ metadata, spec, status } as V1Node, noDemands).takesPods).toBe(takesPods);
});

const linux = { 'kubernetes.io/os': 'linux' };

test.each<[string, Record<string, string>, Demands['spec'], boolean]>([
  ['Linux', linux, {}, true],
  ['Windows', { 'kubernetes.io/os': 'windows' }, {}, false],
  ['Linux with the label that the Pods select', { ...linux, pool: 'tests' }, { nodeSelector: { pool: 'tests' } }, true],
  ['Linux without that label', linux, { nodeSelector: { pool: 'tests' } }, false],
  ['Linux with another value of that label', { ...linux, pool: 'web' }, { nodeSelector: { pool: 'tests' } }, false],
])('whether a node of %s takes Pods', (_, labels, spec, takesPods) => {
  expect(describeNode({ metadata: { labels } }, { ...noDemands, spec }).takesPods).toBe(takesPods);
});

test.each<[string, NonNullable<Demands['spec']['tolerations']>, boolean]>([
  ['tolerate its key and value', [{ key: 'dedicated', value: 'tests', effect: 'NoSchedule' }], true],
  ['tolerate its key', [{ key: 'dedicated', operator: 'Exists' }], true],
  ['tolerate everything', [{ operator: 'Exists' }], true],
  ['tolerate another value', [{ key: 'dedicated', value: 'web' }], false],
  ['tolerate another key', [{ key: 'other', operator: 'Exists' }], false],
  ['tolerate another effect', [{ key: 'dedicated', operator: 'Exists', effect: 'NoExecute' }], false],
])('whether a node with a taint takes Pods that %s', (_, tolerations, takesPods) => {
  const tainted: V1Node = {
    metadata: { labels: linux },
    spec: { taints: [{ key: 'dedicated', value: 'tests', effect: 'NoSchedule' }] },
  };
  expect(describeNode(tainted, { ...noDemands, spec: { tolerations } }).takesPods).toBe(takesPods);
});

test('a cordoned node takes Pods that tolerate the cordon, and a second taint keeps them away', () => {
  const key = 'node.kubernetes.io/unschedulable';
  const demands: Demands = { ...noDemands, spec: { tolerations: [{ key, operator: 'Exists' }] } };
  const cordoned = (taints: { key: string; effect: string }[]): V1Node => ({
    metadata: { labels: linux },
    spec: { unschedulable: true, taints },
  });
  expect(describeNode(cordoned([{ key, effect: 'NoSchedule' }]), demands).takesPods).toBe(true);
  expect(describeNode(cordoned([{ key: 'dedicated', effect: 'NoSchedule' }]), demands).takesPods).toBe(false);
});

test('a node takes as many Pods as it says, or as many as the kubelet has by default', () => {
  expect(describeNode({ status: { allocatable: { pods: '11' } } }, noDemands).podLimit).toBe(11);
  expect(describeNode({}, noDemands).podLimit).toBe(110);
});

test('free places are those of nodes that take Pods of the run, without Pods that have ended, and counting stops when there are enough', async () => {
  const described = (name: string, podLimit: number, more: object = {}) => ({
    ...describeNode({ metadata: { name } }, noDemands),
    ...{ ready: true, takesPods: true, podLimit },
    ...more,
  });
  const asked: string[] = [];
  const listPodForAllNamespaces = ({ fieldSelector }: { fieldSelector: string }) => {
    asked.push(fieldSelector);
    return Promise.resolve({ items: Array.from({ length: 12 }) });
  };
  const kube = { core: { listPodForAllNamespaces } } as unknown as Kube;
  const small = [described('a', 17), described('full', 11), described('b', 20)];
  expect(
    await freePlacesOf(kube, [...small, described('down', 110, { ready: false }), described('tainted', 110, { takesPods: false })]),
  ).toBe(13);
  const only = (name: string) => `spec.nodeName=${name},status.phase!=Succeeded,status.phase!=Failed`;
  expect(asked.splice(0)).toEqual(['a', 'full', 'b'].map(only));
  expect(await freePlacesOf(kube, [described('large', 110), described('next', 110)])).toBe(98);
  expect(asked).toEqual([only('large')]);
});

test('the domain that a Pod has seen is that of the cluster', async () => {
  const { domain } = await describeCluster(adopted([]), settings, { ...prepared, domain: 'k8s.example.com' });
  expect(domain).toBe('k8s.example.com');
});

test('an adopted cluster that refuses to publish its Service ranges has none', async () => {
  expect((await describeCluster(adopted(), settings, prepared)).serviceRanges).toEqual([]);
});
