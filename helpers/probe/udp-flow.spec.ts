import { expect, test } from '@jest/globals';
import type { Shell } from '../kube/shell.ts';
import { openUdpFlow, replyIn } from './udp-flow.ts';

const ends = { from: 'clients/client', to: 'udp flow to 10.43.1.2:8080' };

test.each([
  ['answered 10.42.0.7:40112', { ...ends, ending: 'answered', response: '10.42.0.7:40112' }],
  ['answered two words\nand a line', { ...ends, ending: 'answered', response: 'two words\nand a line' }],
  ['silent', { ...ends, ending: 'silent', response: '' }],
  ['closed', { ...ends, ending: 'closed', response: '' }],
])('reads %j', (printed, reply) => {
  expect(replyIn(printed, ends)).toEqual(reply);
});

test('all datagrams of a flow are written to the pipe of one nc', async () => {
  const commands: string[] = [];
  const run = (command: string) => Promise.resolve({ exitCode: 0, output: (commands.push(command), 'answered a') });
  const client: Shell = { name: ends.from, run, lost: () => false, close: () => undefined };
  const flow = await openUdpFlow(client, '10.43.1.2', 8080);
  expect(await flow.send()).toEqual({ ...ends, ending: 'answered', response: 'a' });
  await flow.send('clientip', 100);
  expect(commands[0]).toContain("nc -u '10.43.1.2' 8080");
  const pipe = /mkfifo (\S+);/.exec(commands[0] ?? '')?.[1] ?? '';
  expect(commands[1]).toContain(`printf %s 'hostname' >>${pipe}`);
  expect(commands[2]).toContain(`printf %s 'clientip' >>${pipe}`);
  expect(commands[2]).toContain('left=2;');
});
