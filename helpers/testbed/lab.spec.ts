import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { root } from '../base/paths.ts';
import { quote } from '../base/quote.ts';
import { adoptedDescription } from '../cluster/example.ts';
import type { Evidence } from '../evidence/format.ts';
import { recordingFor } from '../evidence/recorder.ts';
import { noDemands } from '../kube/pods.ts';
import { openLocalShell, type Shell } from '../kube/shell.ts';
import { fakeKube, fakeContext } from './fakes.ts';
import { commandFor, manifestFor, openLab, withoutWarnings } from './lab.ts';
import type { RunContext } from './run-context.ts';

const image: RunContext['image'] = (name) => `mirror.example/${name}:1`;
const files = { 'pod-for-service.yaml': 'chapter/pod-for-service.yaml', "teacher's.yml": 'chapter/service.yaml' };

let shell: Shell;
beforeAll(() => {
  shell = openLocalShell();
});
afterAll(() => {
  shell.close();
});

const removals: (() => Promise<void>)[] = [];
const removeLabs = () => Promise.all(removals.splice(0).map((remove) => remove()));
const environment = process.env.KUBECONFIG;
afterEach(async () => {
  await removeLabs();
  if (environment === undefined) delete process.env.KUBECONFIG;
  else process.env.KUBECONFIG = environment;
});

/** Returns the client's configuration with one context, `theirs`, that leads a user with the given credentials to a cluster. */
function configFor(user: object): KubeConfig {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'remote', server: 'https://api.example.test:6443', caFile: '/run/ca.crt' }],
    users: [{ name: 'student', ...user }],
    contexts: [{ name: 'theirs', cluster: 'remote', user: 'student' }],
    currentContext: 'theirs',
  });
  return config;
}

/** Opens a lab on this machine, as for an adopted cluster. */
async function openHere({ access = adoptedDescription.access, user = {}, namespace = 'clusterip-3ye99-lab', via = shell } = {}) {
  const cluster = { ...adoptedDescription, access };
  const kube = { ...fakeKube().kube, config: configFor(user) };
  const context = { ...fakeContext(kube), cluster, image, kubectlShell: () => Promise.resolve(via) };
  const lab = await openLab(context, namespace, files, (remove) => removals.push(remove));
  const folder = (await lab.type('pwd')).output.trim();
  return { lab, folder };
}

function contextIn(folder: string): unknown {
  return JSON.parse(readFileSync(join(folder, '.context'), 'utf8'));
}

const around = { image, cluster: { demands: noDemands } };
const demanding = {
  image,
  cluster: {
    demands: {
      ...noDemands,
      pod: { labels: { team: "it's", app: 'theirs' }, annotations: { contact: 'me' } },
      spec: { tolerations: [{ key: 'dedicated', operator: 'Exists' }] },
      resources: { requests: { cpu: '50m' } },
    },
  },
};
const read = (name: string) => readFileSync(join(root, 'manifests', name), 'utf8');

test.each([
  ['a Pod', 'kind: Pod\n    image: nginx\n    name: x\n', 'kind: Pod\n    image: mirror.example/nginx:1\n    name: x\n'],
  ['an image with its version', '    image: nginx:1.29\n', '    image: nginx:1.29\n'],
  ['an image of another name', '    image: nginx-exporter\n', '    image: nginx-exporter\n'],
])('images without a version are replaced in a manifest: %s', (_, text, replaced) => {
  expect(manifestFor(around, text)).toBe(replaced);
});

test.each([
  ['a command', 'kubectl run x --image=curlimages/curl -- sh', 'kubectl run x --image=mirror.example/curl:1 -- sh'],
  ['no image', 'kubectl get pods', 'kubectl get pods'],
])('images without a version are replaced in a command: %s', (_, text, replaced) => {
  expect(commandFor(around, text)).toBe(replaced);
});

test('what a cluster demands is added to the Pod of a manifest, whose own fields stay', () => {
  expect(parse(manifestFor(demanding, read('corrected/pod-for-service.yaml')))).toMatchObject({
    metadata: { name: 'nnappone', labels: { app: 'nnappone', team: "it's" }, annotations: { contact: 'me' } },
    spec: {
      tolerations: [{ key: 'dedicated', operator: 'Exists' }],
      containers: [{ name: 'web', image: 'mirror.example/nginx:1', resources: { requests: { cpu: '50m' } } }],
    },
  });
});

test.each(['chapter/service.yaml', 'chapter/pod-for-service.yaml'])('%s, which is no Pod, stays as it is printed', (name) => {
  expect(manifestFor(demanding, read(name))).toBe(manifestFor(around, read(name)));
});

