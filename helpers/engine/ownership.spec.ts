import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { longestRun, ownerAlive, ownerGone, ownerOf } from './ownership.ts';

const folder = mkdtempSync(join(tmpdir(), 'ownership-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const [, , , place = ''] = ownerOf(process.pid).split('/');
/** Returns the owner with this host name, process id and start time on another machine, or in another container. */
const lookAlike = () => ownerOf(process.pid).replace(place, 'elsewhere');

test('an owner is named by host name, process, the start time of that process, and where its id is valid', () => {
  const [host, pid, start] = ownerOf(process.pid).split('/');
  expect([host, pid]).toEqual([hostname(), String(process.pid)]);
  expect(start).toMatch(/^(\d+|-)$/); // no start time where there is no /proc
  expect(place).toMatch(/^[0-9a-f]{8}-[0-9a-f-]+$/);
});

test('this process is alive', () => {
  expect(ownerAlive(ownerOf(process.pid))).toBe(true);
});

test('a child names its parent as the parent does', () => {
  const script = `import { ownerOf } from ${JSON.stringify(join(import.meta.dirname, 'ownership.ts'))}; console.log(ownerOf(process.ppid));`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(stdout.trim()).toBe(ownerOf(process.pid));
});

test('a process that has ended is not alive', () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  expect(ownerAlive(`${hostname()}/${pid}/-/${place}`)).toBe(false);
});

test('a process with the id of the owner and another start time is not the owner', () => {
  expect(ownerAlive(`${hostname()}/${process.pid}/1/${place}`)).toBe(false);
});

test('where the start time is unknown the process id alone decides', () => {
  expect(ownerAlive(`${hostname()}/${process.pid}/-/${place}`)).toBe(true);
});

test('an owner on another machine counts as alive, even with the host name and process id of a process that has ended here', () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  expect(ownerAlive(`${hostname()}/${pid}/1/elsewhere`)).toBe(true);
  expect(ownerAlive(`${hostname()}/${pid}/1`)).toBe(true);
});

test.each([
  ['of a running process', ownerOf(process.pid), longestRun + 1, false],
  ['of a process that has ended', `${hostname()}/${process.pid}/1/${place}`, 0, true],
  ['of another machine, as old as the longest run', lookAlike(), longestRun, false],
  ['of another machine, older than the longest run', lookAlike(), longestRun + 1, true],
])('a thing %s is orphaned or not', (_, owner, age, gone) => {
  expect(ownerGone(owner, age)).toBe(gone);
});

/** Returns what several processes take for the identity of their user, with this cache folder. */
function identities(cache: string, processes: number): string[] {
  const script = `import { userIdentity } from ${JSON.stringify(join(import.meta.dirname, 'ownership.ts'))}; console.log(userIdentity());`;
  return Array.from({ length: processes }, () =>
    spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { ...process.env, XDG_CACHE_HOME: cache },
    }).stdout.trim(),
  );
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

test('a user has one identity, which the first process creates', () => {
  const [first, second] = identities(folder, 2);
  expect(first).toMatch(uuid);
  expect(second).toBe(first);
  expect(readdirSync(join(folder, 'clusterip-conformance'))).toEqual(['identity']);
  expect(readFileSync(join(folder, 'clusterip-conformance/identity'), 'utf8').trim()).toBe(first);
});

test('where no identity can be kept, each process has its own', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const [first, second] = identities(file, 2);
  expect([first, second]).toEqual([expect.stringMatching(uuid), expect.stringMatching(uuid)]);
  expect(second).not.toBe(first);
});
