import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from '../base/paths.ts';
import { ledger } from '../ledger/claims.ts';
import { capabilities, type Findings } from '../ledger/capabilities.ts';
import { exampleDescription } from './example.ts';
import { chosenBy, disabledBy, rangesSetBy } from './k3s-arguments.ts';
import { profileNamed, profiles } from './profiles.ts';

test('every profile has a name of its own, asks a question and names claims of the ledger only', () => {
  expect(new Set(profiles.map(({ name }) => name)).size).toBe(profiles.length);
  for (const { name, asks, claims = [] } of profiles) {
    expect(name).toMatch(/^[a-z0-9-]+$/);
    expect(asks).toMatch(/^[A-Z].*\?$/);
    expect(claims.filter((id) => !(id in ledger))).toEqual([]);
  }
});

/** The capabilities of a disposable cluster that depend on its profile. */
const byProfile = ['default ranges', 'default proxy', 'two nodes', 'dual stack', 'small Service range', 'short sync'] as const;

test.each(profiles)('$name gives what its arguments and nodes make of the cluster, and nothing else', ({ k3sArgs, nodes, gives }) => {
  const found: Findings = {
    ...exampleDescription,
    k3sArgs,
    chosen: chosenBy(k3sArgs),
    disabled: disabledBy(k3sArgs),
    serviceRanges: rangesSetBy(k3sArgs).services,
    nodes: Array.from({ length: nodes }, () => ({ ready: true, takesPods: true })),
  };
  expect(byProfile.filter((name) => capabilities[name].missing(found) === undefined)).toEqual(gives);
});

test.each(profiles.map(({ k3sArgs, ...rest }) => ({ ...rest, ...rangesSetBy(k3sArgs) })))(
  '.ci/setup has a route that leads nowhere for each range of $name',
  ({ services, pods }) => {
    const [, routes = ''] = /^ranges='(.*)'$/m.exec(readFileSync(join(root, '.ci/setup'), 'utf8')) ?? [];
    for (const range of [...services, ...pods]) expect(routes.split(' ')).toContain(range);
  },
);

test('the default profile passes no argument', () => {
  expect(profileNamed('default').k3sArgs).toEqual([]);
});

test('the default profile chooses nothing, nftables the proxy mode alone', () => {
  expect(chosenBy(profileNamed('default').k3sArgs)).toEqual({ ranges: false, proxyMode: false });
  expect(chosenBy(profileNamed('nftables').k3sArgs)).toEqual({ ranges: false, proxyMode: true });
});

test('an unknown profile is named', () => {
  expect(() => profileNamed('ipvs')).toThrow('there is no profile ipvs');
});
