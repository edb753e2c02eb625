import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { timeouts } from '../base/timeouts.ts';
import { waitFor } from '../base/wait-for.ts';
import { type Kube, openKube } from '../kube/api.ts';
import { createNamespace, createPods, labelPod, patchPodStatus, startPods } from '../kube/objects.ts';
import { noDemands, ownContainer, workloadsWith } from '../kube/pods.ts';
import { openShell } from '../kube/shell.ts';
import { writeSlice } from '../kube/slices.ts';
import { readSettings } from '../cluster/settings.ts';
import { type AdoptedCluster, startAdopted } from './adopted-cluster.ts';
import { allProcessesEnded, reportOf, start } from './suite.ts';

// What the account of manifests/rbac.yaml can do to an existing cluster beside its runs, and what runs of several machines do to each other there.

const mine = 'clusterip-trial-mine';
// Each has only one of prefix and label, or is the namespace of the account itself.
const foreign = ['kube-system', 'default', 'clusterip-conformance', 'clusterip-unlabelled', 'labelled'];
const image = Object.entries(readSettings().images).find(([name]) => name.includes('agnhost'))?.[1] ?? '';
const { clientPod } = workloadsWith(image, noDemands);
const label = 'app.kubernetes.io/managed-by=clusterip-conformance';
let cluster: AdoptedCluster;
let account: Kube;

/** Types a kubectl command as the account, and returns its exit status with what it printed. */
function kubectl(...args: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('kubectl', ['--context=least', ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...cluster.settings, KUBECONFIG: cluster.settings.CONFORMANCE_KUBECONFIG },
    timeout: timeouts.command,
  });
  return { status, output: stdout + stderr };
}

const refusedByPolicy = { status: 1, output: expect.stringContaining("ValidatingAdmissionPolicy 'clusterip-conformance'") };
const refusedByRights = { status: 1, output: expect.stringContaining('cannot') };
// A web socket gives the status code alone.
const rejection = /ValidatingAdmissionPolicy 'clusterip-conformance'|Unexpected server response: 403/;

beforeAll(async () => {
  cluster = await startAdopted();
  account = openKube({ kubeconfig: cluster.settings.CONFORMANCE_KUBECONFIG ?? '', context: 'least' });
  await cluster.onNode('kubectl create namespace clusterip-unlabelled; kubectl create namespace labelled');
  await cluster.onNode(`kubectl label namespace labelled ${label}`);
  // The API server applies a policy some moments after it was created.
  await waitFor('the policy to be applied', timeouts.settled, () => {
    const { status, output } = kubectl('-n', 'default', 'create', 'service', 'clusterip', 'trial', '--tcp=80', '--dry-run=server');
    return Promise.resolve(status === 1 && output.includes('ValidatingAdmissionPolicy') ? { done: undefined } : { seen: output });
  });
  await createNamespace(account, mine, { run: 'trial', owner: 'kept/trial/1', demands: noDemands });
  await createPods(account, mine, clientPod('client'));
  const admin = JSON.stringify(clientPod('client'));
  for (const namespace of foreign)
    await cluster.onNode(`kubectl -n ${namespace} apply -f - && kubectl -n ${namespace} wait --for=condition=Ready pod/client`, admin);
});

afterAll(async () => {
  await cluster.remove();
});

test('the account does in its own namespaces what it is refused elsewhere', async () => {
  expect(kubectl('-n', mine, 'exec', 'client', '--', 'echo', 'ran')).toEqual({ status: 0, output: 'ran\n' });
  const shell = await openShell(account, mine, 'client', ownContainer);
  expect(await shell.run('echo ran')).toMatchObject({ output: 'ran\n' });
  shell.close();
  await labelPod(account, mine, 'client', { trial: 'one' });
  expect(kubectl('-n', mine, 'create', 'deployment', 'trial', `--image=${image}`)).toMatchObject({ status: 0 });
  const scale = { metadata: { name: 'trial', namespace: mine }, spec: { replicas: 0 } };
  await account.apps.replaceNamespacedDeploymentScale({ namespace: mine, name: 'trial', body: scale });
  expect(kubectl('-n', mine, 'create', 'service', 'clusterip', 'trial', '--tcp=80')).toMatchObject({ status: 0 });
  expect(kubectl('-n', mine, 'delete', 'service', 'trial')).toMatchObject({ status: 0 });
});

