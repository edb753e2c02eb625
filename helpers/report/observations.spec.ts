import { expect, test } from '@jest/globals';
import { exampleEvidence, passed } from './example.ts';
import { distributionOf, endingOf, inWords, observationLine, settledObservations, streaksOf } from './observations.ts';

const observed = (seen: unknown, at = 0, what = 'an answer') => ({ check: 'answers', at, what, seen });
const attempt = { from: 'ns/pod', to: 'http://10.43.1.2/', ending: 'answered', ms: 3, response: 'web', address: '10.43.1.2' };

test.each([
  ['a connection', attempt, { ending: 'answered', ms: 3, text: 'ns/pod → http://10.43.1.2/: web', gist: 'web' }],
  [
    'a refused one, whose response adds nothing to its ending',
    { ...attempt, ending: 'refused', response: 'Connection refused' },
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
])('an observation of %s is put into words', (_, seen, words) => {
  expect(inWords(observed(seen))).toEqual(words);
});

test.each([
  ['counts by Pod', { one: 13, two: 0 }, { one: 13, two: 0 }],
  ['no counts', {}, undefined],
  ['a command, though its exit code is a number', { exitCode: 0, output: '' }, undefined],
  ['a number', 99, undefined],
  ['names', ['one'], undefined],
  ['fractions', { one: 0.5 }, undefined],
])('a distribution is read from %s', (_, seen, expected) => {
  expect(distributionOf(observed(seen))).toEqual(expected);
});

test('observations that awaited the same and ended alike are one streak, until one differs', () => {
  const refused = { ...attempt, ending: 'refused' };
  const all = [
    observed(refused, 1),
    observed(attempt, 2),
    observed(attempt, 3),
    observed(attempt, 4, 'another answer'),
    observed(attempt, 5),
  ];
  expect(streaksOf(all).map(({ what, ending, observations: those }) => [what, ending, those.map(({ at }) => at)])).toEqual([
    ['an answer', 'refused', [1]],
    ['an answer', 'answered', [2, 3]],
    ['another answer', 'answered', [4]],
    ['an answer', 'answered', [5]],
  ]);
});

test.each([
  ['a connection', attempt, 'answered', 'http://10.43.1.2/ answered after 3 ms: web'],
  ['names', ['one', 'two'], undefined, 'one, two'],
  ['text of several lines', 'one\ntwo\nthree', undefined, 'one … (2 more lines)'],
])('the ending and the line of %s', (_, seen, ending, line) => {
  expect([endingOf(observed(seen)), observationLine(observed(seen))]).toEqual([ending, line]);
});

test('the last observation of each thing that a check looked at is the one that it settled on', () => {
  const observations = [observed('a', 1, 'x'), observed('b', 2, 'x'), { ...observed('c', 3, 'x'), check: 'other' }, observed('d', 4, 'y')];
  const evidence = exampleEvidence('port-exposed', [passed], { observations });
  expect(settledObservations(evidence, 'answers').map(({ seen }) => seen)).toEqual(['b', 'd']);
});
