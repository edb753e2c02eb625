import { expect, test } from '@jest/globals';
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
])('the version %s means the node image %s, before what the machine records', (version, nodeImage) => {
  const settings = read({ CONFORMANCE_K3S_VERSION: version });
  expect(settings).toMatchObject({ nodeImage, why: 'CONFORMANCE_K3S_VERSION names its version' });
});

test.each(['rancher/k3s:v1.35.7-k3s1', 'registry.example:5000/k3s:v1', 'rancher/k3s@sha256:0123abcd'])(
  'the image %s is taken as it is, before what the machine records',
  (image) => {
    expect(read({ CONFORMANCE_K3S_IMAGE: image })).toMatchObject({ nodeImage: image, why: 'CONFORMANCE_K3S_IMAGE names it' });
  },
);

test('without variables it is what the machine records', () => {
  expect(read({ PATH: '/usr/bin' })).toEqual({
    nodeImage: machine.nodeImage,
    why: 'no registry was reached, as settings.local.json records',
    images: machine.images,
    k3sArgs: [],
    keep: false,
  });
});

test('without variables and record it is the pinned image', () => {
  expect(readSettings({}, null)).toEqual({ nodeImage: pinned.k3s, why: 'it is the pinned one', images: {}, k3sArgs: [], keep: false });
});

test('replaced workload images join those of the machine, and win over them', () => {
  const { images } = read({ CONFORMANCE_IMAGES: `${pinned.curl}=mirror.example/curl:8,${pinned.nginx}=mirror.example/nginx:1` });
  expect(images).toEqual({ [pinned.curl]: 'mirror.example/curl:8', [pinned.nginx]: 'mirror.example/nginx:1' });
  expect(read({ CONFORMANCE_IMAGES: '' }).images).toEqual(machine.images);
});

test('a replaced k3s image wins over the machine, and is none of the workload images', () => {
  const { nodeImage, images } = read({ CONFORMANCE_IMAGES: `${pinned.k3s}=mirror.example/k3s:v1` });
  expect(nodeImage).toBe('mirror.example/k3s:v1');
  expect(images).toEqual(machine.images);
});

test('arguments for k3s are separated by blanks', () => {
  const { k3sArgs } = read({ CONFORMANCE_K3S_ARGS: '  --kube-proxy-arg=proxy-mode=nftables   --disable-network-policy ' });
  expect(k3sArgs).toEqual(['--kube-proxy-arg=proxy-mode=nftables', '--disable-network-policy']);
  expect(read({ CONFORMANCE_K3S_ARGS: '' }).k3sArgs).toEqual([]);
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

test('a context names a cluster that is there already, with the kubeconfig that kubectl takes or the one that is named', () => {
  expect(read({ CONFORMANCE_CONTEXT: 'prod' })).toMatchObject({ adopt: { context: 'prod' }, why: 'CONFORMANCE_CONTEXT names it' });
  expect(read({ CONFORMANCE_CONTEXT: 'prod', CONFORMANCE_KUBECONFIG: '/etc/prod.yaml' }).adopt).toEqual({
    context: 'prod',
    kubeconfig: '/etc/prod.yaml',
  });
});

test("this machine's own images are not for a cluster that was there already", () => {
  expect(read({ CONFORMANCE_CONTEXT: 'prod' }).images).toEqual({});
});

test('the images of a run are those it was told, the node first', () => {
  const settings = read({ CONFORMANCE_K3S_VERSION: 'v1.35.7-k3s1', CONFORMANCE_IMAGES: `${pinned.curl}=mirror.example/curl:8` });
  expect(imagesOf(settings)).toEqual(['rancher/k3s:v1.35.7-k3s1', 'localhost/nginx:v1', 'mirror.example/curl:8', pinned.agnhost]);
});
