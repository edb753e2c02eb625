import { expect, test } from '@jest/globals';
import type { Shell } from '../kube/shell.ts';
import { openConnection } from './connection.ts';

/** Returns a shell that gives the same answer to every command, and keeps the commands. */
function answering(output: string, exitCode = 0): Shell & { commands: string[] } {
  const commands: string[] = [];
  const run = (command: string) => Promise.resolve({ exitCode, output: (commands.push(command), output) });
  return { name: 'clients/client', commands, run, lost: () => false, close: () => undefined };
}

test.each([
  ['answered web', 'answered', 'web'],
  ['answered {"output":"two words"}', 'answered', '{"output":"two words"}'],
  ['closed', 'closed', ''],
  ['silent', 'silent', ''],
])('reads %j', async (printed, ending, response) => {
  const connection = await openConnection(answering(printed), '10.43.1.2', 8080);
  expect(await connection.request()).toEqual({ from: 'clients/client', to: 'open connection to 10.43.1.2:8080', ending, response });
});

test('all requests are written to the pipe of one nc, and none once the other side has ended', async () => {
  const shell = answering('answered web');
  const connection = await openConnection(shell, '10.43.1.2', 8080);
  await connection.request('/clientip', 100);
  const [open = '', request = ''] = shell.commands;
  expect(open).toContain("nc '10.43.1.2' 8080");
  const pipe = /mkfifo (\S+);/.exec(open)?.[1] ?? '';
  expect(request).toContain(`'/clientip' >>${pipe}`);
  expect(request).toMatch(/if \{ .*close-wait.*; \}; then left=0; else left=2; printf 'GET/);
});

test.each([
  [0, true],
  [1, false],
])('exit code %i of its command means that it has ended: %s', async (exitCode, ended) => {
  const connection = await openConnection(answering('', exitCode), '10.43.1.2', 8080);
  expect(await connection.ended()).toBe(ended);
});
