import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { startFakeEngine } from './fake-engine.ts';
import { copyOut, fetchedImages, keepImages, keptImages, nodeImagesFolder } from './node-images.ts';

const folder = mkdtempSync(join(tmpdir(), 'node-images-'));
const before = process.env.XDG_CACHE_HOME;
beforeAll(() => {
  process.env.XDG_CACHE_HOME = folder;
  mkdirSync(nodeImagesFolder(), { recursive: true });
});
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});
afterAll(() => {
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
  rmSync(folder, { recursive: true });
});

/** Writes a tar archive with files of these names. */
function archive(target: string, names: readonly string[]): void {
  const content = mkdtempSync(join(folder, 'content-'));
  for (const name of names) writeFileSync(join(content, name), `${name} `.repeat(200));
  execFileSync('tar', ['-cf', target, '-C', content, ...names]);
}
const whole = ['blob', 'index.json', 'manifest.json', 'oci-layout'];

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

async function keptOf(nodeImage: string) {
  const lines: string[] = [];
  return { kept: await keptImages(nodeImage, (line) => lines.push(line)), lines };
}

test('nothing in the cache counts as no kept images, without a line', async () => {
  expect(await keptOf('k3s:nothing')).toEqual({ kept: undefined, lines: [] });
});

const anyDigest = JSON.stringify({ names: ['a:1'], sha256: '0' });
test.each<[string, string | undefined, ((file: string) => void) | undefined, string]>([
  ['names without an archive', '["a:1"]', undefined, 'No such file'],
  [
    'an archive without names',
    undefined,
    (file) => {
      archive(file, whole);
    },
    'no such file',
  ],
  [
    'names that are cut short',
    '["a:1',
    (file) => {
      archive(file, whole);
    },
    'JSON',
  ],
  [
    'something else',
    '{"a": 1}',
    (file) => {
      archive(file, whole);
    },
    'is no list of names',
  ],
  [
    'an empty archive',
    '["a:1"]',
    (file) => {
      writeFileSync(file, '');
    },
    'cannot be used',
  ],
  [
    'a file that is not an archive',
    '["a:1"]',
    (file) => {
      writeFileSync(file, 'tar'.repeat(1_000));
    },
    'cannot be used',
  ],
  [
    'blobs without an index',
    '["a:1"]',
    (file) => {
      archive(file, ['blob']);
    },
    'it has no index',
  ],
  [
    'half a layout',
    '["a:1"]',
    (file) => {
      archive(file, ['index.json']);
    },
    'it has no index',
  ],
  [
    'an archive that is cut in a file',
    '["a:1"]',
    (file) => {
      archive(file, whole);
      truncateSync(file, 3_000);
    },
    'EOF',
  ],
  // Four files of a header and four blocks of content each, or three.
  [
    'an archive that is cut between its files',
    '["a:1"]',
    (file) => {
      archive(file, ['manifest.json', 'blob']);
      truncateSync(file, 512 * 7);
    },
    'its end is missing',
  ],
  [
    'another archive than the one that was kept',
    anyDigest,
    (file) => {
      archive(file, whole);
    },
    'its content has changed',
  ],
])('%s: it is reported in one line, and removed', async (what, names, write, flaw) => {
  const place = join(nodeImagesFolder(), `k3s_${what.replaceAll(' ', '-')}`);
  if (names !== undefined) writeFileSync(`${place}.json`, names);
  write?.(`${place}.tar`);
  const { kept, lines } = await keptOf(`k3s:${what.replaceAll(' ', '-')}`);
  expect([kept, lines]).toEqual([undefined, [expect.stringContaining(`removed ${place}.tar`)]]);
  expect(lines[0]).toContain(flaw);
  expect(lines[0]).not.toContain('\n');
  expect([existsSync(`${place}.tar`), existsSync(`${place}.json`)]).toEqual([false, false]);
});

