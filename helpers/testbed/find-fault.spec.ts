import { expect, test } from '@jest/globals';
import type { Shell } from '../kube/shell.ts';

// What does not work is tried again until a limit, which is short here.
process.env.CONFORMANCE_TIMEOUT_MULTIPLIER = '0.02';
const { findFault } = await import('./find-fault.ts');
const { fakeContext, fakeKube } = await import('./fakes.ts');

const [podIP, clusterIP] = ['10.42.0.5', '10.43.0.9'];

/** What works on a cluster. */
interface Works {
  readonly pod?: boolean;
  readonly podToPod?: boolean;
  readonly podToService?: boolean;
  readonly dns?: boolean;
  readonly nodeToService?: boolean;
}

const asked = ';; Sending:\n;kubernetes.default.svc.cluster.local.\tIN\tA\n';
const silence = `${asked};; communications error to 10.43.0.10#53: timed out\n`;
const found = `${asked};; Got answer:
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1
;; ANSWER SECTION:
kubernetes.default.svc.cluster.local. 5 IN A 10.43.0.1
;; SERVER: 10.43.0.10#53(10.43.0.10) (UDP)
`;

/** Returns a shell in whose Pod requests are answered, or timed out, and whose resolver knows names or not. */
function shellWith(answers: (url: string) => boolean, dns: boolean): Shell {
  const run = (command: string) => {
    if (command.startsWith('dig ')) return Promise.resolve({ exitCode: dns ? 0 : 9, output: dns ? found : silence });
    const [, url = ''] = /'(http:[^']*)'/.exec(command) ?? [];
    const answered = answers(url);
    const json = JSON.stringify({
      errormsg: answered ? null : 'Connection timed out',
      time_total: 0.001,
      remote_ip: '',
      http_code: answered ? 200 : 0,
    });
    const output = `${answered ? 'basic-server' : ''}\x1e${json}\x1e`;
    return Promise.resolve({ exitCode: answered ? 0 : 28, output });
  };
  return { name: 'n/pod', run, lost: () => false, close: () => undefined };
}

