import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { prelude } from '../../mutants/mutant.ts';
import { pinnedImages, readSettings } from '../cluster/settings.ts';
import type { Report } from '../report/format.ts';
import { type AdoptedCluster, startAdopted } from './adopted-cluster.ts';
import { type Ended, everythingIn, reportOf, start } from './suite.ts';

// An existing cluster that refuses Pods, changes them, warns about them, or accepts them and never runs them.

let cluster: AdoptedCluster;
const admin = (script: string) => cluster.onNode(`${prelude}\n${script}`);
const undo: string[] = [];

beforeAll(async () => {
  cluster = await startAdopted();
});
afterEach(async () => {
  for (const script of undo.splice(0).reverse()) await admin(script);
});
afterAll(async () => {
  await cluster.remove();
});

const inSuite = 'request.namespace.startsWith("clusterip-")';

/** Has the API server change objects of a resource as they are created, until the trial ends. */
async function mutate(resource: 'pods' | 'namespaces', only: string, patch: string): Promise<void> {
  undo.push('unpolicy');
  await admin(`policy ${resource} '${only}' '${patch}'`);
}

/** Has the API server refuse what does not meet an expression, until the trial ends. Returns once it does so. */
async function demand(expression: string, { resource = 'pods', operation = 'CREATE' } = {}): Promise<void> {
  undo.push('kubectl delete validatingadmissionpolicybinding,validatingadmissionpolicy demand');
  await admin(`kubectl apply -f - <<'YAML'
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: demand }
spec:
  failurePolicy: Fail
  matchConstraints: { resourceRules: [{ apiGroups: [""], apiVersions: [v1], operations: [${operation}], resources: [${resource}] }] }
  matchConditions: [{ name: only, expression: '${inSuite}' }]
  validations: [{ expression: '${expression}', message: "the cluster demands it" }]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: demand }
spec: { policyName: demand, validationActions: [Deny] }
YAML`);
}

/** Waits until the API server answers a dry run of a Pod in a way that shows a new policy. */
async function inForce(pod: object, words: string): Promise<void> {
  const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'trial', namespace: 'clusterip-conformance' }, ...pod };
  await cluster.onNode('cat >/tmp/trial.json', JSON.stringify(manifest));
  await admin(`within 60 "kubectl create --dry-run=server -o yaml -f /tmp/trial.json 2>&1 | grep '${words}'"`);
}

const bare = { spec: { containers: [{ name: 'trial', image: 'trial' }] } };

/** Runs some claims on the cluster; `pods` is the text of a file for CONFORMANCE_PODS. */
function run(claims: readonly string[], pods?: string, more: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const file = join(cluster.folder, 'pods.yaml');
  if (pods !== undefined) writeFileSync(file, pods);
  const settings = { ...cluster.settings, ...more, ...(pods === undefined ? {} : { CONFORMANCE_PODS: file }) };
  return start('test', ['-t', `^(${claims.join('|')}):`], settings).ended;
}

/** Returns the outcome of each claim that was asked for, and the reason where there is one. */
function outcomes(ended: Ended): Record<string, string> {
  const asked = reportOf(ended).claims.filter(({ outcome }: Report['claims'][number]) => outcome !== 'not asked for');
  return Object.fromEntries(asked.map(({ id, outcome, why }) => [id, outcome === 'confirmed' ? outcome : `${outcome}: ${why}`]));
}

/** Expects that a run ends before its first test with one paragraph that has some words, within 30 s and the time of start and end. */
function expectRefused({ status, output, ms }: Ended, words: string | RegExp): void {
  expect([status, output]).toEqual([2, expect.stringMatching(words)]);
  expect(output).toContain('The cluster does not run the ordinary Pods of the suite: ');
  expect(output).toContain('CONFORMANCE_PODS');
  expect(output).not.toMatch(/HTTP-Code|\n {4}at |✔/);
  expect(ms).toBeLessThan(40_000);
}

const requests = 'object.spec.containers.all(c, has(c.resources) && has(c.resources.requests) && "cpu" in c.resources.requests)';