test.each(foreign)('in %s, the account is refused an exec and an attach, by kubectl and by a web socket', async (namespace) => {
  expect(kubectl('-n', namespace, 'exec', 'client', '--', 'echo', 'ran')).toEqual(refusedByPolicy);
  // The account has no right to attach at all.
  expect(kubectl('-n', namespace, 'attach', 'client')).toEqual(refusedByRights);
  await expect(openShell(account, namespace, 'client', ownContainer)).rejects.toThrow(rejection);
});

test.each(foreign)('in %s, the account is refused to create, change and delete objects', async (namespace) => {
  await expect(startPods(account, namespace, clientPod('another'))).rejects.toThrow(rejection);
  await expect(labelPod(account, namespace, 'client', { trial: 'one' })).rejects.toThrow(rejection);
  await expect(account.core.deleteCollectionNamespacedPod({ namespace, gracePeriodSeconds: 0 })).rejects.toThrow(rejection);
  const commands = [
    ['delete', 'pod', 'client'],
    ['create', 'deployment', 'trial', `--image=${image}`],
    ['create', 'service', 'clusterip', 'trial', '--tcp=80'],
  ];
  for (const command of commands) expect(kubectl('-n', namespace, ...command)).toEqual(refusedByPolicy);
  const lease = { metadata: { name: 'trial' }, spec: { holderIdentity: 'trial' } };
  await expect(account.coordination.createNamespacedLease({ namespace, body: lease })).rejects.toThrow(rejection);
  await expect(writeSlice(account, namespace, { service: 'trial', endpoints: [{ addresses: ['192.0.2.1'] }] })).rejects.toThrow(rejection);
  await expect(account.core.createNamespacedEndpoints({ namespace, body: { metadata: { name: 'trial' } } })).rejects.toThrow(rejection);
  await expect(patchPodStatus(account, namespace, 'client', { phase: 'Failed' })).rejects.toThrow(rejection);
  const pod = await cluster.onNode(`kubectl -n ${namespace} get pod client --show-labels`);
  expect(pod).toMatch(/client +1\/1 +Running/);
  expect(pod).not.toContain('trial=');
});

test.each(foreign)('the account is refused to delete the namespace %s, and to label it as its own', (namespace) => {
  expect(kubectl('delete', 'namespace', namespace)).toMatchObject(
    namespace === 'kube-system' || namespace === 'default' ? { status: 1 } : refusedByPolicy,
  );
  expect(kubectl('label', 'namespace', namespace, label)).toEqual(refusedByRights);
});

test.each([
  ['without the prefix', 'trial', { 'app.kubernetes.io/managed-by': 'clusterip-conformance' }],
  ['without the label', 'clusterip-trial', {}],
  ['with another owner', 'clusterip-trial', { 'app.kubernetes.io/managed-by': 'helm' }],
  [
    'with a Pod security level',
    'clusterip-trial',
    { 'app.kubernetes.io/managed-by': 'clusterip-conformance', 'pod-security.kubernetes.io/enforce': 'privileged' },
  ],
])('the account is refused to create a namespace %s', async (_, name, labels) => {
  await expect(account.core.createNamespace({ body: { metadata: { name, labels } } })).rejects.toThrow(rejection);
});

