import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { expect, test } from '@jest/globals';
import { longestRun, ownerAlive, ownerGone, ownerOf } from './ownership.ts';

test('an owner is named by machine, process and the start time of that process', () => {
  const [host, pid, start] = ownerOf(process.pid).split('/');
  expect([host, pid]).toEqual([hostname(), String(process.pid)]);
  expect(start).toMatch(/^(\d+|-)$/); // no start time where there is no /proc
});

test('this process is alive', () => {
  expect(ownerAlive(ownerOf(process.pid))).toBe(true);
});

test('a process that has ended is not alive', () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  expect(ownerAlive(`${hostname()}/${pid}/-`)).toBe(false);
});

test('a process with the id of the owner and another start time is not the owner', () => {
  expect(ownerAlive(`${hostname()}/${process.pid}/1`)).toBe(false);
});

test('where the start time is unknown the process id alone decides', () => {
  expect(ownerAlive(`${hostname()}/${process.pid}/-`)).toBe(true);
});

test('an owner on another machine counts as alive', () => {
  expect(ownerAlive(`not-${hostname()}/1/1`)).toBe(true);
});

test.each([
  ['of a running process', ownerOf(process.pid), longestRun + 1, false],
  ['of a process that has ended', `${hostname()}/${process.pid}/1`, 0, true],
  ['of another machine, as old as the longest run', `not-${hostname()}/1/1`, longestRun, false],
  ['of another machine, older than the longest run', `not-${hostname()}/1/1`, longestRun + 1, true],
])('a thing %s is orphaned or not', (_, owner, age, gone) => {
  expect(ownerGone(owner, age)).toBe(gone);
});
