import { expect, test } from '@jest/globals';
import { distributionOf, runsOf, sightOf } from './looks.ts';

const look = (seen: unknown, at = 0, what = 'an answer') => ({ fact: 'answers', at, what, seen });
const attempt = { from: 'ns/pod', to: 'http://10.43.1.2/', ending: 'answered', ms: 3, said: 'web', address: '10.43.1.2' };

test.each([
  ['a connection', attempt, { ending: 'answered', ms: 3, text: 'ns/pod → http://10.43.1.2/: web', gist: 'web' }],
  [
    'a refused one, whose words say no more than its ending',
    { ...attempt, ending: 'refused', said: 'Connection refused' },
    { ending: 'refused', ms: 3, text: 'ns/pod → http://10.43.1.2/: Connection refused' },
  ],
  [
    'a name that resolves',
    { from: 'ns/pod', name: 'web', addresses: ['10.43.1.2'] },
    { ending: 'resolved', text: 'ns/pod asks for web: 10.43.1.2', gist: '10.43.1.2' },
  ],
  [
    'a name that does not',
    { from: 'ns/pod', name: 'web', addresses: [] },
    { ending: 'unresolved', text: 'ns/pod asks for web: no address', gist: '' },
  ],
  ['a command', { exitCode: 2, output: 'sh: syntax error\n' }, { ending: 'exit 2', text: 'sh: syntax error', gist: 'sh: syntax error\n' }],
  ['names', ['one', 'two'], { ending: 'seen', text: 'one, two', gist: 'one, two' }],
  ['words', 'iptables', { ending: 'seen', text: 'iptables', gist: 'iptables' }],
  ['anything else', { port: 80 }, { ending: 'seen', text: '{"port":80}', gist: '{"port":80}' }],
  ['a number', 99, { ending: 'seen', text: '99', gist: '99' }],
  ['nothing', undefined, { ending: 'seen', text: 'nothing', gist: 'nothing' }],
])('a look at %s is told', (_, seen, sight) => {
  expect(sightOf(look(seen))).toEqual(sight);
});

test.each([
  ['counts by Pod', { one: 13, two: 0 }, { one: 13, two: 0 }],
  ['no counts', {}, undefined],
  ['a command, though its exit code is a number', { exitCode: 0, output: '' }, undefined],
  ['a number', 99, undefined],
  ['names', ['one'], undefined],
  ['fractions', { one: 0.5 }, undefined],
])('a distribution is read from %s', (_, seen, expected) => {
  expect(distributionOf(look(seen))).toEqual(expected);
});

test('looks that waited for the same and ended alike are one run, until one differs', () => {
  const refused = { ...attempt, ending: 'refused' };
  const looks = [look(refused, 1), look(attempt, 2), look(attempt, 3), look(attempt, 4, 'an answer on the node'), look(attempt, 5)];
  expect(runsOf(looks).map(({ what, ending, looks: those }) => [what, ending, those.map(({ at }) => at)])).toEqual([
    ['an answer', 'refused', [1]],
    ['an answer', 'answered', [2, 3]],
    ['an answer on the node', 'answered', [4]],
    ['an answer', 'answered', [5]],
  ]);
});
