import { expect, test } from '@jest/globals';
import { loadResultIn } from './load.ts';

test('requests are counted by the Pod that answered, and the others are lost for the reason that curl gave', () => {
  const printed = ['a\t0\t', 'b\t0\t', 'a\t0\t', '\t7\tFailed to connect to 10.43.0.9 port 8080', ''].join('\n');
  expect(loadResultIn(printed)).toEqual({
    sent: 4,
    answeredBy: { a: 2, b: 1 },
    lost: ['Failed to connect to 10.43.0.9 port 8080'],
  });
});

test('a lost request without a reason has the exit code', () => {
  expect(loadResultIn('\t28\t\n')).toEqual({ sent: 1, answeredBy: {}, lost: ['curl exits 28'] });
});

test.each([
  ['a last line that was cut is left out', 'a\t0\t\na\t'],
  ['so is one that lacks only its end', 'a\t0\t\na\t0\t'],
])('%s', (_, printed) => {
  expect(loadResultIn(printed)).toEqual({ sent: 1, answeredBy: { a: 1 }, lost: [] });
});

test('a load that was stopped before its first answer has sent nothing', () => {
  expect(loadResultIn('')).toEqual({ sent: 0, answeredBy: {}, lost: [] });
});
