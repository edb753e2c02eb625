import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { afterEach, expect, jest, test } from '@jest/globals';
import { timeouts } from '../base/timeouts.ts';
import { openLocalShell, type Shell, shellOver } from './shell.ts';

const opened: Shell[] = [];
afterEach(() => {
  jest.useRealTimers();
  for (const shell of opened.splice(0)) shell.close();
});

function localShell(): Shell {
  const shell = openLocalShell();
  opened.push(shell);
  return shell;
}

/** Opens a shell over a local sh whose output passes through `pass`, which writes it to `stdout` in any pieces. */
function shellThrough(pass: (chunk: Buffer, stdout: PassThrough) => void = (chunk, stdout) => stdout.write(chunk)) {
  const sh = spawn('sh', { stdio: ['pipe', 'pipe', 'ignore'] });
  const stdout = new PassThrough();
  sh.stdout.on('data', (chunk: Buffer) => {
    pass(chunk, stdout);
  });
  const shell = shellOver('test', sh.stdin, stdout, { ended: (report) => sh.on('exit', report), close: () => sh.kill() });
  opened.push(shell);
  return { shell, sh, stdout };
}

/** Opens a shell over streams with no process behind them. */
function shellOverNothing() {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const closed: string[] = [];
  let end = () => {};
  const shell = shellOver('lab/client', stdin, stdout, {
    ended: (report) => {
      end = report;
    },
    close: () => closed.push('closed'),
  });
  return {
    shell,
    stdin,
    stdout,
    closed,
    end: () => {
      end();
    },
  };
}

test.each([
  ['nothing', 'true', { output: '', exitCode: 0 }],
  ['a line', 'echo one', { output: 'one\n', exitCode: 0 }],
  ['output that does not end a line, and a failure', 'printf one; (exit 3)', { output: 'one', exitCode: 3 }],
  ['a command that is not there', 'no-such-command-1f3b', { output: '', exitCode: 127 }],
  ['stderr where it is redirected', '{ echo one; echo two >&2; } 2>&1', { output: 'one\ntwo\n', exitCode: 0 }],
  ['stderr of a subshell', '(echo one >&2) 2>&1', { output: 'one\n', exitCode: 0 }],
  ['a comment at the end', 'echo one # and two', { output: 'one\n', exitCode: 0 }],
  ['several lines', 'echo one\necho two', { output: 'one\ntwo\n', exitCode: 0 }],
])('a command returns its output and exit code: %s', async (_, command, result) => {
  expect(await localShell().run(command)).toEqual(result);
});

test.each([
  ['the separator', '\x1e'],
  ['a mark with a number', '\x1e1:0\x1e'],
  ['the marks of the command before', undefined],
])('output that looks like a mark is output: %s', async (_, text) => {
  let before = '';
  const { shell } = shellThrough((chunk, stdout) => {
    before += chunk.toString();
    stdout.write(chunk);
  });
  await shell.run('echo before');
  const printed = text ?? before;
  expect(printed).toContain('\x1e');
  expect(await shell.run(`printf '%s' '${printed}'; (exit 4)`)).toEqual({ output: printed, exitCode: 4 });
});

test('commands run one after the other and share the shell', async () => {
  const shell = localShell();
  const results = await Promise.all(
    ['cd /; seen=one; echo first', 'pwd; echo $seen', '(exit 5)', 'echo last'].map((line) => shell.run(line)),
  );
  expect(results).toEqual([
    { output: 'first\n', exitCode: 0 },
    { output: '/\none\n', exitCode: 0 },
    { output: '', exitCode: 5 },
    { output: 'last\n', exitCode: 0 },
  ]);
});

test('a command is written only when the one before it has ended', async () => {
  const { shell, stdin, end } = shellOverNothing();
  const both = Promise.allSettled([shell.run('echo one'), shell.run('echo two')]);
  await once(stdin, 'readable');
  const written = String(stdin.read());
  expect(written).toContain('echo one');
  expect(written).not.toContain('echo two');
  end();
  await both;
});

test('a command that reads its input does not read the next command', async () => {
  const shell = localShell();
  const results = await Promise.all([shell.run('cat'), shell.run('echo two')]);
  expect(results).toEqual([
    { output: '', exitCode: 0 },
    { output: 'two\n', exitCode: 0 },
  ]);
});

