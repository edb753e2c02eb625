import { expect, test } from '@jest/globals';
import { ledger } from '../ledger/claims.ts';
import { chosenBy } from './k3s-arguments.ts';
import { profileNamed, profiles } from './profiles.ts';

test('every profile has a name of its own, asks a question and names claims of the ledger only', () => {
  expect(new Set(profiles.map(({ name }) => name)).size).toBe(profiles.length);
  for (const { name, asks, claims = [] } of profiles) {
    expect(name).toMatch(/^[a-z0-9-]+$/);
    expect(asks).toMatch(/^[A-Z].*\?$/);
    expect(claims.filter((id) => !(id in ledger))).toEqual([]);
  }
});

test('the default profile chooses nothing, nftables the proxy mode alone', () => {
  expect(chosenBy(profileNamed('default').k3sArgs)).toEqual({ ranges: false, proxyMode: false });
  expect(chosenBy(profileNamed('nftables').k3sArgs)).toEqual({ ranges: false, proxyMode: true });
});

test('an unknown profile is named', () => {
  expect(() => profileNamed('ipvs')).toThrow('there is no profile ipvs');
});