test('images that an earlier version kept, without a digest, are found by the name of the node image, whatever characters it has', async () => {
  const place = join(nodeImagesFolder(), 'registry.example_5000_rancher_k3s_v1.36.3-k3s1');
  writeFileSync(`${place}.json`, '["docker.io/rancher/mirrored-pause:3.6"]');
  archive(`${place}.tar`, whole);
  expect(await keptOf('registry.example:5000/rancher/k3s:v1.36.3-k3s1')).toEqual({
    kept: { archive: `${place}.tar`, names: ['docker.io/rancher/mirrored-pause:3.6'] },
    lines: [],
  });
});

/** An engine whose node exports `exported`, of which `sent` arrives. The commands of the node run on this machine, with a ctr that is a script. */
async function engineWith({ exported, sent = exported, cutAfter = Infinity }: { exported: string; sent?: string; cutAfter?: number }) {
  const bin = mkdtempSync(join(folder, 'bin-'));
  const ctr = `#!/bin/sh\ncase "$*" in\n*list*) echo pause:1;;\n*--help*) echo '--local';;\n*--local*) cp ${exported} /tmp/kept-images.tar;;\n*) exit 9;;\nesac\n`;
  writeFileSync(join(bin, 'ctr'), ctr, { mode: 0o755 });
  const { docker, close } = await startFakeEngine({
    cutAfter,
    path: bin,
    answer: ({ url }) =>
      url.pathname.endsWith('/archive')
        ? { body: execFileSync('tar', ['-c', '-C', join(sent, '..'), sent.slice(sent.lastIndexOf('/') + 1)]) }
        : undefined,
  });
  closing.push(close);
  return docker;
}
const file = (name: string) => join(folder, name);
const keep = (docker: Parameters<typeof keepImages>[0], nodeImage: string) =>
  keepImages(docker, 'node', { nodeImage, given: [], say: () => undefined });

test('an export that arrives whole is kept with its digest, once', async () => {
  archive(file('whole.tar'), whole);
  const docker = await engineWith({ exported: file('whole.tar') });
  expect(await keep(docker, 'k3s:whole')).toEqual(['pause:1']);
  const { kept, lines } = await keptOf('k3s:whole');
  expect([kept?.names, lines]).toEqual([['pause:1'], []]);
  expect(readFileSync(kept?.archive ?? '').equals(readFileSync(file('whole.tar')))).toBe(true);
  expect(await keep(docker, 'k3s:whole')).toEqual([]);
});

test.each<[string, (cut: string) => Parameters<typeof engineWith>[0], string]>([
  ['arrives cut', (cut) => ({ exported: file('before.tar'), sent: cut }), 'bytes in the container, and 2000 arrived'],
  ['was exported cut', (cut) => ({ exported: cut }), 'the node exported an archive that cannot be read'],
  ['has no answer of the node', () => ({ exported: file('before.tar'), cutAfter: 60 }), 'its output may be cut'],
])('an export that %s does not replace what was kept', async (what, engine, message) => {
  const nodeImage = `k3s:${what.replaceAll(' ', '-')}`;
  archive(file('before.tar'), whole);
  await keep(await engineWith({ exported: file('before.tar') }), nodeImage);
  const { kept } = await keptOf(nodeImage);
  // With another name, so that something is to be kept.
  const list = `${(kept?.archive ?? '').slice(0, -4)}.json`;
  writeFileSync(list, readFileSync(list, 'utf8').replace('pause:1', 'pause:0'));
  archive(file('cut.tar'), whole);
  truncateSync(file('cut.tar'), 2_000);
  await expect(keep(await engineWith(engine(file('cut.tar'))), nodeImage)).rejects.toThrow(message);
  expect((await keptOf(nodeImage)).kept).toEqual({ archive: kept?.archive, names: ['pause:0'] });
});

test('an archive whose connection ends early is an error', async () => {
  const docker = { getContainer: () => ({ getArchive: () => Promise.reject(new Error('socket hang up')) }) };
  await expect(copyOut(docker as never, 'node', { from: '/x', bytes: 1 }, file('x'))).rejects.toThrow('socket hang up');
});
