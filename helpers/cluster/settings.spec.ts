import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from '../base/paths.ts';
import { UsageError } from '../base/usage-error.ts';
import { noDemands } from '../kube/pods.ts';
import { imagesOf, pinnedImages, readSettings } from './settings.ts';

const pinned = pinnedImages();
const machine = {
  why: 'no registry was reached',
  nodeImage: 'localhost/stand-in/node:v1',
  images: { [pinned.nginx]: 'localhost/nginx:v1' },
};

const read = (environment: NodeJS.ProcessEnv) => readSettings(environment, machine);

test('every pinned image has a tag', () => {
  expect(Object.keys(pinned).sort()).toEqual(['agnhost', 'curl', 'k3s', 'nginx']);
  for (const image of Object.values(pinned)) expect(image).toMatch(/^\S+:[^/\s]+$/);
});

test.each([
  ['v1.35.7-k3s1', 'rancher/k3s:v1.35.7-k3s1'],
  ['v1.35.7+k3s1', 'rancher/k3s:v1.35.7-k3s1'],
])('the version %s means the node image %s and wins over the record of the machine', (version, nodeImage) => {
  const settings = read({ CONFORMANCE_K3S_VERSION: version });
  expect(settings).toMatchObject({ nodeImage, why: 'CONFORMANCE_K3S_VERSION names its version' });
});

test.each(['rancher/k3s:v1.35.7-k3s1', 'registry.example:5000/k3s:v1', 'rancher/k3s@sha256:0123abcd'])(
  'the image %s is taken as it is and wins over the record of the machine',
  (image) => {
    expect(read({ CONFORMANCE_K3S_IMAGE: image })).toMatchObject({ nodeImage: image, why: 'CONFORMANCE_K3S_IMAGE names it' });
  },
);

test('without variables the settings are the record of the machine', () => {
  expect(read({ PATH: '/usr/bin' })).toEqual({
    nodeImage: machine.nodeImage,
    why: 'no registry was reached',
    images: machine.images,
    profile: 'default',
    nodes: 1,
    k3sArgs: [],
    demands: noDemands,
    keep: false,
    allowed: [],
    statedDefaults: [],
  });
});

test('without variables and record the node image is the pinned one', () => {
  expect(readSettings({}, null)).toEqual({
    nodeImage: pinned.k3s,
    why: 'it is the pinned one',
    images: {},
    profile: 'default',
    nodes: 1,
    k3sArgs: [],
    demands: noDemands,
    keep: false,
    allowed: [],
    statedDefaults: [],
  });
});

test('replaced workload images join those of the machine and win over them', () => {
  const { images } = read({ CONFORMANCE_IMAGES: `${pinned.curl}=mirror.example/curl:8,${pinned.nginx}=mirror.example/nginx:1` });
  expect(images).toEqual({ [pinned.curl]: 'mirror.example/curl:8', [pinned.nginx]: 'mirror.example/nginx:1' });
  expect(read({ CONFORMANCE_IMAGES: '' }).images).toEqual(machine.images);
});

test('a replaced k3s image wins over the record of the machine, and is no workload image', () => {
  const { nodeImage, images } = read({ CONFORMANCE_IMAGES: `${pinned.k3s}=mirror.example/k3s:v1` });
  expect(nodeImage).toBe('mirror.example/k3s:v1');
  expect(images).toEqual(machine.images);
});

test('arguments for k3s are separated by blanks', () => {
  const { k3sArgs } = read({ CONFORMANCE_K3S_ARGS: '  --kube-proxy-arg=proxy-mode=nftables   --disable-network-policy ' });
  expect(k3sArgs).toEqual(['--kube-proxy-arg=proxy-mode=nftables', '--disable-network-policy']);
  expect(read({ CONFORMANCE_K3S_ARGS: '' }).k3sArgs).toEqual([]);
});

test('the arguments are those of the profile, then those of CONFORMANCE_K3S_ARGS', () => {
  expect(read({ CONFORMANCE_PROFILE: 'nftables', CONFORMANCE_K3S_ARGS: '--kube-proxy-arg=v=4 --disable=servicelb' })).toMatchObject({
    profile: 'nftables',
    k3sArgs: ['--kube-proxy-arg=proxy-mode=nftables', '--kube-proxy-arg=v=4', '--disable=servicelb'],
  });
});