test('where requests are demanded, the Pods of the suite have them, those of the lab are a gap, and with a file they have them too', async () => {
  await demand(requests);
  await inForce(bare, 'the cluster demands it');
  const ended = await run(['selector-links', 'from-node', 'pod-yaml']);
  expect(ended.status).toBe(0);
  expect(outcomes(ended)).toEqual({
    'selector-links': 'confirmed',
    'from-node': 'confirmed',
    'pod-yaml': expect.stringMatching(/^unobserved: the cluster does not run the Pods of the lab: .*the cluster demands it/),
  });
  const given = await run(['pod-yaml', 'angle-brackets'], 'resources: { requests: { cpu: 20m, memory: 32Mi } }');
  expect([given.status, outcomes(given)]).toEqual([0, { 'pod-yaml': 'confirmed', 'angle-brackets': 'confirmed' }]);
  expect(reportOf(given).reproduce).toContain('CONFORMANCE_PODS=');
});

test('a label that is demanded ends the run in one paragraph, and with a file every Pod has it', async () => {
  await demand('"team" in object.metadata.?labels.orValue({})');
  await inForce(bare, 'the cluster demands it');
  expectRefused(await run(['selector-links']), /the cluster demands it/);
  const ended = await run(['selector-links', 'never-changes', 'pod-yaml', 'angle-brackets'], 'labels: { team: platform }');
  expect([ended.status, Object.values(outcomes(ended))]).toEqual([0, Array(4).fill('confirmed')]);
});

test('a label that is demanded of namespaces ends the run in one paragraph, and with a file every namespace has it', async () => {
  await demand('"team" in object.metadata.labels', { resource: 'namespaces' });
  await admin(`within 60 'kubectl create namespace clusterip-trial --dry-run=server 2>&1 | grep demands'`);
  const refused = await run(['selector-links']);
  expect([refused.status, refused.output]).toEqual([
    2,
    expect.stringMatching(/The cluster refuses a namespace of the suite: .*demands it\. .*CONFORMANCE_PODS/),
  ]);
  const ended = await run(['selector-links'], 'namespace: { labels: { team: platform } }');
  expect([ended.status, outcomes(ended)]).toEqual([0, { 'selector-links': 'confirmed' }]);
});

test('a Pod that is refused later breaks its claim, in one line', async () => {
  await demand('request.namespace.endsWith("-clients")');
  await inForce(bare, 'the cluster demands it');
  const ended = await run(['selector-links']);
  expect([ended.status, outcomes(ended)]).toEqual([
    3,
    {
      'selector-links': expect.stringMatching(
        /^broken: label-added: its setup failed: the API server answered 422: .*the cluster demands it$/,
      ),
    },
  ]);
  expect(everythingIn(ended.artifacts) + ended.output).not.toContain('HTTP-Code');
});

/** Puts an object into the next new namespace of the suite, before it has its ServiceAccount. */
const intoNewNamespace = (yaml: string) =>
  admin(`
    pkill -STOP -f '^kube-controller-manager '
    known=$(kubectl get ns -o name)
    setsid sh -c '
      until new=$(kubectl get ns -o name | grep "clusterip-[a-z0-9]*-clients" | grep -vF "'"$known"'"); do sleep 0.1; done
      echo "$0" | kubectl -n "\${new#namespace/}" apply -f -
      pkill -CONT -f "^kube-controller-manager "
    ' '${yaml}' >/dev/null 2>&1 </dev/null &`);

test.each([
  ['quota', 'kind: ResourceQuota, spec: { hard: { pods: "1" } }', /exceeded quota/],
  [
    'LimitRange',
    'kind: LimitRange, spec: { limits: [{ type: Container, min: { cpu: 100m } }] }',
    /minimum cpu usage per Container is 100m/,
  ],
])('a %s of the namespace that ordinary Pods do not meet ends the run', async (_, fields, words) => {
  undo.push(`pkill -CONT -f '^kube-controller-manager '`);
  await intoNewNamespace(`{ apiVersion: v1, metadata: { name: trial }, ${fields} }`);
  expectRefused(await run(['selector-links']), words);
});

