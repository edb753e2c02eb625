import { expect, test } from '@jest/globals';
import type { Shell } from '../kube/shell.ts';
import { fromEach, seriesOfEach } from './each-url.ts';
import { NotSettled } from './settle.ts';

const shell = (output: string): Shell => ({
  name: 'pods/client',
  run: () => Promise.resolve({ exitCode: 0, output }),
  lost: () => false,
  close: () => {},
});

test('the bodies of a series are grouped by URL', async () => {
  expect(await seriesOfEach(shell('a\na\nb\na\n'), ['http://one', 'http://two'], 2)).toEqual([
    ['a', 'a'],
    ['b', 'a'],
  ]);
});

test('a series with a missing answer has not settled', async () => {
  await expect(seriesOfEach(shell('a\n'), ['http://one', 'http://two'])).rejects.toThrow(NotSettled);
  await expect(fromEach(shell('a\n'), ['192.0.2.1', '192.0.2.2'], 'http://one')).rejects.toThrow(NotSettled);
});

test('each address of a client has the answer that it got', async () => {
  expect(await fromEach(shell('a\nb\n'), ['192.0.2.1', '192.0.2.2'], 'http://one')).toEqual(['a', 'b']);
});
