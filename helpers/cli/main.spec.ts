import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from '../base/paths.ts';

/** Starts a command, given as the text of the function that main() runs, in a new process. */
function start(command: string) {
  const from = (file: string) => JSON.stringify(join(root, 'helpers', file));
  const program = `import { main, say } from ${from('cli/main.ts')};
    import { onUndo } from ${from('base/undo.ts')};
    import { UsageError } from ${from('base/usage-error.ts')};
    await main(${command});`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (chunk: Buffer) => (printed[name] += chunk.toString()));
  const ended = async () => {
    const [status] = (await once(child, 'close')) as [number];
    return { status, ...printed };
  };
  return { child, ended };
}

test.each([
  ['the number that it returns', '() => 1', 1, ''],
  [
    '2 for an error of usage, in one paragraph',
    "() => { throw new UsageError('There is no such topic.'); }",
    2,
    '\nThere is no such topic.\n',
  ],
  ['3 for any other error', "async () => { throw new Error('lost'); }", 3, '\nUnexpected failure: lost\n'],
])('the exit status of a command is %s', async (_, command, status, stderr) => {
  expect(await start(command).ended()).toEqual({ status, stdout: '', stderr });
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s aborts a command, removes what it created, and prints no error of it',
  async (name) => {
    const { child, ended } = start(`async ({ signal }) => {
    onUndo(async () => { await new Promise((resolve) => setTimeout(resolve, 50)); console.log('removed'); });
    setInterval(() => {}, 1_000);
    console.log('ready');
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
  }`);
    child.stdout.once('data', () => child.kill(name));
    expect(await ended()).toEqual({
      status: 128 + constants.signals[name],
      stdout: 'ready\nremoved\n',
      stderr: `\n${name}: removing what this run started …\n`,
    });
  },
);

test('a removal that fails is reported, and the exit status is that of the signal', async () => {
  const { child, ended } = start(`async ({ signal }) => {
    onUndo(() => Promise.reject(new Error('the engine does not answer')));
    setInterval(() => {}, 1_000);
    console.log('ready');
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return 0;
  }`);
  child.stdout.once('data', () => child.kill('SIGTERM'));
  const { status, stderr } = await ended();
  expect([status, stderr]).toEqual([
    143,
    expect.stringContaining('the engine does not answer; the next run, or npm run clean, removes it'),
  ]);
});

test('a command whose output is closed ends as by a signal, without a stack trace', async () => {
  const { child, ended } = start(`async ({ signal }) => {
    while (!signal.aborted) { say('on and on'); await new Promise(setImmediate); }
    return 0;
  }`);
  child.stdout.destroy();
  const { status, stderr } = await ended();
  expect([status, stderr]).toEqual([128 + constants.signals.SIGPIPE, '\nSIGPIPE: removing what this run started …\n']);
});