test('what a cluster demands is given to `kubectl run` as one argument, and to no other command', () => {
  const command = commandFor(demanding, 'kubectl run debug --image=curlimages/curl -it --rm -- sh');
  const [, overrides] =
    /^kubectl run debug --override-type=strategic --overrides=('.*') --image=mirror.example\/curl:1 -it --rm -- sh$/.exec(command) ?? [];
  const given = execFileSync('sh', ['-c', `printf %s ${overrides}`], { encoding: 'utf8' });
  expect(JSON.parse(given)).toMatchObject({
    apiVersion: 'v1',
    metadata: { labels: { team: "it's" } },
    spec: { containers: [{ name: 'debug', resources: { requests: { cpu: '50m' } } }] },
  });
  expect(commandFor(demanding, 'kubectl get pods')).toBe('kubectl get pods');
});

const podSecurity = 'Warning: would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false\n';
const klog =
  'E1126 09:12:13.123456    4711 memcache.go:265] "Unhandled Error" err="the server is currently unable to handle the request"\n';
test.each([
  ['Pod security', `${podSecurity}pod/nnappone created\n`, 'pod/nnappone created\n', podSecurity],
  [
    'a deprecation, at a terminal',
    'Warning: v1 Endpoints is deprecated\r\nNAME\r\n',
    'NAME\r\n',
    'Warning: v1 Endpoints is deprecated\r\n',
  ],
  ["kubectl's own log", `${klog}web   10.43.0.1\n`, 'web   10.43.0.1\n', klog],
  ['two of them, the last without an end of line', `${podSecurity}Warning: two`, '', `${podSecurity}Warning: two`],
  ['none, though a line has the word', 'event: Warning: BackOff\n', 'event: Warning: BackOff\n', ''],
])('warnings are separated from what kubectl prints: %s', (_, printed, output, warnings) => {
  expect(withoutWarnings(printed)).toEqual({ output, warnings });
});

test('the files of a lab are those of the manifests, with the images of the run', async () => {
  const { folder } = await openHere();
  expect(readdirSync(folder).sort()).toEqual(['.context', 'pod-for-service.yaml', "teacher's.yml"]);
  const printed = readFileSync(join(root, 'manifests/chapter/pod-for-service.yaml'), 'utf8');
  const written = readFileSync(join(folder, 'pod-for-service.yaml'), 'utf8');
  expect(written).toContain('image: mirror.example/nginx:1');
  expect(written.replace('mirror.example/nginx:1', 'nginx')).toBe(printed);
  expect(readFileSync(join(folder, "teacher's.yml"), 'utf8')).toBe(readFileSync(join(root, 'manifests/chapter/service.yaml'), 'utf8'));
});

test("a student's own settings for kubectl, language and colours have no effect", async () => {
  const { lab } = await openHere();
  const { output } = await lab.type('env');
  expect(output.split('\n')).toEqual(expect.arrayContaining(['KUBERC=off', 'KUBECTL_KUBERC=false', 'LC_ALL=C', 'NO_COLOR=1']));
});

test("a student's own function named kubectl has no effect, though sh is bash and imports it", async () => {
  const run = (command: string) => {
    const inBash = command.replace(/^sh -c /, 'bash --posix -c ');
    return shell.run(`bash -c ${quote(`kubectl() { echo theirs; }; export -f kubectl; ${inBash}`)}`);
  };
  const { lab } = await openHere({ via: { ...shell, run } });
  expect((await lab.type('command -V kubectl')).output).not.toContain('function');
});

test('its folder is removed when the suite file ends, and not before', async () => {
  const { folder } = await openHere();
  expect(existsSync(folder)).toBe(true);
  await removeLabs();
  expect(existsSync(folder)).toBe(false);
});

test('two labs have a folder each', async () => {
  expect((await openHere()).folder).not.toBe((await openHere()).folder);
});

test('a command returns its exit code, stdout and stderr; everything that was printed is recorded, with the warnings', async () => {
  const { lab } = await openHere();
  const evidence: Evidence = {
    ...{ format: 2, claim: 'c', namespace: 'n', cluster: {}, startedAt: new Date().toISOString(), ms: 0 },
    ...{ checks: [], observations: [], objects: {}, rules: {} },
  };
  const command = `echo 'it is'; echo Warning: none >&2; echo so >&2; exit 3`;
  const result = await recordingFor(evidence, 'answers', () => lab.type(command));
  expect(result).toEqual({ exitCode: 3, output: 'it is\nso\n', warnings: 'Warning: none\n' });
  expect(evidence.observations).toMatchObject([
    { check: 'answers', what: command, seen: { exitCode: 3, output: 'it is\nWarning: none\nso\n' } },
  ]);
});