test('arguments with which no cluster can be used are refused together, before anything starts', () => {
  const reading = () => read({ CONFORMANCE_K3S_ARGS: '--flannel-backend none --disable-agent --selinux' });
  expect(reading).toThrow(UsageError);
  expect(reading).toThrow(/--flannel-backend cannot be used: .*\. --disable-agent cannot be used: /);
  expect(read({ CONFORMANCE_K3S_ARGS: '--selinux --disable-kube-proxy' }).k3sArgs).toEqual(['--selinux', '--disable-kube-proxy']);
});

test('an unknown profile is refused with a list of the profiles', () => {
  const reading = () => read({ CONFORMANCE_PROFILE: 'ipvs' });
  expect(reading).toThrow(UsageError);
  expect(reading).toThrow('CONFORMANCE_PROFILE=ipvs: is not a profile. There are default, nftables');
});

test('an argument that the profile sets too is refused by its name', () => {
  const reading = () => read({ CONFORMANCE_PROFILE: 'nftables', CONFORMANCE_K3S_ARGS: '--kube-proxy-arg=proxy-mode=iptables' });
  expect(reading).toThrow(UsageError);
  expect(reading).toThrow('CONFORMANCE_K3S_ARGS sets --kube-proxy-arg=proxy-mode, and so does the profile nftables');
});

test('the profile of two nodes has two, any other one', () => {
  expect(read({ CONFORMANCE_PROFILE: 'two-nodes' }).nodes).toBe(2);
  expect(read({ CONFORMANCE_PROFILE: 'nftables' }).nodes).toBe(1);
});

const previous = { CONFORMANCE_PROFILE: 'previous-minor' };

test("the previous minor is the nightly run's, with the registry of the pinned image", () => {
  const { nodeImage, why } = readSettings(previous, null);
  expect(nodeImage).toMatch(/^rancher\/k3s:v1\.35\.\d+-k3s\d+$/);
  expect(pinned.k3s).toContain(':v1.36.');
  expect(why).toBe("it is the nightly run's of Kubernetes 1.35");
});

test('on a machine with a record, the previous minor is what .ci/setup built, and the remedy is named where it built none', () => {
  const nodeImage = 'localhost/stand-in/node:v0';
  expect(readSettings(previous, { ...machine, otherNodeImages: { 1.35: nodeImage } })).toMatchObject({
    nodeImage,
    why: 'it is of Kubernetes 1.35, as settings.local.json records',
  });
  const reading = () => readSettings(previous, { ...machine, otherNodeImages: { 1.34: nodeImage } });
  expect(reading).toThrow(UsageError);
  expect(reading).toThrow('run .ci/setup --kubernetes 1.35');
});

test.each([{ CONFORMANCE_K3S_VERSION: 'v1.36.3-k3s1' }, { CONFORMANCE_K3S_IMAGE: 'a:v1' }, { CONFORMANCE_IMAGES: `${pinned.k3s}=a:v1` }])(
  'the profile of the previous minor is refused beside %j',
  (image) => {
    const reading = () => read({ ...previous, ...image });
    expect(reading).toThrow(UsageError);
    expect(reading).toThrow('The profile previous-minor chooses the node image');
  },
);

test('a profile is refused beside a context', () => {
  const reading = () => read({ CONFORMANCE_PROFILE: 'default', CONFORMANCE_CONTEXT: 'prod' });
  expect(reading).toThrow(UsageError);
  expect(reading).toThrow('CONFORMANCE_PROFILE would start one');
});

test.each([
  ['1', true],
  ['0', false],
])('CONFORMANCE_KEEP=%s means keep: %s', (value, keep) => {
  expect(read({ CONFORMANCE_KEEP: value }).keep).toBe(keep);
});

test.each(['1', '2.5', '20'])('a time-out multiplier of %s is accepted', (value) => {
  expect(read({ CONFORMANCE_TIMEOUT_MULTIPLIER: value }).nodeImage).toBe(machine.nodeImage);
});

