import { expect, test } from '@jest/globals';
import { UsageError } from './usage-error.ts';

test('a usage error is an error with a name of its own', () => {
  const error = new UsageError('Start Docker.');
  expect(error).toBeInstanceOf(Error);
  expect([error.name, error.message]).toEqual(['UsageError', 'Start Docker.']);
});