test('the images of a command are those of the run', async () => {
  const { lab } = await openHere();
  expect((await lab.type('echo --image=curlimages/curl')).output).toBe('--image=mirror.example/curl:1\n');
});

test('a syntax error is a result, and the next command runs', async () => {
  const { lab } = await openHere();
  const { exitCode, output } = await lab.type('curl <http://nnappone-service');
  expect(exitCode).not.toBe(0);
  expect(output).toMatch(/\S/);
  expect((await lab.type('curl <<>')).exitCode).not.toBe(0);
  expect(await lab.type('echo next')).toMatchObject({ exitCode: 0, output: 'next\n' });
});

test('there is no terminal on this machine', async () => {
  const { lab } = await openHere();
  await expect(lab.type('kubectl run -it x', 'exit\n')).rejects.toThrow('this claim needs a "node shell"');
});

test('a lab that cannot be written is an error that says where and why', async () => {
  const full = { ...shell, run: () => Promise.resolve({ exitCode: 1, output: 'no space left on device' }) };
  const context = { ...fakeContext(fakeKube().kube), image, kubectlShell: () => Promise.resolve(full) };
  const opening = openLab(context, 'clusterip-3ye99-lab', files, () => undefined);
  await expect(opening).rejects.toThrow(
    'the lab could not be created in /tmp/lab/clusterip-3ye99-lab of this machine: no space left on device',
  );
});

test('on an adopted cluster the current context is that of the run, in the namespace of the claim', async () => {
  const { lab, folder } = await openHere();
  expect(contextIn(folder)).toEqual({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    contexts: [{ name: 'lab', context: { cluster: 'remote', user: 'student', namespace: 'clusterip-3ye99-lab' } }],
  });
  expect((await lab.type('echo $KUBECONFIG')).output).toBe(`${folder}/.context:/home/student/config\n`);
});

test('kubeconfig files of the environment are given by absolute paths', async () => {
  process.env.KUBECONFIG = '/home/student/one::two';
  const { lab, folder } = await openHere({ access: { context: 'theirs' } });
  expect((await lab.type('echo $KUBECONFIG')).output).toBe(`${folder}/.context:/home/student/one:${join(process.cwd(), 'two')}\n`);
});

test.each([undefined, ''])('without any, kubectl takes that of the home folder (KUBECONFIG=%j)', async (value) => {
  if (value === undefined) delete process.env.KUBECONFIG;
  else process.env.KUBECONFIG = value;
  const { lab } = await openHere({ access: { context: 'theirs' } });
  expect((await lab.type('echo $KUBECONFIG')).output).toMatch(/\.context:\/.*\/\.kube\/config\n$/);
});

test("in a Pod the context leads to the cluster by the account's token file", async () => {
  const tokenFile = '/var/run/secrets/kubernetes.io/serviceaccount/token';
  const { folder } = await openHere({
    access: { context: 'theirs' },
    user: { authProvider: { name: 'tokenFile', config: { tokenFile } } },
  });
  expect(contextIn(folder)).toMatchObject({
    contexts: [{ context: { cluster: 'remote', user: 'student' } }],
    clusters: [{ name: 'remote', cluster: { server: 'https://api.example.test:6443', 'certificate-authority': '/run/ca.crt' } }],
    users: [{ name: 'student', user: { tokenFile } }],
  });
});

test('on a node of the suite the lab has a folder there and the kubeconfig of k3s, and nothing is registered for removal', async () => {
  const commands: string[] = [];
  const run = (command: string) => Promise.resolve({ exitCode: 0, output: (commands.push(command), '') });
  const onNode = { name: 'the node', run, lost: () => false, close: () => undefined };
  const context = { ...fakeContext(fakeKube().kube), image, kubectlShell: () => Promise.resolve(onNode) };
  const lab = await openLab(context, 'clusterip-3ye99-lab', files, (remove) => removals.push(remove));
  await lab.type('kubectl get pods');
  expect(removals).toEqual([]);
  expect(commands[0]).toContain(`mkdir -p '/tmp/lab/clusterip-3ye99-lab' && cd '/tmp/lab/clusterip-3ye99-lab' && `);
  expect(commands[0]).toContain('"context":{"cluster":"default","user":"default","namespace":"clusterip-3ye99-lab"}');
  expect(commands[1]).toContain('/tmp/lab/clusterip-3ye99-lab/.context:/etc/rancher/k3s/k3s.yaml');
  expect(commands[1]).toContain('kubectl get pods');
});

test('a folder may have blanks and quotes in its path', async () => {
  const { lab, folder } = await openHere({ namespace: "a lab's" });
  expect(folder).toContain("a lab's");
  expect((await lab.type('ls')).output).toContain('pod-for-service.yaml');
});
