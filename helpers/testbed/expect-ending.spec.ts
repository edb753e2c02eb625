import { expect, test } from '@jest/globals';
import type { Shell } from '../kube/shell.ts';
import { NotSettled } from '../probe/settle.ts';
import { expectEnding } from './expect-ending.ts';
import { atOnce } from './fakes.ts';

/** Returns a client whose attempts end so, one after the other, and then always as the last one: the exit code of curl, and the response or curl's reason. */
function client(...attempts: readonly (readonly [exitCode: number, text: string])[]): Shell & { asked: () => number } {
  let asked = 0;
  const run = () => {
    const [exitCode, text] = attempts[Math.min(asked++, attempts.length - 1)] ?? [127, ''];
    const report = JSON.stringify({ errormsg: null, time_total: 0.001, remote_ip: '10.43.1.2', http_code: 200 });
    return Promise.resolve({ exitCode, output: [exitCode === 0 ? text : '', report, exitCode === 0 ? '' : text].join('\x1e') });
  };
  return { name: 'clusterip-3ye99-clients/client', run, lost: () => false, close: () => undefined, asked: () => asked };
}

const url = 'http://10.43.1.2:8080/hostname';
const answered = (pod: string) => [0, pod] as const;
const refused = [7, 'connect failed: Connection refused'] as const;
const timedOut = [28, 'Connection timed out'] as const;

test('three answers in a row of the named Pod are awaited: an answer of another Pod begins the row anew', async () => {
  const asked = client(refused, answered('web'), answered('other'), answered('web'));
  const attempt = await atOnce(() => expectEnding(asked, url, 'answered', { by: 'web' }));
  expect(attempt).toMatchObject({ ending: 'answered', response: 'web', address: '10.43.1.2' });
  expect(asked.asked()).toBe(6);
});

test('two time-outs in a row are enough, since each has waited long', async () => {
  const asked = client(timedOut);
  await atOnce(() => expectEnding(Promise.resolve(asked), url, ['timed out', 'refused']));
  expect(asked.asked()).toBe(2);
});

test('what never ends as awaited is not settled, and the message names URL, client, ending and Pod', async () => {
  const error: unknown = await atOnce(() => expectEnding(client(refused), url, 'answered', { by: 'web', within: 1_000 })).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(NotSettled);
  expect(String(error)).toContain(`for ${url} from client to be answered by web (3 in a row)`);
});

test.each([
  [['answered'], 'to be answered'],
  [['timed out'], 'to time out'],
  [['timed out', 'refused', 'unreachable'], 'to time out or to be refused or to be unreachable'],
  [['unresolved'], 'to be unresolved'],
] as const)('the ending %s is awaited in words that make a sentence', async (ending, words) => {
  const strange = client([56, 'Recv failure']);
  const error: unknown = await atOnce(() => expectEnding(strange, url, ending, { within: 1_000 })).catch((thrown: unknown) => thrown);
  expect(String(error)).toContain(`${url} from client ${words} (`);
});
