import { expect, test } from '@jest/globals';
import { spread } from './spread.ts';

const columns = (figures: readonly number[], unit?: number) => spread(figures, unit).trim().split(/ +/);

test('median, least and greatest stand in columns of the same width, by default in seconds', () => {
  expect(spread([3000, 1000, 2500])).toBe('    2.5     1.0     3.0');
  expect(columns([4, 1, 2, 3], 1)).toEqual(['2.5', '1.0', '4.0']);
  expect(columns([7], 1)).toEqual(['7.0', '7.0', '7.0']);
});

test('without figures there are dashes', () => {
  expect(columns([])).toEqual(['–', '–', '–']);
});