test('late output of an earlier command is no part of the next answer', async () => {
  let before = '';
  const { shell, stdout } = shellThrough((chunk, to) => {
    before += chunk.toString();
    to.write(chunk);
  });
  await shell.run('echo one');
  stdout.write('late');
  const second = shell.run('echo two; (exit 2)');
  // By now the second command has been written, and its answer cannot have arrived.
  await Promise.resolve();
  stdout.write(`later${before}`);
  expect(await second).toEqual({ output: 'two\n', exitCode: 2 });
});

test('output that follows the answer at once does not hide it', async () => {
  const { shell } = shellThrough((chunk, stdout) => stdout.write(Buffer.concat([chunk, Buffer.from('late')])));
  expect(await shell.run('(exit 6)')).toMatchObject({ exitCode: 6 });
});

test('an answer that arrives byte by byte is put together, characters of several bytes too', async () => {
  const { shell } = shellThrough((chunk, stdout) => {
    for (const byte of chunk) stdout.write(Buffer.from([byte]));
  });
  expect(await shell.run(`printf '%s' 'Grüße – 世界 🚢'; (exit 12)`)).toEqual({ output: 'Grüße – 世界 🚢', exitCode: 12 });
});

test('an answer larger than a pipe is returned whole', async () => {
  const { output } = await localShell().run('i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done');
  expect(output.split('\n')).toHaveLength(20_001);
});

test.each([
  ['by the command', 'echo half; exit 3'],
  ['by a syntax error', 'echo )'],
  ['by a signal', 'kill -9 $$'],
])('a shell that is ended %s is lost, and runs nothing more', async (_, command) => {
  const shell = localShell();
  expect(shell.lost()).toBe(false);
  const next = Promise.allSettled([shell.run(command), shell.run('echo two')]);
  const [first, second] = await next;
  const why = `the shell in this machine has ended before it printed the end mark of \`${command}\`, so its output may be cut. `;
  expect(first).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining(why) as unknown as string } });
  expect(second).toEqual({ status: 'rejected', reason: new Error('the shell in this machine has ended') });
  expect(shell.lost()).toBe(true);
  await expect(shell.run('echo three')).rejects.toThrow('the shell in this machine has ended');
});

test('a shell that is closed is lost', async () => {
  const { shell, sh } = shellThrough();
  await shell.run('true');
  shell.close();
  await once(sh, 'exit');
  expect(shell.lost()).toBe(true);
});

test('a shell whose input fails is lost, with the reason, and the error is handled', async () => {
  const { shell, stdin } = shellOverNothing();
  const running = shell.run('echo one');
  stdin.destroy(new Error('write EPIPE'));
  await expect(running).rejects.toThrow('the shell in lab/client takes no commands: write EPIPE');
  expect(shell.lost()).toBe(true);
});

test('a command that does not end is given up after its time, and its shell with it', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  const { shell, stdout, closed } = shellOverNothing();
  const outcomes = Promise.allSettled([shell.run('sleep infinity'), shell.run('echo two')]);
  await jest.advanceTimersByTimeAsync(timeouts.command - 1);
  // Output alone does not prolong its time.
  stdout.write('still here');
  expect([shell.lost(), closed]).toEqual([false, []]);
  await jest.advanceTimersByTimeAsync(1);
  expect(await outcomes).toEqual([
    { status: 'rejected', reason: new Error(`\`sleep infinity\` in lab/client has not ended after ${timeouts.command} ms`) },
    { status: 'rejected', reason: new Error('the shell in lab/client was closed, because a command did not end') },
  ]);
  expect([shell.lost(), closed]).toEqual([true, ['closed']]);
});

test('the time of a command begins when it is written, not while it waits for the one before', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  const { shell, stdin, stdout, end } = shellOverNothing();
  const answer = () => {
    const id = /036([-\w]+)/.exec(String(stdin.read()))?.[1] ?? '';
    stdout.write(`\x1e${id}\x1e\x1e${id}:0\x1e`);
  };
  const [first, second] = [shell.run('sleep 29'), shell.run('sleep 29')];
  await jest.advanceTimersByTimeAsync(timeouts.command - 1);
  answer();
  expect(await first).toEqual({ output: '', exitCode: 0 });
  await jest.advanceTimersByTimeAsync(timeouts.command - 1);
  answer();
  expect(await second).toEqual({ output: '', exitCode: 0 });
  end();
});
