import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { firstLineOf, messageOf } from './message-of.ts';

test.each([
  ['an error', new Error('no Pod is ready'), 'no Pod is ready'],
  ['an error of another realm', runInNewContext(`new TypeError('no Pod is ready')`) as unknown, 'no Pod is ready'],
  ['an object with a message, such as the event of a socket', { message: 'ECONNREFUSED' }, 'ECONNREFUSED'],
  ['a text', 'no Pod is ready', 'no Pod is ready'],
  ['nothing', undefined, 'undefined'],
  ['null', null, 'null'],
])('the message of %s', (_, thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});

test('its first line', () => {
  expect(firstLineOf(new Error('refused\nGET /api'))).toBe('refused');
});
