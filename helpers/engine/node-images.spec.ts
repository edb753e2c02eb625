import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fetchedImages, keptImages, nodeImagesFolder } from './node-images.ts';

const folder = mkdtempSync(join(tmpdir(), 'node-images-'));
const before = process.env.XDG_CACHE_HOME;
beforeAll(() => {
  process.env.XDG_CACHE_HOME = folder;
  mkdirSync(nodeImagesFolder(), { recursive: true });
});
afterAll(() => {
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
  rmSync(folder, { recursive: true });
});

test('the fetched images of a node are those beyond the given ones, by full names and not by digests', () => {
  const listed = [
    'docker.io/curlimages/curl:8.16.0',
    'docker.io/library/nginx:1.29.4-alpine',
    'docker.io/rancher/mirrored-pause:3.6',
    'docker.io/rancher/mirrored-coredns-coredns:1.14.7',
    'docker.io/rancher/mirrored-pause@sha256:74c4',
    'localhost/stand-in/agnhost:v1',
    'sha256:6270bb605e12',
    '',
  ];
  const given = ['nginx:1.29.4-alpine', 'curlimages/curl:8.16.0', 'localhost/stand-in/agnhost:v1'];
  expect(fetchedImages(listed.join('\n'), given)).toEqual([
    'docker.io/rancher/mirrored-coredns-coredns:1.14.7',
    'docker.io/rancher/mirrored-pause:3.6',
  ]);
});

test.each([
  ['nothing', undefined, undefined],
  ['names without an archive', '["a:1"]', undefined],
  ['names that are cut short', '["a:1', 'tar'],
  ['something else', '{"a": 1}', 'tar'],
])('%s in the cache counts as no kept images', (what, names, tar) => {
  const place = join(nodeImagesFolder(), `k3s_${what.replaceAll(' ', '-')}`);
  if (names !== undefined) writeFileSync(`${place}.json`, names);
  if (tar !== undefined) writeFileSync(`${place}.tar`, tar);
  expect(keptImages(`k3s:${what.replaceAll(' ', '-')}`)).toBeUndefined();
});

test('kept images are found by the name of the node image, whatever characters it has', () => {
  const place = join(nodeImagesFolder(), 'registry.example_5000_rancher_k3s_v1.36.3-k3s1');
  writeFileSync(`${place}.json`, '["docker.io/rancher/mirrored-pause:3.6"]');
  writeFileSync(`${place}.tar`, 'tar');
  expect(keptImages('registry.example:5000/rancher/k3s:v1.36.3-k3s1')).toEqual({
    archive: `${place}.tar`,
    names: ['docker.io/rancher/mirrored-pause:3.6'],
  });
});
