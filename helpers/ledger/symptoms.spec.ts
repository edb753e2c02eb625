import { describe, expect, test } from '@jest/globals';
import { endings } from '../base/endings.ts';
import { symptoms, symptomsFor } from './symptoms.ts';

// These are no symptoms: a connection that ends well, and one that the suite itself does not understand.
const noSymptoms: readonly string[] = ['answered', 'broken'];

test('every ending of a connection that is a symptom has a row, and only one', () => {
  const wanted = endings.filter((ending) => !noSymptoms.includes(ending));
  const found = symptoms.flatMap(({ ending }) => (ending === undefined ? [] : [ending]));
  expect(found).toEqual(expect.arrayContaining([...wanted]));
  expect(found).toEqual([...new Set(found)]);
  expect(found.filter((ending) => noSymptoms.includes(ending))).toEqual([]);
});

test('the columns that kubectl prints without an address have a row each', () => {
  expect(symptoms.filter(({ ending }) => ending === undefined).map(({ name }) => name)).toEqual(['`<none>`', 'blank']);
});

describe.each(symptoms.map((symptom) => [symptom.name, symptom] as const))('%s', (_, { claims, next }) => {
  test('names each claim once', () => {
    expect([...new Set(claims)]).toEqual(claims);
  });

  // A shell takes angle brackets as redirections, which is the very fault of the chapter's commands.
  test('has commands with placeholders in capitals, without angle brackets', () => {
    for (const { command } of next) expect(command).not.toMatch(/[<>]/);
  });
});

test.each([
  ['iptables', 'times out', 'refused at once'],
  ['nftables', 'refused at once', 'times out'],
])('in %s mode a port that the Service does not list %s', (mode, has, lacks) => {
  const meanings = (name: string) =>
    symptomsFor(mode)
      .find((symptom) => symptom.name === name)
      ?.means.join(' ');
  expect(meanings(has)).toContain('does not list the port');
  expect(meanings(lacks)).not.toContain('does not list the port');
});

test('in an unknown mode the meaning names the mode for which it is true', () => {
  const unlisted = symptomsFor('unknown').flatMap(({ means }) => means.filter((text) => text.includes('does not list the port')));
  expect(unlisted.map((text) => text.split(',')[0])).toEqual(['In nftables mode', 'In iptables mode']);
});
