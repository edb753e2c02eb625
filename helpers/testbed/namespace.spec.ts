import { expect, test } from '@jest/globals';
import { type Capability, refusableTypes } from '../ledger/capabilities.ts';
import { fakeContext, fakeKube } from './fakes.ts';
import { type Namespace, namespaceOf } from './namespace.ts';
import { webService, workloadsOf } from './workloads.ts';

const stored = (clusterIP?: string) => ({ metadata: { name: 'web' }, spec: { ...(clusterIP === undefined ? {} : { clusterIP }) } });

function namespace(answers: Readonly<Record<string, () => unknown>>, needs: readonly Capability[] = []) {
  const { kube, calls } = fakeKube(answers);
  return { ns: namespaceOf(fakeContext(kube), 'clusterip-3ye99-x', needs), calls };
}

test('a Service has a name, an address and URLs, by default the one that makes a server answer with its name', async () => {
  const { ns, calls } = namespace({ createNamespacedService: () => stored('10.43.1.2') });
  const web = await ns.service();
  expect([web.name, web.address]).toEqual(['web', '10.43.1.2']);
  expect([web.url(8080), web.url(80, '/')]).toEqual(['http://10.43.1.2:8080/hostname', 'http://10.43.1.2:80/']);
  expect(calls).toEqual(['createNamespacedService clusterip-3ye99-x']);
});

test('an IPv6 address stands in brackets', async () => {
  const { ns } = namespace({ createNamespacedService: () => stored('fd00:43::2') });
  expect((await ns.service()).url(8080)).toBe('http://[fd00:43::2]:8080/hostname');
});

test('a Service of both families has both addresses, and URLs with either', async () => {
  const spec = { clusterIP: '10.43.1.2', clusterIPs: ['10.43.1.2', 'fd00:43::2'] };
  const { ns } = namespace({ createNamespacedService: () => ({ metadata: { name: 'web' }, spec }) });
  const web = await ns.service();
  expect(web.addresses.map((address) => web.url(8080, '/', address))).toEqual(['http://10.43.1.2:8080/', 'http://[fd00:43::2]:8080/']);
});

test.each([['None'], [''], [undefined]])('a Service without an address (%s) is an error, and no URL of "undefined"', async (address) => {
  const { ns } = namespace({ createNamespacedService: () => stored(address) });
  await expect(ns.service()).rejects.toThrow(/^the Service web in clusterip-3ye99-x has no ClusterIP/);
});

test.each(refusableTypes)('a Service of type %s is created, and a Service becomes one, only where the claim needs it', async (type) => {
  const waysIn = (ns: Namespace) => [
    () => ns.service(webService({ type })),
    () => ns.serviceByHand('web', [], { type }),
    () => ns.serviceObject(webService({ type })),
    () => ns.patch('web', { spec: { type } }),
  ];
  const answers = { createNamespacedService: () => stored('10.43.1.2') };
  const others = refusableTypes.filter((other) => other !== type).map((other) => `${other} Services` as const);
  const { ns, calls } = namespace(answers, others);
  for (const way of waysIn(ns)) await expect(way()).rejects.toThrow(`this claim needs "${type} Services"`);
  expect(calls).toEqual([]);
  const { ns: needing, calls: made } = namespace(answers, [`${type} Services`]);
  for (const way of waysIn(needing)) await way();
  expect(made).toHaveLength(4);
});

test('a Service that names no type, or ClusterIP, needs nothing', async () => {
  const { ns, calls } = namespace({ createNamespacedService: () => stored('10.43.1.2') });
  await ns.service(webService({ type: 'ClusterIP' }));
  await ns.patch('web', { spec: { type: 'ClusterIP' } });
  await ns.patch('web', { metadata: { labels: { app: 'other' } } });
  expect(calls).toHaveLength(3);
});

test('endpoints are those of all slices, in the order of Pod names; an unset condition means ready', async () => {
  const endpoint = (pod: string, address: string, ready?: boolean) => ({
    addresses: [address],
    targetRef: { name: pod },
    ...(ready === undefined ? {} : { conditions: { ready } }),
  });
  const { ns } = namespace({
    listNamespacedEndpointSlice: () => ({
      items: [{ ports: [{ port: 81 }], endpoints: [endpoint('two', '10.42.0.2', false)] }, { endpoints: [endpoint('one', '10.42.0.1')] }],
    }),
  });
  expect((await ns.endpoints('web')).endpoints).toEqual([
    { address: '10.42.0.1', pod: 'one', ready: true, ports: [] },
    { address: '10.42.0.2', pod: 'two', ready: false, ports: [81] },
  ]);
});

