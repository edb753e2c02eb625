import { expect, test } from '@jest/globals';
import { addressAt, maskedRange, numberIn, overlap, sizeOf } from './ranges.ts';

test.each([
  ['10.43.0.0/16', 0, '10.43.0.0'],
  ['10.43.0.0/16', 77, '10.43.0.77'],
  ['10.43.0.0/16', 65_535, '10.43.255.255'],
  ['10.45.0.192/27', 17, '10.45.0.209'],
  ['fd00:10:43::/112', 258, 'fd00:10:43::102'],
])('of %s, number %d is %s', (range, number, address) => {
  expect(addressAt(range, number)).toBe(address);
  expect(numberIn(range, address)).toBe(number);
});

test('an address outside of a range has a number that the range does not have', () => {
  expect(numberIn('10.45.0.0/24', '10.43.0.1')).toBeLessThan(0);
  expect(numberIn('10.43.0.0/16', '10.45.0.1')).toBeGreaterThan(sizeOf('10.43.0.0/16'));
});

test.each([
  ['10.43.0.0/16', 65_536],
  ['10.45.0.224/28', 16],
  ['fd00:10:43::/112', 65_536],
])('%s has %d addresses', (range, size) => {
  expect(sizeOf(range)).toBe(size);
});

test.each([
  ['10.43.0.250/16', '10.43.0.0/16'],
  ['10.43.0.0/16', '10.43.0.0/16'],
  ['fd00:10:43::fa/112', 'fd00:10:43::/112'],
])('%s, masked, is %s', (range, masked) => {
  expect(maskedRange(range)).toBe(masked);
});

test.each([
  ['10.43.0.0/16', '10.43.128.0/17', true],
  ['10.43.128.0/17', '10.43.0.0/16', true],
  ['10.42.0.0/16', '10.43.0.0/16', false],
  ['fd00:43::/112', 'fd00::/16', true],
  ['10.43.0.0/16', '::/0', false],
])('that %s and %s overlap is %s', (one, other, does) => {
  expect(overlap(one, other)).toBe(does);
});
