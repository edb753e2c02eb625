import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../base/usage-error.ts';
import { ledger } from '../ledger/claims.ts';
import { titleOf } from '../ledger/row.ts';
import { claimsFor, selectClaims } from './selection.ts';

const rows = Object.entries(ledger);
const ofSuites = (...suites: string[]) => rows.filter(([, { suite }]) => suites.includes(suite)).map(([id]) => id);

test('without topics and pattern all claims are selected, in the order of the ledger', () => {
  expect(selectClaims([])).toEqual(rows.map(([id]) => id));
});

describe('a topic', () => {
  test('selects the claims of the suite file of that name', () => {
    expect(ofSuites('chapter/dns').length).toBeGreaterThan(1);
    expect(selectClaims(['chapter/dns'])).toEqual(ofSuites('chapter/dns'));
  });

  test('may be a part of the name, and match several files', () => {
    expect(selectClaims(['de'])).toEqual(ofSuites('chapter/node', 'chapter/debug-pod'));
  });

  test('adds to other topics, and a claim of two topics is selected once', () => {
    expect(selectClaims(['chapter/ports', 'chapter/dns', 'chapter/port'])).toEqual(ofSuites('chapter/dns', 'chapter/ports'));
  });

  test('that matches nothing is refused with the list of topics, even beside one that does', () => {
    expect(() => selectClaims(['dns', 'dnss', 'nod3'])).toThrow(/^No topic matches dnss or nod3\. There are address, .*dns, /);
    expect(() => selectClaims(['dnss'])).toThrow(UsageError);
  });
});

describe('a pattern', () => {
  test.each(rows.map(([id]) => id))('^%s: selects that claim alone', (id) => {
    expect(selectClaims([], `^${id}:`)).toEqual([id]);
  });

  test('is searched for in the id and the sentence, in upper or lower case', () => {
    const matching = rows.filter(([id, claim]) => titleOf(id, claim).toLowerCase().includes('endpoints')).map(([id]) => id);
    expect(matching.length).toBeGreaterThan(1);
    expect(selectClaims([], 'ENDPOINTS')).toEqual(matching);
  });

  test('narrows a topic', () => {
    expect(selectClaims(['dns', 'ports'], '^bare-url:')).toEqual(['bare-url']);
  });

  test('that matches only claims of another topic is refused, and they are named', () => {
    expect(() => selectClaims(['ports'], '^bare-url:')).toThrow('No claim of ports matches ^bare-url:; bare-url would, in another topic.');
  });

  test('that matches nothing, or is no regular expression, is refused', () => {
    expect(() => selectClaims([], 'no such claim')).toThrow('No claim matches no such claim. npm run claims lists them.');
    expect(() => selectClaims([], '(')).toThrow(/^-t \(: Invalid regular expression/);
    expect(() => selectClaims([], '(')).toThrow(UsageError);
  });
});

describe('a profile', () => {
  test('that is for all claims leaves out none, nor does an existing cluster', () => {
    expect(claimsFor('default', ['bare-url', 'no-affinity'])).toEqual(['bare-url', 'no-affinity']);
    expect(claimsFor(undefined, ['bare-url'])).toEqual(['bare-url']);
  });

  test('that is for some claims leaves out the others, in the order asked for', () => {
    expect(claimsFor('small-range', ['bare-url', 'never-changes', 'stable-virtual-ip'])).toEqual(['never-changes', 'stable-virtual-ip']);
  });

  test('that is for none of the claims is refused, and its claims are named', () => {
    expect(() => claimsFor('small-range', ['bare-url'])).toThrow(UsageError);
    expect(() => claimsFor('small-range', ['bare-url'])).toThrow('The profile small-range is for stable-virtual-ip, ');
  });
});