const pod = (name: string, node: string, ready = true) => ({
  metadata: { name },
  spec: { nodeName: node },
  status: { podIP, phase: ready ? 'Running' : 'Pending', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});

/** Returns the context of a cluster, and the calls of its API. */
function clusterWhere(works: Works, answers: Record<string, () => unknown> = {}, hostNetwork = true) {
  const { pod: itself = true, podToPod = true, podToService = true, dns = true, nodeToService = true } = works;
  const { kube, calls } = fakeKube({
    createNamespacedService: () => ({ spec: { clusterIP } }),
    listNamespacedPod: () => ({ items: [pod('basic-client', 'a'), pod('basic-server', 'b')] }),
    listNamespacedEndpointSlice: () => ({ items: [{ endpoints: [{ addresses: [podIP], conditions: { ready: true } }] }] }),
    ...answers,
  });
  const toService = (url: string) => url.includes(clusterIP);
  const context = fakeContext(kube, hostNetwork ? {} : { refusedPods: { hostNetwork: 'no' } }, {
    shellIn: (_, name) =>
      Promise.resolve(
        name === 'basic-server' ? shellWith(() => itself, dns) : shellWith((url) => (toService(url) ? podToService : podToPod), dns),
      ),
    node: () => Promise.resolve(shellWith(() => nodeToService, false)),
  });
  return { context, calls };
}

test('where every layer works there is no fault, and one Service and two Pods are created among the clients', async () => {
  const { context, calls } = clusterWhere({});
  expect(await findFault(context)).toBeUndefined();
  expect(calls.filter((call) => call.startsWith('create'))).toEqual([
    'createNamespacedService clusterip-3ye99-clients',
    'createNamespacedPod clusterip-3ye99-clients',
    'createNamespacedPod clusterip-3ye99-clients',
  ]);
});

const dead = { podToPod: false, podToService: false, dns: false, nodeToService: false };

test.each<[string, Works, layer: string, stopped: boolean, first: RegExp, layers: string[]]>([
  ['a Pod does not reach itself', { ...dead, pod: false }, 'Pod', true, /kubelet/, ['Pod ✘', 'Pod to Pod ✘', 'Pod to Service ✘', 'DNS ✘']],
  ['Pods do not reach each other', dead, 'Pod to Pod', true, /CNI/, ['Pod ✔', 'Pod to Pod ✘', 'Pod to Service ✘', 'DNS ✘']],
  [
    'Services do not answer anybody',
    { ...dead, podToPod: true },
    'Pod to Service',
    true,
    /kube-proxy/,
    ['Pod to Pod ✔', 'Pod to Service ✘', 'DNS ✘'],
  ],
  [
    'Services answer nodes but not Pods',
    { podToService: false, dns: false },
    'Pod to Service',
    true,
    /bridge-nf-call-iptables/,
    ['Pod to Pod ✔', 'Pod to Service ✘', 'DNS ✘'],
  ],
  ['only DNS is dead', { dns: false }, 'DNS', false, /DNS Pods/, ['Pod to Pod ✔', 'Pod to Service ✔', 'DNS ✘']],
])('where %s, the lowest layer at fault is named, with the place to look at', async (_, works, layer, stopped, first, layers) => {
  const fault = await findFault(clusterWhere(works).context);
  expect(fault).toMatchObject({ layer, stopped, lookAt: [expect.stringMatching(first), ...(fault?.lookAt.slice(1) ?? [])] });
  const drawn = (fault?.layers ?? []).map(({ name, works: ok }) => `${name} ${ok ? '✔' : '✘'}`);
  expect(drawn).toEqual([...layers, `node to Service ${works.nodeToService === false ? '✘' : '✔'}`]);
  expect(fault?.seen).toBe(fault?.layers.find(({ works: ok }) => !ok)?.seen);
});

test('what was seen names the address and the ending, or the name and the name server', async () => {
  expect((await findFault(clusterWhere({ podToService: false }).context))?.seen).toMatch(
    /^http:\/\/10\.43\.0\.9:8080\/hostname is timed out \(/,
  );
  expect((await findFault(clusterWhere({ dns: false }).context))?.seen).toBe(
    'kubernetes.default.svc, which every cluster has, has no address: kubernetes.default.svc.cluster.local. timed out (by 10.43.0.10)',
  );
});

test('a Service that only a node does not reach is left to the claims', async () => {
  expect(await findFault(clusterWhere({ nodeToService: false }).context)).toBeUndefined();
});

test('where hostNetwork Pods are refused, the node is not tried', async () => {
  const fault = await findFault(clusterWhere({ podToService: false }, {}, false).context);
  expect(fault?.layers.map(({ name }) => name)).not.toContain('node to Service');
});

test('Pods on two nodes point to the network between these', async () => {
  const fault = await findFault(clusterWhere(dead).context);
  expect(fault?.lookAt.join('\n')).toContain('A firewall between these nodes');
  const one = { listNamespacedPod: () => ({ items: [pod('basic-client', 'a'), pod('basic-server', 'a')] }) };
  expect((await findFault(clusterWhere(dead, one).context))?.lookAt.join('\n')).not.toContain('firewall');
});

test('a Service whose EndpointSlice lists no Pod points to the controller', async () => {
  const fault = await findFault(clusterWhere({ podToService: false }, { listNamespacedEndpointSlice: () => ({ items: [] }) }).context);
  expect(fault?.lookAt[0]).toContain('kube-controller-manager');
});

const pending = { listNamespacedPod: () => ({ items: [pod('basic-client', 'a', false), pod('basic-server', 'b', false)] }) };
const events = (...items: object[]) => ({ ...pending, listNamespacedEvent: () => ({ items }) });

test('Pods that do not start are the fault, with their last warning', async () => {
  const warning = { type: 'Warning', reason: 'FailedCreatePodSandBox', message: 'no subnet.env', involvedObject: { name: 'basic-server' } };
  const fault = await findFault(clusterWhere({}, events(warning)).context);
  expect(fault).toMatchObject({ layer: 'Pod', stopped: true, seen: expect.stringContaining('FailedCreatePodSandBox: no subnet.env') });
});

test('while an image is pulled, the cluster is not judged', async () => {
  const pulling = { type: 'Normal', reason: 'Pulling', message: 'agnhost', involvedObject: { name: 'basic-server' } };
  await expect(findFault(clusterWhere({}, events(pulling)).context)).rejects.toThrow('an image is being pulled');
});
