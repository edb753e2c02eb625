import { createServer, connect as connectTo, type Socket } from 'node:net';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { removeKept } from '../cluster/cluster.ts';
import { connect, type EngineAddress, findEngine, labels } from '../engine/engine.ts';
import { waitFor } from '../base/wait-for.ts';
import { everythingIn, reportOf, start } from './suite.ts';

// What is left when a run does not come to its own end. On the machine's own engine; others' containers are counted before and after.

const { address } = await findEngine();
const docker = connect(address);

async function containers(): Promise<{ ours: string[]; others: string[] }> {
  const all = await docker.listContainers({ all: true });
  const isOurs = ({ Labels }: { Labels: Record<string, string> }) => labels.role in Labels;
  return { ours: all.filter(isOurs).map(({ Id }) => Id), others: all.filter((it) => !isOurs(it)).map(({ Id }) => Id) };
}
const volumesAndNetworks = async () => [
  ...(await docker.listVolumes()).Volumes.map(({ Name }) => Name).sort(),
  ...(await docker.listNetworks()).map(({ Id }) => Id).sort(),
];

/** Processes of a run, which have the folder of its artifacts in their environment. */
const processesOf = (artifacts: string) =>
  readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(artifacts);
    } catch {
      return false; // not a process, or none any more
    }
  });

// Each phase by what the run says when it begins.
const phases = { 'the node starts': /starting the node/, 'the cluster is awaited': /waiting for the node/, 'claims are told': /✔ / };
const cases = Object.entries(phases).flatMap(([phase, words]) =>
  (['SIGINT', 'SIGTERM', 'SIGKILL'] as const).map((name) => [name, phase, words] as const),
);

afterEach(async () => {
  await removeKept();
});

test.each(cases)('%s while %s leaves nothing behind, at the latest after `npm run clean`', async (name, _, words) => {
  const before = { ...(await containers()), rest: await volumesAndNetworks() };
  expect(before.ours).toEqual([]);
  // The topic that has a container of its own beside the node.
  const run = start('test', ['reach']);
  await run.says(words);
  run.signal(name);
  const { status, output, artifacts } = await run.ended;
  expect(status).toBe({ SIGINT: 130, SIGTERM: 143, SIGKILL: 128 }[name]);
  if (name === 'SIGKILL') {
    const swept = await start('cluster', ['clean']).ended;
    expect([swept.status, swept.output]).toEqual([0, expect.stringMatching(/Removed |There is nothing to remove/)]);
  } else expect(output).toContain(`${name}: removing what this run started`);
  expect({ ...(await containers()), rest: await volumesAndNetworks() }).toEqual(before);
  await waitFor('the last process of the run to end', 5_000, () => {
    const left = processesOf(artifacts);
    return Promise.resolve(left.length === 0 ? { done: undefined } : { seen: left.join(', ') });
  });
});

test('a cluster to be kept is not kept when its start is interrupted', async () => {
  const run = start('cluster', ['start']);
  await run.says(/starting the node/);
  run.signal('SIGINT');
  expect((await run.ended).status).toBe(130);
  expect((await containers()).ours).toEqual([]);
});

test('a second run on one engine is told of the first within 5 s, and leaves it alone', async () => {
  const first = start('test', ['address']);
  await first.says(/waiting for the node/);
  const { status, output, ms } = await start('test', ['address']).ended;
  expect([status, output]).toEqual([2, expect.stringMatching(/Another run \(process \d+\) has its cluster on this machine\./)]);
  expect(ms).toBeLessThan(5_000);
  expect((await first.ended).status).toBe(0);
});

/** An engine that can go away: what is said at its socket is passed on to the real one until it is closed. */
async function mortalEngine({ socketPath }: EngineAddress): Promise<{ address: string; die: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'engine-'));
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (here) => {
    const there = connectTo({ path: socketPath ?? '', allowHalfOpen: true });
    for (const [from, to] of [
      [here, there],
      [there, here],
    ] as const) {
      open.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy()).on('close', () => open.delete(from));
    }
  });
  await new Promise<void>((resolve) => server.listen(join(folder, 'docker.sock'), resolve));
  const die = () => {
    server.close();
    for (const socket of open) socket.destroy();
    rmSync(folder, { recursive: true, force: true });
  };
  return { address: `unix://${join(folder, 'docker.sock')}`, die };
}

test('an engine that dies while claims are told makes the run broken, not drifted', async () => {
  const engine = await mortalEngine(address);
  const run = start('test', ['walkthrough', 'selector'], { DOCKER_HOST: engine.address, CONFORMANCE_TIMEOUT_MULTIPLIER: '0.5' });
  await run.says(/✔ /);
  engine.die();
  const ended = await run.ended;
  expect(ended.status).toBe(3);
  const outcomes = reportOf(ended).claims.map(({ outcome }) => outcome);
  expect(outcomes).toContain('broken');
  expect(outcomes).not.toContain('drifted');
  await removeKept();
  expect((await containers()).ours).toEqual([]);
});

test('an image that never arrives is told in a paragraph, and nothing was started', async () => {
  const { agnhost } = (await import('../cluster/settings.ts')).pinnedImages();
  const { status, output } = await start('test', [], { CONFORMANCE_IMAGES: `${agnhost}=registry.invalid/agnhost:1` }).ended;
  expect(status).toBe(2);
  expect(output).toContain('The image registry.invalid/agnhost:1 is not in the engine');
  expect(output).not.toMatch(/\n {4}at /);
  expect((await containers()).ours).toEqual([]);
});

test('nothing that a run writes or says has a key of its cluster, or a secret of the environment', async () => {
  const planted = { AWS_SECRET_ACCESS_KEY: 'planted-secret', HTTP_PROXY_PASSWORD: 'planted-password' };
  const ended = await start('test', ['address'], planted).ended;
  expect(ended.status).toBe(0);
  // The key to the cluster, which is gone, for its owner alone to read.
  const file = join(ended.artifacts, 'kubeconfig');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const secrets = [...readFileSync(file, 'utf8').matchAll(/(?:client-key-data|client-certificate-data): (\S+)/g)].map(
    ([, data = '']) => data,
  );
  expect(secrets.length).toBe(2);
  rmSync(file);
  const written = everythingIn(ended.artifacts) + ended.output;
  expect(written).toContain('"adopted": false');
  const keys = secrets.flatMap((data) => [data, Buffer.from(data, 'base64').toString().split('\n')[1] ?? '']);
  for (const secret of [...keys, ...Object.values(planted), 'BEGIN EC PRIVATE KEY']) expect(written).not.toContain(secret);
});
