import { expect, test } from '@jest/globals';
import type { Mutant } from '../../mutants/mutant.ts';
import { exampleEvidence, exampleReport } from '../report/example.ts';
import type { ClaimReport } from '../report/format.ts';
import { brokenClusters } from './broken-clusters.ts';
import { judgeMutant } from './mutant-results.ts';

const mutant: Mutant = {
  breaks: 'The Service proxy is stopped.',
  how: 'It is out of memory.',
  apply: ':',
  mend: ':',
  red: { 'from-node': { 'node-is-answered': 'timed out' } },
  green: ['default-type'],
};

const passed = { title: '', outcome: 'passed' as const, ms: 1 };
const drifted = (seen: unknown) => ({ title: '', outcome: 'drifted' as const, ms: 1, seen });

function claim(id: string, outcome: ClaimReport['outcome'], checks: Parameters<typeof exampleEvidence>[1]): ClaimReport {
  const [first] = exampleReport.claims;
  if (first === undefined) throw new Error('the example has no claim');
  return { ...first, id, outcome, evidence: exampleEvidence(id, checks) };
}

/** Draws the document for two mutants, of which only the first has a result, and returns the cells of a row by its first cell. */
function cells(claims: readonly ClaimReport[], row: string): string[] {
  const results = { about: 'a made-up cluster', mutants: { first: judgeMutant(mutant, claims) } };
  const lines = brokenClusters({ first: mutant, second: mutant }, {}, results).split('\n');
  const found = lines.find((line) => new RegExp(`^\\| *${row} *\\|`).test(line)) ?? '';
  return found
    .split(/(?<!\\)\|/)
    .slice(2, -1)
    .map((cell) => cell.trim());
}

const types = claim('default-type', 'confirmed', [{ ...passed, id: 'type-is-cluster-ip' }]);
const fromNode = (seen: unknown) =>
  claim('from-node', 'drifted', [
    { ...drifted(seen), id: 'node-is-answered' },
    { ...passed, id: 'node-is-refused-without-pods' },
  ]);

test('a cell shows the ending of a red check, a dot for a green one, and nothing for one that did not run', () => {
  const claims = [fromNode({ ending: 'timed out' }), types];
  expect(cells(claims, 'from-node/node-is-answered')).toEqual(['✘ timed out']);
  expect(cells(claims, 'from-node/node-is-refused-without-pods')).toEqual(['·']);
  expect(cells(claims, 'random-pod/every-pod-gets-its-share')).toEqual(['']);
});

test('an unexpected result is bold, and a red check that the mutant does not name is not', () => {
  expect(cells([fromNode({ ending: 'refused' }), types], 'from-node/node-is-answered')).toEqual(['**✘ refused**']);
  const red = claim('default-type', 'drifted', [{ ...drifted('NodePort'), id: 'type-is-cluster-ip' }]);
  expect(cells([fromNode({ ending: 'timed out' }), red], 'default-type/type-is-cluster-ip')).toEqual(['**✘ "NodePort"**']);
  const other = claim('no-route-to-host', 'drifted', [{ ...drifted({ ending: 'timed out' }), id: 'not-unreachable' }]);
  expect(cells([fromNode({ ending: 'timed out' }), types, other], 'no-route-to-host/not-unreachable')).toEqual(['✘ timed out']);
});

test('a mutant without a result is named as not run yet', () => {
  expect(cells([], 'second')[1]).toBe('not run yet');
});
