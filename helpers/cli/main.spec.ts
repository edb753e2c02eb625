import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { constants } from 'node:os';
import { expect, test } from '@jest/globals';

test('a command whose output nobody reads any more ends as one that was stopped, and not by a stack trace', async () => {
  const endless = `import { main, say } from ${JSON.stringify(join(import.meta.dirname, 'main.ts'))};
    await main(async () => { for (;;) { say('on and on'); await new Promise(setImmediate); } });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', endless], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [status] = (await once(child, 'close')) as [number];
  expect([status, said]).toEqual([128 + constants.signals.SIGPIPE, '\nSIGPIPE: removing what this run started …\n']);
});