test('a quota that demands requests is met as soon as it is in force', async () => {
  undo.push(`pkill -CONT -f '^kube-controller-manager '`);
  const hard = '{ requests.cpu: "2", requests.memory: 2Gi, limits.cpu: "20", limits.memory: 8Gi }';
  await intoNewNamespace(`{ apiVersion: v1, kind: ResourceQuota, metadata: { name: trial }, spec: { hard: ${hard} } }`);
  const ended = await run(['selector-links', 'pod-yaml']);
  expect([ended.status, outcomes(ended)]).toEqual([
    0,
    { 'selector-links': 'confirmed', 'pod-yaml': expect.stringMatching(/^unobserved: .*failed quota: trial: must specify limits.cpu/) },
  ]);
});

const sidecar = (fields: string) =>
  `[JSONPatch{op: "add", path: "/spec/containers/0", value: Object.spec.containers{name: "proxy", image: "${
    readSettings().images[pinnedImages().agnhost] ?? pinnedImages().agnhost
  }", args: ["pause"]${fields}}}]`;

test('a sidecar that is added to every Pod breaks nothing', async () => {
  await mutate('pods', inSuite, sidecar(''));
  await inForce(bare, 'name: proxy');
  const ended = await run(['selector-links', 'from-node', 'pod-yaml', 'angle-brackets', 'none-means-mismatch']);
  expect([ended.status, Object.values(outcomes(ended))]).toEqual([0, Array(5).fill('confirmed')]);
  expect(everythingIn(ended.artifacts)).toContain('"name": "proxy"');
});

test('an HTTP proxy that is set in every Pod is not asked', async () => {
  const variable = '{"name": "http_proxy", "value": "http://192.0.2.1:3128"}';
  await mutate('pods', inSuite, `[JSONPatch{op: "add", path: "/spec/containers/0/env", value: [${variable}]}]`);
  await inForce(bare, 'name: http_proxy');
  const ended = await run(['selector-links', 'random-selection', 'short-name']);
  expect([ended.status, Object.values(outcomes(ended))]).toEqual([0, Array(3).fill('confirmed')]);
  expect(everythingIn(ended.artifacts)).toContain('"name": "http_proxy"');
});

test('where Services of type NodePort are refused, claims that create them are a gap, and others are shown', async () => {
  await demand('object.spec.?type.orValue("ClusterIP") != "NodePort"', { resource: 'services' });
  const service = '{"apiVersion":"v1","kind":"Service","metadata":{"name":"trial"},"spec":{"type":"NodePort","ports":[{"port":80}]}}';
  await admin(`kubectl create namespace clusterip-trial --dry-run=client -o yaml | kubectl apply -f -
printf %s '${service}' >/tmp/service.json
within 60 "kubectl -n clusterip-trial create --dry-run=server -f /tmp/service.json 2>&1 | grep 'the cluster demands it'"
kubectl delete namespace clusterip-trial --wait=false`);
  const ended = await run(['selector-links', 'node-port']);
  const { 'selector-links': plain, 'node-port': refused } = outcomes(ended);
  expect(plain).toBe('confirmed');
  expect(refused).toMatch(/^unobserved: .*the cluster demands it/);
});

test('a sidecar that never becomes ready is named', async () => {
  const probe =
    ', readinessProbe: Object.spec.containers.readinessProbe{exec: Object.spec.containers.readinessProbe.exec{command: ["false"]}}';
  await mutate('pods', inSuite, sidecar(probe));
  await inForce(bare, 'name: proxy');
  expectRefused(await run(['selector-links']), /container proxy, which the cluster has added: not ready/);
});

test('warnings of Pod security are recorded and are no output of kubectl', async () => {
  const warn = '[JSONPatch{op: "add", path: "/metadata/labels/pod-security.kubernetes.io~1warn", value: "restricted"}]';
  await mutate('namespaces', 'true', warn);
  await admin(`within 60 'kubectl create namespace trial --dry-run=server -o yaml | grep warn'`);
  const ended = await run(['pod-yaml', 'angle-brackets', 'verify-with-endpoints']);
  expect([ended.status, Object.values(outcomes(ended))]).toEqual([0, Array(3).fill('confirmed')]);
  expect(everythingIn(ended.artifacts)).toMatch(/Warning: would violate PodSecurity/);
});

