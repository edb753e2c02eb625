import { expect, test } from '@jest/globals';
import { profileListing } from './profile-listing.ts';

test('the listing has how each profile starts its cluster, what it gives, for which claims it is, and its seconds', () => {
  expect(
    profileListing([
      { name: 'plain', asks: 'Is it so?', k3sArgs: [], nodes: 1, gives: [], seconds: 90 },
      {
        name: 'other',
        asks: 'And so?',
        k3sArgs: ['--a=b', '--c=d'],
        nodes: 2,
        minor: 'previous',
        gives: ['default proxy', 'two nodes'],
        claims: ['default-type', 'no-affinity'],
        seconds: 30,
      },
    ]),
  ).toBe(`plain          Is it so?
               passes no argument; about 90 s
other          And so?
               2 nodes, a node of the minor version before, passes --a=b --c=d; about 30 s
               gives: default proxy, two nodes
               only for: default-type, no-affinity`);
});
