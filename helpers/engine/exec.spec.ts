import { afterEach, expect, test } from '@jest/globals';
import { execInContainer, runAtTerminal, scriptInContainer } from './engine.ts';
import { startFakeEngine } from './fake-engine.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** An engine that loses what a command prints after `cutAfter` bytes, and then reports the end of the output, as Docker 20.10 may do. */
async function engineThat({ cutAfter = Infinity } = {}) {
  const { docker, close } = await startFakeEngine({ cutAfter });
  closing.push(close);
  return docker;
}

const limit = 20_000;
const hundredLines = 'i=0; while [ $i -lt 100 ]; do echo line $i; i=$((i+1)); done';

test('a command returns its exit code and its output: stdout and stderr, in the order of writing', async () => {
  const docker = await engineThat();
  const result = await execInContainer(docker, 'node', ['sh', '-c', 'echo "it\'s"; echo so >&2; echo end; exit 3'], { limit });
  expect(result).toEqual({ exitCode: 3, output: "it's\nso\nend\n" });
});

test.each(['one\ntwo\n', "it's $HOME and `date`\\n", 'no end of line', ''])(
  'a command reads its input as it is given: %j',
  async (stdin) => {
    expect(await execInContainer(await engineThat(), 'node', ['cat'], { stdin, limit })).toEqual({ exitCode: 0, output: stdin });
  },
);

test('an output larger than any buffer is returned whole', async () => {
  const { output } = await execInContainer(await engineThat(), 'node', ['sh', '-c', 'head -c 3000000 /dev/zero | tr "\\000" x'], { limit });
  expect(output).toHaveLength(3_000_000);
});

// Each place where the stream may be cut: in the first mark, in the output of 790 bytes, and in the end mark. The first mark has 38 bytes.
test.each([1, 60, 400, 38 + 790, 38 + 790 + 20])(
  'output that the engine cuts after %i bytes is an error, and says what was received',
  async (bytes) => {
    const docker = await engineThat({ cutAfter: bytes });
    const running = scriptInContainer(docker, '0123456789abcdef', hundredLines, { limit });
    await expect(running).rejects.toThrow(
      /the shell in 0123456789ab has ended before it printed the end mark .* so its output may be cut\./s,
    );
  },
);

test('without the cut, the same output is returned', async () => {
  const output = await scriptInContainer(await engineThat({ cutAfter: 10_000 }), 'node', hundredLines, { limit });
  expect(output.trim().split('\n')).toHaveLength(100);
});

test('a command that does not end within its limit is an error that names both', async () => {
  const running = execInContainer(await engineThat(), 'node', ['sleep', '60'], { limit: 300 });
  await expect(running).rejects.toThrow("`'sleep' '60' 2>&1` in node has not ended after 300 ms");
});

test('a script that fails is named by its first line, without what ran before it', async () => {
  const running = scriptInContainer(await engineThat(), 'node', 'echo why\nfail', { prelude: 'fail() { exit 4; }', limit });
  await expect(running).rejects.toThrow(new Error('`echo why …` in node exits 4: why'));
  expect(await scriptInContainer(await engineThat(), 'node', 'say yes', { prelude: 'say() { echo $1; }', limit })).toBe('yes\n');
});

test('a program at a terminal gets what is typed, and its exit code and output are returned', async () => {
  const result = await runAtTerminal(await engineThat(), 'node', 'read -r line; echo "it\'s $line"; exit 5', { typed: 'so\n', limit });
  expect(result).toEqual({ exitCode: 5, output: "it's so\n" });
});

test('what a program at a terminal leaves unread does not end its shell before the end mark has arrived', async () => {
  const result = await runAtTerminal(await engineThat(), 'node', 'echo done', { typed: 'exit\nexit\n', limit });
  expect(result).toEqual({ exitCode: 0, output: 'done\n' });
});

test.each([1, 3, 20])('a terminal that is cut after %i bytes is an error', async (bytes) => {
  const running = runAtTerminal(await engineThat({ cutAfter: bytes }), 'node', 'echo done; echo; echo', { typed: '', limit });
  await expect(running).rejects.toThrow(/`echo done; echo; echo` at a terminal in node .*, so its output may be cut\./);
});

test('a program at a terminal that does not end within its limit is an error', async () => {
  const running = runAtTerminal(await engineThat(), 'node', 'echo prompt; sleep 60', { typed: '', limit: 500 });
  await expect(running).rejects.toThrow(/has not ended after 500 ms, so its output may be cut\. Received last: prompt/);
});
