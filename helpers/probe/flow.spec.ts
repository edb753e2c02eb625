import { expect, test } from '@jest/globals';
import type { Shell } from '../kube/shell.ts';
import { flowEnding, openFlow, udpSeries } from './flow.ts';
import { NotSettled } from './settle.ts';

const commands: string[] = [];
const shell = (output: string): Shell => ({
  name: 'pods/client',
  run: (command) => {
    commands.push(command);
    return Promise.resolve({ exitCode: 0, output });
  },
  lost: () => false,
  close: () => {},
});

test.each<[string, number, ReturnType<typeof flowEnding>]>([
  ['web', 10, 'answered'],
  ['', 11, 'silent'],
  ['', 10.02, 'error'],
])('an answer of "%s" at %d s is %s', (answer, ended, ending) => {
  expect(flowEnding(answer, 10, ended)).toBe(ending);
});

test('a flow keeps its source port, and another flow has another one', async () => {
  const flow = openFlow(shell('10.00 10.01 web\n'), '10.43.0.1', 8080);
  const [first, second] = [await flow.send(), await flow.send()];
  expect(first).toMatchObject({ from: 'pods/client', to: 'udp 10.43.0.1 8080', ending: 'answered', response: 'web' });
  expect(second.sourcePort).toBe(first.sourcePort);
  expect(commands.at(-1)).toContain(`-p ${first.sourcePort} `);
  expect((await openFlow(shell('10.00 11.00 \n'), '10.43.0.1', 8080).send()).sourcePort).not.toBe(first.sourcePort);
});

test('a series of datagrams returns who answered each, and throws where one was not answered', async () => {
  expect(await udpSeries(shell('one\ntwo\n'), '10.43.0.1', 8080, 2)).toEqual(['one', 'two']);
  await expect(udpSeries(shell('one\n'), '10.43.0.1', 8080, 2)).rejects.toThrow(NotSettled);
});
