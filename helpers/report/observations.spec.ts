import { expect, test } from '@jest/globals';
import { exampleEvidence, passed } from './example.ts';
import {
  chanceRange,
  delayNote,
  distributionOf,
  endingOf,
  endingsOf,
  inWords,
  observationLine,
  settledObservations,
  waitsOf,
} from './observations.ts';

const observed = (seen: unknown, at = 0, what = 'an answer') => ({ check: 'answers', at, what, seen });
const attempt = { from: 'ns/pod', to: 'http://10.43.1.2/', ending: 'answered', ms: 3, response: 'web', address: '10.43.1.2' };

const open = { from: 'ns/pod', to: 'open connection to 10.43.1.2:80', ending: 'answered', response: 'web' };
const silent = { from: 'ns/pod', to: 'udp 10.43.1.2 80', sourcePort: 20_001, ending: 'silent', response: '' };
const echo = { to: '10.43.1.2', ending: 'timed out', echoes: 0, errors: 0, exitCode: 1, output: 'PING 10.43.1.2\n3 packets sent\n' };
const resolved = { from: 'ns/pod', name: 'web', addresses: ['10.43.1.2'] };
const terminating = { ending: 'answered', response: 'web', endpoints: [] };

test.each([
  ['a connection', attempt, { ending: 'answered', ms: 3, text: 'ns/pod → http://10.43.1.2/: web', gist: 'web' }],
  [
    'a refused one, whose response adds nothing to its ending',
    { ...attempt, ending: 'refused', response: 'Connection refused' },
    { ending: 'refused', ms: 3, text: 'ns/pod → http://10.43.1.2/: Connection refused' },
  ],
  ['a request on an open connection', open, { ending: 'answered', text: 'ns/pod → open connection to 10.43.1.2:80: web', gist: 'web' }],
  ['a datagram without an answer', silent, { ending: 'silent', text: 'ns/pod → udp 10.43.1.2 80: silent' }],
  [
    'an echo request, by how it ended and what was printed',
    echo,
    { ending: 'timed out', text: 'PING 10.43.1.2\n3 packets sent', gist: 'PING 10.43.1.2\n3 packets sent' },
  ],
  [
    'an attempt beside other fields',
    terminating,
    { ending: 'answered', text: 'response web, endpoints none', gist: 'response web, endpoints none' },
  ],
  ['a name that resolves', resolved, { ending: 'resolved', text: 'ns/pod asks for web: 10.43.1.2', gist: '10.43.1.2' }],
  [
    'a name that does not',
    { from: 'ns/pod', name: 'web', addresses: [] },
    { ending: 'unresolved', text: 'ns/pod asks for web: no address', gist: '' },
  ],
  ['a command', { exitCode: 2, output: 'sh: syntax error\n' }, { ending: 'exit 2', text: 'sh: syntax error', gist: 'sh: syntax error\n' }],
  ['names', ['one', 'two'], { ending: 'seen', text: 'one, two', gist: 'one, two' }],
  ['no names', [], { ending: 'seen', text: 'none', gist: 'none' }],
  [
    'endpoints',
    [
      { address: '10.42.0.5', pod: 'one', ready: true, ports: [80] },
      { address: '10.42.0.6', ready: false, ports: [] },
    ],
    {
      ending: 'seen',
      text: 'one 10.42.0.5:80, 10.42.0.6 without a port not ready',
      gist: 'one 10.42.0.5:80, 10.42.0.6 without a port not ready',
    },
  ],
  ['words', 'iptables', { ending: 'seen', text: 'iptables', gist: 'iptables' }],
  [
    'what the API server rejects',
    { code: 422, message: 'may not change once set' },
    { ending: 'rejected with 422', text: 'may not change once set', gist: 'may not change once set' },
  ],
  [
    'fields',
    { before: '10.43.1.2', after: null },
    { ending: 'seen', text: 'before 10.43.1.2, after nothing', gist: 'before 10.43.1.2, after nothing' },
  ],
  [
    'fields within fields',
    { type: 'ClusterIP', ports: [{ port: 8080, targetPort: 80 }], ranges: ['10.43.0.0/16'], empty: {}, none: [] },
    {
      ending: 'seen',
      text: 'type ClusterIP, ports (port 8080, targetPort 80), ranges 10.43.0.0/16, empty none, none none',
      gist: 'type ClusterIP, ports (port 8080, targetPort 80), ranges 10.43.0.0/16, empty none, none none',
    },
  ],
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

test('observations that looked at the same and ended alike are one streak, until one differs', () => {
  const refused = { ...attempt, ending: 'refused' };
  const all = [
    observed(refused, 1),
    observed(attempt, 2),
    observed(attempt, 3),
    observed(attempt, 4, 'another answer'),
    observed(attempt, 5),
  ];
  const waits = waitsOf(all).map(({ what, streaks }) => [
    what,
    ...streaks.map(({ ending, observations }) => [ending, observations.map(({ at }) => at)]),
  ]);
  expect(waits).toEqual([
    ['an answer', ['refused', [1]], ['answered', [2, 3]]],
    ['another answer', ['answered', [4]]],
    ['an answer', ['answered', [5]]],
  ]);
  expect(waitsOf(all)[0]).not.toHaveProperty('settled');
});

test('what was typed for an observation is a part of its wait, and does not divide it', () => {
  const typed = (at: number) => ({ ...observed({ exitCode: 0, output: 'web' }, at, 'kubectl get svc'), partOf: 'an answer' });
  const judged = (at: number) => ({ ...observed('web', at), accepted: true, inARow: 2 });
  const all = [typed(1), judged(1), typed(2), judged(2)];
  const [wait, ...others] = waitsOf(all);
  expect(others).toEqual([]);
  expect(wait).toMatchObject({ what: 'an answer', by: [{ what: 'kubectl get svc', typed: true }], settled: true });
  expect(wait?.streaks).toHaveLength(1);
  expect(settledObservations(exampleEvidence('one', [passed], { observations: all }), 'answers')).toEqual([judged(2)]);
});

/** Returns observations of one wait for two accepted ones in a row, at 100, 200, 300 ms and so on. */
const waited = (...accepted: boolean[]) =>
  accepted.map((it, index) => ({ ...observed(it ? 'yes' : 'no', (index + 1) * 100), accepted: it, inARow: 2 }));

test.each([
  ['as awaited from the beginning', waited(true, true), [{ settled: true }]],
  ['late', waited(false, false, true, true), [{ settled: true, delay: { from: 100, to: 300 } }]],
  ['with a row that broke off', waited(true, false, true, true), [{ settled: true, delay: { from: 200, to: 300 } }]],
  [
    'with an attempt that timed out',
    waited(false, true, true).map((it, index) => (index === 0 ? { ...it, seen: { ...attempt, ending: 'timed out', ms: 60 } } : it)),
    [{ settled: true, delay: { from: 40, to: 200 } }],
  ],
  ['never', waited(false, true, false), [{ settled: false }]],
  ['with too short a row at the end', waited(false, true), [{ settled: false }]],
  [
    'the same again once it was settled',
    waited(true, true, false, true, true),
    [{ settled: true }, { settled: true, delay: { from: 300, to: 400 } }],
  ],
])('a wait %s', (_, observations, expected) => {
  const waits = waitsOf(observations).map(({ settled, delay }) => ({ settled, ...(delay === undefined ? {} : { delay }) }));
  expect(waits).toEqual(expected);
});

test('accepted observations are a streak of their own, also where they ended alike', () => {
  const [wait] = waitsOf(waited(false, true, true).map((observation) => ({ ...observation, seen: attempt })));
  expect(wait?.streaks.map(({ accepted, observations }) => [accepted, observations.length])).toEqual([
    [false, 1],
    [true, 2],
  ]);
});

// Of the binomial distribution of 60 draws at 1/3: P(X < 8) = 0.0001, P(X > 32) = 0.0005.
test.each([
  ['31 of 60, which is 51.7 %, is within chance for three Pods', { one: 31, two: 14, three: 15 }, { least: 8, most: 32 }],
  ['with many connections the range is narrow', { one: 200, two: 200, three: 200 }, { least: 163, most: 237 }],
  ['too few connections', { one: 9, two: 10 }, undefined],
  ['a single Pod', { one: 60 }, undefined],
])('chance: %s', (_, counts, range) => {
  expect(chanceRange(counts)).toEqual(range);
});

const slow = (ending: string, ms: number, to = attempt.to) => observed({ ...attempt, to, ending, ms });

test.each([
  ['answered', slow('answered', 1_010), /^About 1 s: nothing came back for the first packet.*rules that lead to the Pod\.$/],
  ['refused', slow('refused', 1_030), /net\.ipv4\.icmp_ratelimit/],
  ['unreachable', slow('unreachable', 1_005), /No machine on the last network has the address/],
  ['unreachable after three', slow('unreachable', 3_064), /No machine on the last network has the address/],
  ['over UDP', slow('refused', 927, 'udp 10.43.1.2:53'), /the start of the client program/],
])('an attempt of about a second or three has a note on the cause: %s', (_, observation, note) => {
  expect(delayNote(observation)).toMatch(note);
});

test.each([
  ['quick', slow('refused', 1)],
  ['slow for another reason', slow('answered', 700)],
  ['at the limit of the client', slow('timed out', 1_010)],
  ['longer than one repeat explains', slow('answered', 1_499)],
  ['answered after another time', slow('answered', 3_064)],
  ['no connection', observed('yes')],
])('no note on one that is %s', (_, observation) => {
  expect(delayNote(observation)).toBeUndefined();
});

test.each([
  ['a connection', attempt, 'answered', 'http://10.43.1.2/ answered after 3 ms: web'],
  ['a request on an open connection', open, 'answered', 'open connection to 10.43.1.2:80 answered: web'],
  ['a datagram without an answer', silent, 'silent', 'udp 10.43.1.2 80 silent'],
  ['an echo request', echo, 'timed out', 'timed out: PING 10.43.1.2 … (1 more lines)'],
  ['a name', resolved, 'resolved', 'ns/pod asks for web: 10.43.1.2'],
  ['names', ['one', 'two'], undefined, 'one, two'],
  ['text of several lines', 'one\ntwo\nthree', undefined, 'one … (2 more lines)'],
])('the ending and the line of %s', (_, seen, ending, line) => {
  expect([endingOf(observed(seen)), observationLine(observed(seen))]).toEqual([ending, line]);
});

test.each([
  ['one attempt', attempt, ['answered']],
  ['several', [attempt, open, { ...attempt, ending: 'refused' }], ['answered', 'refused']],
  ['counts by ending, without those that did not occur', { answered: 13, refused: 11, unreachable: 0 }, ['answered', 'refused']],
  ['counts by Pod', { one: 13, two: 11 }, []],
  ['a command', { exitCode: 0, output: '' }, []],
  ['nothing', null, []],
])('the endings in %s', (_, seen, expected) => {
  expect(endingsOf({ seen })).toEqual(expected);
});

test('the last observation of each thing that a check looked at is the one that it settled on', () => {
  const observations = [observed('a', 1, 'x'), observed('b', 2, 'x'), { ...observed('c', 3, 'x'), check: 'other' }, observed('d', 4, 'y')];
  const evidence = exampleEvidence('port-exposed', [passed], { observations });
  expect(settledObservations(evidence, 'answers').map(({ seen }) => seen)).toEqual(['b', 'd']);
});

test('what a check awaits side by side settles once each, however the observations alternate', () => {
  const observations = [observed('a', 1, 'x'), observed('b', 2, 'y'), observed('c', 3, 'x'), observed('d', 4, 'y')];
  const evidence = exampleEvidence('port-exposed', [passed], { observations });
  expect(settledObservations(evidence, 'answers').map(({ seen }) => seen)).toEqual(['c', 'd']);
});