test.each([
  ['hostPID', { hostPID: true }],
  ['hostIPC', { hostIPC: true }],
  [
    'a folder of the node',
    {
      volumes: [
        { name: 'tmp', emptyDir: {} },
        { name: 'node', hostPath: { path: '/' } },
      ],
    },
  ],
  ['a privileged container', { containers: [{ name: 'client', image, securityContext: { privileged: true } }] }],
  ['a capability', { containers: [{ name: 'client', image, securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }] }],
  ['Windows host processes', { hostNetwork: true, securityContext: { windowsOptions: { hostProcess: true } } }],
  [
    'a Windows host process',
    {
      hostNetwork: true,
      securityContext: {},
      containers: [{ name: 'client', image, securityContext: { windowsOptions: { hostProcess: true } } }],
    },
  ],
  ['a privileged init container', { initContainers: [{ name: 'init', image, securityContext: { privileged: true } }] }],
])('a Pod or Deployment with %s is refused, also in its own namespace', async (_, change) => {
  const pod = clientPod('dangerous');
  const dangerous = { ...pod, spec: { ...pod.spec, containers: pod.spec?.containers ?? [], ...change } };
  await expect(startPods(account, mine, dangerous)).rejects.toThrow(rejection);
  const labels = { app: 'dangerous' };
  const deployment = {
    metadata: { name: 'dangerous' },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: dangerous.spec } },
  };
  await expect(account.apps.createNamespacedDeployment({ namespace: mine, body: deployment as never })).rejects.toThrow(rejection);
});

test('a Service with externalIPs is refused', async () => {
  const body = { metadata: { name: 'trial' }, spec: { externalIPs: ['192.0.2.1'], ports: [{ port: 80 }] } };
  await expect(account.core.createNamespacedService({ namespace: mine, body })).rejects.toThrow(rejection);
});

test('other accounts are not confined', async () => {
  expect(await cluster.onNode('kubectl -n default create service clusterip trial --tcp=80')).toContain('created');
});

test('every claim is green under the policy, and the run renews its Lease', async () => {
  const run = start('test', [], cluster.settings);
  await run.prints(/running the claims/);
  const read = () =>
    cluster.onNode('kubectl get leases -A --field-selector metadata.name=clusterip-conformance -o jsonpath="{.items[*].spec.renewTime}"');
  const first = await read();
  expect(first).toMatch(/^\S+Z$/);
  await waitFor('the Lease to be renewed', timeouts.settled, async () => {
    const now = await read();
    return now === first ? { seen: now } : { done: undefined };
  });
  const ended = await run.ended;
  const { claims } = reportOf(ended);
  expect([ended.status, claims.filter(({ outcome }) => outcome === 'drifted' || outcome === 'broken')]).toEqual([0, []]);
  expect(claims.filter(({ outcome }) => outcome === 'confirmed').length).toBeGreaterThan(25);
  expect(await cluster.onNode('kubectl get namespaces -o name')).not.toMatch(/namespace\/clusterip-\w+-clients/);
});

test('a run whose Lease is renewed survives one that takes its process for ended; a run whose Lease has expired is swept by the next', async () => {
  const killed = start('test', ['chapter/address'], cluster.settings);
  await killed.prints(/✔ /);
  killed.signal('SIGKILL');
  await allProcessesEnded((await killed.ended).artifacts);
  const find = 'kubectl get leases -A --field-selector metadata.name=clusterip-conformance -o jsonpath="{.items[*].metadata.namespace}"';
  const clients = (await cluster.onNode(find)).trim();
  expect(clients).toMatch(/^clusterip-\w+-clients$/);
  const set = (spec: object) =>
    cluster.onNode(`kubectl -n ${clients} patch lease clusterip-conformance --type=merge -p '${JSON.stringify({ spec })}'`);
  const lives = async () => (await cluster.onNode('kubectl get namespaces')).includes(`${clients} `);
  const next = async () => {
    const { status } = await start('test', ['-t', '^selector-links:'], cluster.settings).ended;
    expect(status).toBe(0);
  };

  // Its process has ended as far as this machine can see. That is also so where another machine has this one's host name and process ids.
  await set({ renewTime: new Date(Date.now() + 10 * 60_000).toISOString().replace('Z', '000Z') });
  await next();
  expect(await lives()).toBe(true);

  await set({ renewTime: new Date(Date.now() - 10 * 60_000).toISOString().replace('Z', '000Z') });
  await next();
  await waitFor(`${clients} to be gone`, timeouts.podsReady, async () => ((await lives()) ? { seen: clients } : { done: undefined }));
});