test('a context names an existing cluster, in the kubeconfig of kubectl or in the one that is named', () => {
  expect(read({ CONFORMANCE_CONTEXT: 'prod' })).toMatchObject({ adopt: { context: 'prod' }, why: 'CONFORMANCE_CONTEXT names it' });
  expect(read({ CONFORMANCE_CONTEXT: 'prod', CONFORMANCE_KUBECONFIG: '/etc/prod.yaml' }).adopt).toEqual({
    context: 'prod',
    kubeconfig: '/etc/prod.yaml',
  });
});

test('what the user allows and states of an existing cluster are lists of known words', () => {
  const settings = read({
    CONFORMANCE_CONTEXT: 'prod',
    CONFORMANCE_ALLOW: 'unanswered-packets,load-balancer',
    CONFORMANCE_DEFAULTS: 'ranges',
  });
  expect(settings).toMatchObject({ allowed: ['unanswered-packets', 'load-balancer'], statedDefaults: ['ranges'] });
  const reading = () => read({ CONFORMANCE_CONTEXT: 'prod', CONFORMANCE_ALLOW: 'everything' });
  expect(reading).toThrow(UsageError);
  expect(reading).toThrow('CONFORMANCE_ALLOW=everything: is a list of unanswered-packets, load-balancer, separated by commas');
});

test.each(['CONFORMANCE_ALLOW', 'CONFORMANCE_DEFAULTS'])('%s is refused without an existing cluster', (name) => {
  const reading = () => read({ [name]: name === 'CONFORMANCE_ALLOW' ? 'load-balancer' : 'ranges' });
  expect(reading).toThrow(UsageError);
  expect(reading).toThrow('CONFORMANCE_CONTEXT names none');
});

test('an existing cluster has no profile and no arguments, and gets none of the images that the machine records', () => {
  const settings = read({ CONFORMANCE_CONTEXT: 'prod' });
  expect(settings).toMatchObject({ k3sArgs: [], images: {} });
  expect('profile' in settings).toBe(false);
});

test('the images of a run are those of its settings, the node first', () => {
  const settings = read({ CONFORMANCE_K3S_VERSION: 'v1.35.7-k3s1', CONFORMANCE_IMAGES: `${pinned.curl}=mirror.example/curl:8` });
  expect(imagesOf(settings)).toEqual(['rancher/k3s:v1.35.7-k3s1', 'localhost/nginx:v1', 'mirror.example/curl:8', pinned.agnhost]);
});

test('a registries.yaml is read from the folder of the command, and only for a cluster that the suite starts', () => {
  expect(() => read({ CONFORMANCE_REGISTRIES: 'nowhere.yaml' })).toThrow('CONFORMANCE_REGISTRIES=nowhere.yaml: cannot be read');
  expect(() => read({ CONFORMANCE_REGISTRIES: 'package.json' })).toThrow('CONFORMANCE_REGISTRIES=package.json: is not a registries.yaml');
  const folder = mkdtempSync(join(tmpdir(), 'settings-'));
  const path = join(folder, 'registries.yaml');
  writeFileSync(path, 'mirrors:\n  docker.io:\n    endpoint: ["https://mirror.example"]\n');
  expect(read({ CONFORMANCE_REGISTRIES: relative('.', path) }).registries).toBe(path);
  expect(() => read({ CONFORMANCE_REGISTRIES: path, CONFORMANCE_CONTEXT: 'prod' })).toThrow('CONFORMANCE_REGISTRIES would start one');
  rmSync(folder, { recursive: true });
});

test('CONFORMANCE_PODS names a file with what the cluster demands, on any cluster; without it nothing is demanded', () => {
  const file = join(root, 'manifests/pods.example.yaml');
  expect(read({ CONFORMANCE_PODS: file }).demands).toEqual(noDemands);
  expect(read({ CONFORMANCE_PODS: file, CONFORMANCE_CONTEXT: 'prod' }).demands).toEqual(noDemands);
  expect(read({}).demands).toEqual(noDemands);
  expect(() => read({ CONFORMANCE_PODS: '/no/such.yaml' })).toThrow('CONFORMANCE_PODS=/no/such.yaml cannot be read');
});