test('a slice by hand is written into the namespace, and deleted there', async () => {
  const { ns, calls } = namespace({ createNamespacedEndpointSlice: () => ({ metadata: { name: 'web' } }) });
  expect(await ns.slice({ service: 'web', endpoints: [{ addresses: ['10.42.0.9'] }] })).toEqual({ metadata: { name: 'web' } });
  await ns.deleteSlice('web');
  expect(calls).toEqual(['createNamespacedEndpointSlice clusterip-3ye99-x', 'deleteNamespacedEndpointSlice clusterip-3ye99-x']);
});

test('the three shared servers are started once for all claims, in the namespace of the clients, and their nodes are known', async () => {
  const pod = (name: string, index: number) => ({
    metadata: { name },
    spec: { nodeName: `node-${index}` },
    status: {
      phase: 'Running',
      podIP: `10.42.0.${index}`,
      podIPs: [{ ip: `10.42.0.${index}` }, { ip: `fd00:10:42::${index}` }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  });
  const { kube, calls } = fakeKube({ listNamespacedPod: () => ({ items: ['a', 'b', 'c'].map(pod) }) });
  const context = fakeContext(kube);
  const [first, second] = await Promise.all([context.backends(), context.backends()]);
  expect(first).toBe(second);
  expect(first[1]).toMatchObject({ name: 'b', address: '10.42.0.1', addresses: ['10.42.0.1', 'fd00:10:42::1'], node: 'node-1' });
  expect([...context.podNodes.values()]).toEqual(['node', 'node-0', 'node-1', 'node-2']);
  const created = calls.filter((call) => call.startsWith('createNamespacedPod '));
  expect(created).toEqual(Array.from({ length: 3 }, () => `createNamespacedPod ${context.cluster.clientNamespace}`));
});

test('Pods are awaited until they are Ready; an image that is refused twice ends the wait, with its reason', async () => {
  const status = (ready: string, waiting?: object) => ({
    phase: 'Pending',
    conditions: [{ type: 'Ready', status: ready }],
    containerStatuses: [{ name: 'agnhost', state: waiting === undefined ? {} : { waiting } }],
  });
  const pods = [status('False'), status('True')];
  const { ns } = namespace({
    listNamespacedPod: () => ({ items: [{ metadata: { name: 'web' }, status: pods.length > 1 ? pods.shift() : pods[0] }] }),
  });
  const { server } = workloadsOf(fakeContext(fakeKube().kube));
  await ns.pods(server('web'));
  expect(pods).toHaveLength(1);
  const reasons = ['ErrImagePull', 'ImagePullBackOff', 'ErrImagePull'];
  const { ns: hopeless } = namespace({
    listNamespacedPod: () => ({
      items: [{ metadata: { name: 'web' }, status: status('False', { reason: reasons.shift(), message: 'no such image' }) }],
    }),
  });
  await expect(hopeless.pods(server('web'))).rejects.toThrow('web is Pending (container agnhost: ErrImagePull: no such image)');
  expect(reasons).toEqual([]);
});

test('the Service that claims start from is web, and what a claim sets replaces its fields', () => {
  expect(webService()).toMatchObject({
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 8080, targetPort: 80 }] },
  });
  expect(webService({ clusterIP: 'None' }, { name: 'headless' })).toMatchObject({
    metadata: { name: 'headless' },
    spec: { clusterIP: 'None', selector: { app: 'web' } },
  });
});

test('a server listens where it is asked to and declares what it is asked to, and only one that waits for a file has a probe', () => {
  const { server } = workloadsOf(fakeContext(fakeKube().kube));
  const [plain, late] = [server('a', { port: 81, declares: { http: 8000 } }), server('b', { readyByFile: true })].map(
    ({ spec }) => spec?.containers[0],
  );
  expect(plain).toMatchObject({ args: ['netexec', '--http-port=81', '--udp-port=81'], ports: [{ name: 'http', containerPort: 8000 }] });
  expect(plain).not.toHaveProperty('readinessProbe');
  expect(late).toHaveProperty('readinessProbe.exec.command', ['test', '-f', '/tmp/ready']);
});

test('the status of a Pod is merged by the types of its conditions, and a Pod is deleted with its own grace', async () => {
  const { ns, calls } = namespace({ patchNamespacedPodStatus: () => ({}), deleteNamespacedPod: () => ({}) });
  await ns.patchPodStatus('web', { conditions: [{ type: 'example.com/on', status: 'True' }] });
  await ns.terminate('web');
  expect(calls).toHaveLength(2);
});
