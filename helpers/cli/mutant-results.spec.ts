import { expect, test } from '@jest/globals';
import type { Mutant } from '../../mutants/mutant.ts';
import { exampleEvidence, exampleReport } from '../report/example.ts';
import type { ClaimReport } from '../report/format.ts';
import { judgeMutant, meets, type MutantResult, scriptOf, withEarlier } from './mutant-results.ts';

const mutant: Mutant = {
  breaks: 'The Service proxy is stopped.',
  how: 'It is out of memory.',
  apply: ':',
  mend: ':',
  red: { 'from-node': { 'node-is-answered': 'timed out' } },
  green: ['default-type'],
};

const check = (id: string, more: object) => ({ id, title: id, outcome: 'passed' as const, ms: 1, ...more });

function claim(id: string, outcome: ClaimReport['outcome'], checks: ReturnType<typeof check>[]): ClaimReport {
  const [first] = exampleReport.claims;
  if (first === undefined) throw new Error('the example has no claim');
  return { ...first, id, outcome, evidence: exampleEvidence(id, checks) };
}

const red = (seen: unknown) => claim('from-node', 'drifted', [check('node-is-answered', { outcome: 'drifted', seen, error: 'waited' })]);
const green = claim('default-type', 'confirmed', [check('type-is-cluster-ip', {})]);

test('an expected red and an expected green are nothing unexpected, and every check is recorded', () => {
  const result = judgeMutant(mutant, [red({ ending: 'timed out' }), green]);
  expect(result.unexpected).toEqual({});
  expect(result.claims).toEqual({ 'from-node': 'drifted', 'default-type': 'confirmed' });
  expect(result.checks).toEqual({
    'from-node/node-is-answered': { outcome: 'drifted', ending: 'timed out' },
    'default-type/type-is-cluster-ip': { outcome: 'passed', ending: '' },
  });
});

test('a red of another ending, a green claim that must be red and a red one that must be green are unexpected', () => {
  expect(Object.keys(judgeMutant(mutant, [red({ ending: 'refused' }), green]).unexpected)).toEqual(['from-node/node-is-answered']);
  const stayedGreen = claim('from-node', 'confirmed', [check('node-is-answered', {})]);
  expect(Object.keys(judgeMutant(mutant, [stayedGreen, green]).unexpected)).toEqual(['from-node/node-is-answered']);
  const turnedRed = claim('default-type', 'drifted', [check('type-is-cluster-ip', { outcome: 'drifted', seen: 'NodePort' })]);
  expect(Object.keys(judgeMutant(mutant, [red({ ending: 'timed out' }), turnedRed]).unexpected)).toEqual(['default-type']);
});

test('where refusals are awaited, the last of many attempts may time out, because a kernel rations them', () => {
  const refuses: Mutant = { ...mutant, red: { 'from-node': { 'node-is-answered': 'refused' } } };
  const after = (...endings: string[]) => {
    const it = red({ ending: endings.at(-1) });
    const observations = endings.map((ending) => ({ check: 'node-is-answered', at: 0, what: 'an attempt', seen: { ending } }));
    return { ...it, evidence: { ...it.evidence, observations } } as unknown as ClaimReport;
  };
  expect(judgeMutant(refuses, [after('refused', 'timed out'), green]).unexpected).toEqual({});
  expect(Object.keys(judgeMutant(refuses, [after('timed out', 'timed out'), green]).unexpected)).toEqual(['from-node/node-is-answered']);
  expect(Object.keys(judgeMutant(refuses, [after('refused', 'answered'), green]).unexpected)).toEqual(['from-node/node-is-answered']);
});

test('a broken check is no red of the cluster', () => {
  const broken = claim('from-node', 'broken', [check('node-is-answered', { outcome: 'broken', seen: { ending: 'timed out' } })]);
  expect(Object.keys(judgeMutant(mutant, [broken, green]).unexpected)).toEqual(['from-node/node-is-answered']);
});

test('where the cluster could not be broken, everything is unexpected and says why', () => {
  const { unexpected } = judgeMutant(mutant, [], 'waited 45 s for every node to be Ready');
  expect(Object.keys(unexpected)).toEqual(['from-node/node-is-answered', 'default-type']);
  for (const why of Object.values(unexpected)) expect(why).toContain('waited 45 s');
});

test('a pattern is searched for in the JSON of what was seen, and an ending is compared as a whole', () => {
  expect(meets(/"addresses":\[\]/, { name: 'web', addresses: [] })).toBe(true);
  expect(meets(/^null$/, null)).toBe(true);
  expect(meets(/x/, undefined)).toBe(false);
  expect(meets('timed out', { ending: 'not timed out' })).toBe(false);
  expect(meets('timed out', 'timed out')).toBe(false);
});

const cell = { outcome: 'passed' as const, ending: '' };
const run = (claims: readonly string[], more: Partial<MutantResult> = {}): MutantResult => ({
  checks: Object.fromEntries(claims.map((id) => [`${id}/check`, cell])),
  claims: Object.fromEntries(claims.map((id) => [id, 'confirmed'])),
  unexpected: {},
  version: 'v1.36.3',
  script: scriptOf(mutant),
  ...more,
});

test('a run of some claims keeps what an earlier one saw of the others, and nothing of its own', () => {
  const earlier = run(['a', 'b'], {
    checks: { 'a/check': cell, 'a/renamed-since': cell, 'b/check': cell },
    unexpected: { 'b/check': 'it is not red' },
  });
  expect(withEarlier(run(['a', 'c']), earlier)).toEqual(run(['b', 'a', 'c']));
  expect(withEarlier(run(['a']), undefined)).toEqual(run(['a']));
});

test('it keeps nothing of another script or version', () => {
  expect(scriptOf({ apply: 'true' })).not.toBe(scriptOf(mutant));
  expect(withEarlier(run(['a']), run(['b'], { script: 'another' }))).toEqual(run(['a']));
  expect(withEarlier(run(['a']), run(['b'], { version: 'v1.35.4' }))).toEqual(run(['a']));
});
