import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { treeCoreSeconds } from './cpu.ts';

const onLinux = existsSync('/proc/self/stat') ? test : test.skip;

// Uses 0.15 core-seconds, reports that, and ends when its stdin does.
const burn = `
  while (process.cpuUsage().user < 150_000);
  console.log('burnt');
  process.stdin.resume();
`;

/** Starts a shell that runs a busy child and then waits for its own stdin to end. Resolves when the child, or with `ended` the shell, has reported. */
async function startShell(after: 'burnt' | 'ended') {
  const stdin = after === 'ended' ? '</dev/null' : '';
  const shell = spawn('sh', ['-c', `"$0" -e "$1" ${stdin}; echo ended; read _`, process.execPath, burn]);
  let output = '';
  while (!output.includes(after)) output += String((await once(shell.stdout, 'data'))[0]);
  const end = async () => {
    shell.stdin.end();
    await once(shell, 'exit');
  };
  return { pid: shell.pid ?? 0, end };
}

onLinux.each([
  ['that runs', 'burnt'],
  ['that has ended', 'ended'],
] as const)('a busy child %s is counted', async (_, after) => {
  const shell = await startShell(after);
  expect(treeCoreSeconds(shell.pid)).toBeGreaterThan(0.1);
  await shell.end();
});

onLinux('a process that is no child is not counted', async () => {
  const [busy, idle] = [await startShell('burnt'), spawn('cat')];
  expect(treeCoreSeconds(idle.pid ?? 0)).toBeLessThan(0.1);
  idle.stdin.end();
  await Promise.all([busy.end(), once(idle, 'exit')]);
});
