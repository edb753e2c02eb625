import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { root } from '../base/paths.ts';
import { removeKept } from '../cluster/cluster.ts';
import { imagesOf, readSettings } from '../cluster/settings.ts';
import { connect, findEngine } from '../engine/engine.ts';
import { saveImages } from '../engine/images.ts';
import { reportOf, start } from './suite.ts';

// A node without a network for images that it pulls itself. k3s pulls CoreDNS and pause; the stand-in contains its pause image, so a copy of the
// stand-in lacks it here. The trial shows that the kept images suffice, and not which images k3s pulls.

const docker = connect((await findEngine()).address);
const [standIn, workload = ''] = imagesOf(readSettings());
const repository = 'localhost/clusterip-conformance/unplugged';
const folder = mkdtempSync(join(tmpdir(), 'unplugged-'));
const cache = { XDG_CACHE_HOME: join(folder, 'cache') };
const run = (environment: Record<string, string>) =>
  start('test', ['-t', '^get-svc-shows-it:'], { ...environment, CONFORMANCE_K3S_IMAGE: `${repository}:1` }).ended;

/** Tags a copy of the stand-in in which a file of the trial's folder takes the place of the one of that name in /usr/share/stand-in. */
async function standInWith(file: string): Promise<void> {
  const container = await docker.createContainer({ Image: standIn });
  try {
    const tar = spawn('tar', ['-c', '-C', folder, file]);
    await container.putArchive(tar.stdout, { path: '/usr/share/stand-in' });
    await container.commit({ repo: repository, tag: '1' });
  } finally {
    await container.remove({ v: true });
  }
}

// The node itself starts in some 15 s, and an image that it cannot pull is to be named within 30 s.
const soon = 60_000;

beforeAll(async () => {
  await removeKept();
  await docker.getImage(standIn).tag({ repo: repository, tag: '1' });
});
afterAll(async () => {
  await docker.getImage(`${repository}:1`).remove();
  rmSync(folder, { recursive: true });
});

test('images that the node has pulled itself are kept after a run, once', async () => {
  const first = await run(cache);
  expect([first.status, first.output]).toEqual([0, expect.stringContaining('kept for runs without a network: localhost/stand-in/pause:1')]);
  expect(readdirSync(join(cache.XDG_CACHE_HOME, 'clusterip-conformance/node-images')).length).toBe(2);
  const second = await run(cache);
  expect([second.status, second.output]).toEqual([0, expect.not.stringContaining('kept for runs')]);
});

test('a node that can pull nothing is green with the kept images, and without them the run names the missing image', async () => {
  // Another image takes the place of the pause image.
  await saveImages(docker, [workload], join(folder, 'pause.tar'));
  await standInWith('pause.tar');
  const plugged = await run(cache);
  expect([plugged.status, plugged.output]).toEqual([0, expect.not.stringContaining('pulling')]);
  expect(reportOf(plugged).claims.find(({ id }) => id === 'get-svc-shows-it')).toMatchObject({ outcome: 'confirmed' });

  renameSync(cache.XDG_CACHE_HOME, `${cache.XDG_CACHE_HOME}-gone`);
  const bare = await run(cache);
  expect([bare.status, bare.output]).toEqual([2, expect.stringContaining('cannot pull the image localhost/stand-in/pause:1')]);
  expect(bare.ms).toBeLessThan(soon);
});

test('an image of CoreDNS that cannot be pulled ends the run, which names it', async () => {
  const manifest = readFileSync(join(root, '.ci/stand-in/node/coredns.yaml'), 'utf8');
  const image = 'registry.invalid/coredns:1';
  writeFileSync(
    join(folder, 'coredns.yaml'),
    manifest
      .replace('image: localhost/stand-in/pause:1', `image: ${image}`)
      .replace('imagePullPolicy: Never', 'imagePullPolicy: IfNotPresent'),
  );
  await standInWith('coredns.yaml');
  const { status, output, ms } = await run(cache);
  expect([status, output]).toEqual([2, expect.stringContaining(`cannot pull the image ${image}`)]);
  expect(ms).toBeLessThan(soon);
});
