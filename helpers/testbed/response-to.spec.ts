import { expect, test } from '@jest/globals';
import { Refused } from '../kube/refusal.ts';
import { responseTo } from './response-to.ts';

test('a request that is refused has the code and the message of the API server, and one that is accepted has 200', async () => {
  const refused = Promise.reject(new Refused(422, JSON.stringify({ message: 'spec.ports[0].port: Invalid value: 0' })));
  expect(await responseTo('port 0', refused)).toEqual({ code: 422, message: 'spec.ports[0].port: Invalid value: 0' });
  expect(await responseTo('port 1', Promise.resolve({}))).toEqual({ code: 200, message: 'accepted' });
});

test('any other error is thrown again', async () => {
  await expect(responseTo('port 1', Promise.reject(new Error('ECONNREFUSED')))).rejects.toThrow('ECONNREFUSED');
});
