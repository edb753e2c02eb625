import { expect, test } from '@jest/globals';
import { profileListing } from './profile-listing.ts';

test('the listing has for each profile its question, its arguments, and its seconds where they are known', () => {
  expect(
    profileListing([
      { name: 'plain', asks: 'Is it so?', k3sArgs: [], nodes: 1, seconds: 90 },
      { name: 'other', asks: 'And so?', k3sArgs: ['--a=b', '--c=d'], nodes: 1 },
    ]),
  ).toBe(`plain        Is it so?
             passes no argument; about 90 s
other        And so?
             passes --a=b --c=d`);
});
