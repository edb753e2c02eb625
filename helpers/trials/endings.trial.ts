import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, connect as connectTo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { removeKept } from '../cluster/cluster.ts';
import { pinnedImages } from '../cluster/settings.ts';
import { connect, type EngineAddress, findEngine, labels } from '../engine/engine.ts';
import { allProcessesEnded, everythingIn, reportOf, start } from './suite.ts';

// Runs that end early must leave nothing. They use the engine of this machine; other containers are listed before and after.

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

// Each phase by the output with which it begins.
const phases = { 'the node starts': /starting the node/, 'the run waits for the cluster': /] waiting for /, 'claims run': /✔ / };
const cases = [
  ...Object.entries(phases).flatMap(([phase, words]) =>
    (['SIGINT', 'SIGTERM', 'SIGKILL'] as const).map((name) => [name, phase, words, 'default'] as const),
  ),
  // A second node is created after the first one, on a network that has to be removed too.
  ['SIGINT', 'the second node starts', /starting the second node/, 'two-nodes'] as const,
  ['SIGKILL', 'the second node starts', /starting the second node/, 'two-nodes'] as const,
  ['SIGTERM', 'claims run on two nodes', /✔ /, 'two-nodes'] as const,
  // One node, on a network of its own because of IPv6.
  ['SIGINT', 'the node starts with IPv6', /starting the node/, 'dual-stack'] as const,
];

afterEach(async () => {
  await removeKept();
});

test.each(cases)('%s while %s leaves nothing, at the latest after `npm run clean`', async (name, _, words, profile) => {
  const before = { ...(await containers()), rest: await volumesAndNetworks() };
  expect(before.ours).toEqual([]);
  // `reach` starts a second container beside the node. `debug-pod` still runs when the first claim of `reach` has ended.
  const run = start('test', ['reach', 'debug-pod'], { CONFORMANCE_PROFILE: profile });
  await run.prints(words);
  run.signal(name);
  const { status, output, artifacts } = await run.ended;
  expect(status).toBe({ SIGINT: 130, SIGTERM: 143, SIGKILL: 128 }[name]);
  if (name === 'SIGKILL') {
    const swept = await start('cluster', ['clean']).ended;
    expect([swept.status, swept.output]).toEqual([0, expect.stringMatching(/Removed |There is nothing to remove/)]);
  } else expect(output).toContain(`${name}: removing what this run started`);
  expect({ ...(await containers()), rest: await volumesAndNetworks() }).toEqual(before);
  await allProcessesEnded(artifacts);
});

test('`npm run cluster` leaves no cluster when its start is interrupted', async () => {
  const run = start('cluster', ['start']);
  await run.prints(/starting the node/);
  run.signal('SIGINT');
  expect((await run.ended).status).toBe(130);
  expect((await containers()).ours).toEqual([]);
});

test('a second run on one engine is refused within 5 s and leaves the first one alone', async () => {
  const first = start('test', ['chapter/address']);
  await first.prints(/] waiting for /);
  const { status, output, ms } = await start('test', ['chapter/address']).ended;
  expect([status, output]).toEqual([2, expect.stringMatching(/Another run \(process \d+\) has its cluster on this machine\./)]);
  expect(ms).toBeLessThan(5_000);
  expect((await first.ended).status).toBe(0);
});

/** Returns the address of a proxy before the engine's socket, and a function that closes it with all its connections. */
async function engineThatCanStop({ socketPath }: EngineAddress): Promise<{ address: string; stop: () => void }> {
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
  const stop = () => {
    server.close();
    for (const socket of open) socket.destroy();
    rmSync(folder, { recursive: true, force: true });
  };
  return { address: `unix://${join(folder, 'docker.sock')}`, stop };
}

test('an engine that stops while claims run makes claims broken and none drifted', async () => {
  const engine = await engineThatCanStop(address);
  const run = start('test', ['walkthrough', 'debug-pod', 'node'], { DOCKER_HOST: engine.address, CONFORMANCE_TIMEOUT_MULTIPLIER: '0.5' });
  await run.prints(/✔ /);
  engine.stop();
  const ended = await run.ended;
  expect(ended.status).toBe(3);
  const outcomes = reportOf(ended).claims.map(({ outcome }) => outcome);
  expect(outcomes).toContain('broken');
  expect(outcomes).not.toContain('drifted');
  await removeKept();
  expect((await containers()).ours).toEqual([]);
});

test('an image that cannot be pulled is reported in one paragraph, and nothing is started', async () => {
  const { agnhost } = pinnedImages();
  const { status, output } = await start('test', [], { CONFORMANCE_IMAGES: `${agnhost}=registry.invalid/agnhost:1` }).ended;
  expect(status).toBe(2);
  expect(output).toContain('The image registry.invalid/agnhost:1 is not in the engine');
  expect(output).not.toMatch(/\n {4}at /);
  expect((await containers()).ours).toEqual([]);
});

test('neither files nor output of a run have a key of its cluster, or a secret of the environment', async () => {
  const planted = { AWS_SECRET_ACCESS_KEY: 'planted-secret', HTTP_PROXY_PASSWORD: 'planted-password' };
  const ended = await start('test', ['chapter/address'], planted).ended;
  expect(ended.status).toBe(0);
  // This file has the key to the cluster, which is removed. Only its owner may read it.
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