test('a hostNetwork Pod that is accepted and stays Pending is a gap', async () => {
  const nowhere = '[JSONPatch{op: "add", path: "/spec/nodeSelector", value: {"pool": "none"}}]';
  await mutate('pods', `${inSuite} && object.spec.?hostNetwork.orValue(false)`, nowhere);
  await inForce({ spec: { ...bare.spec, hostNetwork: true } }, 'pool: none');
  const ended = await run(['selector-links', 'from-node']);
  expect([ended.status, outcomes(ended)]).toEqual([
    0,
    {
      'selector-links': 'confirmed',
      'from-node': expect.stringMatching(/^unobserved: .*node's network: .*didn't match Pod's node affinity/),
    },
  ]);
});

test('a taint of the only node ends the run, and a toleration of the file is for every Pod', async () => {
  undo.push('kubectl taint node --all dedicated-');
  await admin('kubectl taint node --all dedicated=trial:NoSchedule');
  expectRefused(await run(['selector-links']), /untolerated taint/);
  const ended = await run(
    ['selector-links', 'from-node', 'pod-yaml', 'angle-brackets'],
    'tolerations: [{ key: dedicated, operator: Equal, value: trial, effect: NoSchedule }]',
  );
  expect([ended.status, Object.values(outcomes(ended))]).toEqual([0, Array(4).fill('confirmed')]);
});

const otherImage = (pinned: string, image: string) => ({
  CONFORMANCE_IMAGES: Object.entries({ ...readSettings().images, [pinned]: image })
    .map((pair) => pair.join('='))
    .join(','),
});

test('an image that is refused twice ends the run where ordinary Pods need it, and is a gap where the lab does', async () => {
  const { agnhost, nginx } = pinnedImages();
  expectRefused(
    await run(['selector-links'], undefined, otherImage(agnhost, 'registry.invalid/agnhost:1')),
    /registry\.invalid\/agnhost:1/,
  );
  const ended = await run(['selector-links', 'pod-yaml'], undefined, otherImage(nginx, 'registry.invalid/nginx:1'));
  expect([ended.status, outcomes(ended)]).toEqual([
    0,
    { 'selector-links': 'confirmed', 'pod-yaml': expect.stringMatching(/^unobserved: .*container nginx: .*registry\.invalid\/nginx:1/) },
  ]);
});

test('where the cluster assigns user IDs and refuses a fixed one, Pods have none', async () => {
  const assigned = '[JSONPatch{op: "add", path: "/spec/securityContext/runAsUser", value: 1000620000}]';
  await demand('!has(object.spec.securityContext.runAsUser) || object.spec.securityContext.runAsUser == 1000620000');
  await inForce({ spec: { ...bare.spec, securityContext: { runAsUser: 65534 } } }, 'the cluster demands it');
  await mutate(
    'pods',
    `${inSuite} && !has(object.spec.securityContext.runAsUser) && object.spec.containers[0].name == "agnhost"`,
    assigned,
  );
  const ended = await run(['selector-links', 'from-node', 'none-means-mismatch']);
  expect([ended.status, Object.values(outcomes(ended))]).toEqual([0, Array(3).fill('confirmed')]);
  expect(everythingIn(ended.artifacts)).toContain('"runAsUser": 1000620000');
});

test('where files must be read-only, only the Pods of the lab are a gap', async () => {
  await demand('object.spec.containers.all(c, c.?securityContext.?readOnlyRootFilesystem.orValue(false))');
  await inForce(bare, 'the cluster demands it');
  const ended = await run(['selector-links', 'from-node', 'none-means-mismatch', 'pod-yaml']);
  expect([ended.status, Object.values(outcomes(ended)).filter((it) => it === 'confirmed').length]).toEqual([0, 3]);
  expect(outcomes(ended)['pod-yaml']).toMatch(/^unobserved: .*the cluster demands it/);
});

test('a cluster that admits no exec ends the run', async () => {
  await demand('false', { resource: 'pods/exec', operation: 'CONNECT' });
  await admin(`within 60 'kubectl get --raw "/api/v1/namespaces/clusterip-conformance/pods/none/exec?command=true" 2>&1 | grep demands'`);
  expectRefused(await run(['selector-links']), /no shell in /);
});
