import { expect, test } from '@jest/globals';
import { inUrl } from './in-url.ts';

test('an IPv6 address is in brackets, IPv4 and names are not', () => {
  expect(['fd00:10:43::1', '10.43.0.1', 'web'].map(inUrl)).toEqual(['[fd00:10:43::1]', '10.43.0.1', 'web']);
  expect(new URL(`http://${inUrl('::1')}:8080/`).hostname).toBe('[::1]');
});
