import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { expect, test } from '@jest/globals';
import { ownerAlive, ownerOf } from './engine.ts';

test('an owner is named by machine, process and the start of that process', () => {
  const [host, pid, start] = ownerOf(process.pid).split('/');
  expect([host, pid]).toEqual([hostname(), String(process.pid)]);
  expect(start).toMatch(/^(\d+|-)$/); // no start time where there is no /proc
});

test('this process is alive', () => {
  expect(ownerAlive(ownerOf(process.pid))).toBe(true);
});

test('a process that has ended is dead', () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  expect(ownerAlive(`${hostname()}/${pid}/-`)).toBe(false);
});

test('a process that has the number of the owner and began at another time is not the owner', () => {
  expect(ownerAlive(`${hostname()}/${process.pid}/1`)).toBe(false);
});

test('where start times are unknown the number alone decides', () => {
  expect(ownerAlive(`${hostname()}/${process.pid}/-`)).toBe(true);
});

test('an owner on another machine counts as alive', () => {
  expect(ownerAlive(`not-${hostname()}/1/1`)).toBe(true);
});
