import { expect, test } from '@jest/globals';
import type { Mutant } from '../../mutants/mutant.ts';
import { ledger } from '../ledger/claims.ts';
import { exampleEvidence, exampleReport } from '../report/example.ts';
import type { ClaimReport } from '../report/format.ts';
import { brokenClusters } from './broken-clusters.ts';
import { judgeMutant, type MutantResult, type Results, scriptOf } from './mutant-results.ts';

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

/** Returns what a run of the mutant saw of claims. */
function result(claims: readonly ClaimReport[]): MutantResult {
  return { ...judgeMutant(mutant, claims), version: 'v1.36.3', script: scriptOf(mutant) };
}

/** Draws the document for two mutants, of which only the first has a result on one node in iptables mode. */
function documentOf(claims: readonly ClaimReport[]): string {
  return brokenClusters({ first: mutant, second: mutant }, {}, { clusters: { default: { first: result(claims) } } });
}

/** Returns the cells of the last row whose first cell is this one. */
function cells(claims: readonly ClaimReport[], row: string): string[] {
  const lines = documentOf(claims).split('\n');
  const found = lines.findLast((line) => new RegExp(`^\\| *${row} *\\|`).test(line)) ?? '';
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
  const part = claim('no-pods-time-out', 'drifted', [{ ...drifted({ ending: 'timed out' }), id: 'refused-from-a-pod' }]);
  expect(cells([...claims, part], 'no-pods-time-out/refused-again')).toEqual(['']);
});

test('an unexpected result is bold, and a red check that the mutant does not name is not', () => {
  expect(cells([fromNode({ ending: 'refused' }), types], 'from-node/node-is-answered')).toEqual(['**✘ refused**']);
  const red = claim('default-type', 'drifted', [{ ...drifted('NodePort'), id: 'type-is-cluster-ip' }]);
  expect(cells([fromNode({ ending: 'timed out' }), red], 'default-type/type-is-cluster-ip')).toEqual(['**✘ "NodePort"**']);
  const other = claim('no-route-to-host', 'drifted', [{ ...drifted({ ending: 'timed out' }), id: 'not-unreachable' }]);
  expect(cells([fromNode({ ending: 'timed out' }), types, other], 'no-route-to-host/not-unreachable')).toEqual(['✘ timed out']);
});

test('a suite of which no check was run has no table, and a mutant under which all stayed green is below it', () => {
  const document = documentOf([fromNode({ ending: 'timed out' }), types]);
  expect(document).toContain('### chapter/node');
  expect(document).not.toContain('### chapter/dns');
  const other = claim('within-a-second', 'confirmed', ledger['within-a-second']?.checks.map((id) => ({ ...passed, id })) ?? []);
  expect(documentOf([other])).toMatch(/\n### beyond\/timing\n\nEvery check ran and stayed green on: first\.\n/);
});

test('a mutant without a result is named as not run yet, and so is one whose script has changed since', () => {
  expect(documentOf([types])).toContain('\nNot run yet: second.\n');
  const clusters = { default: { first: { ...result([types]), script: 'another' } } };
  expect(brokenClusters({ first: mutant, second: mutant }, {}, { clusters })).toContain('\nNot run yet: first, second.\n');
});

test('each cluster has a section with the mutants that fit it, by what they expect there', () => {
  const there: Mutant = { ...mutant, nftables: { red: { 'from-node': { 'node-is-answered': 'refused' } } } };
  const mutants = {
    there,
    'not-there': { ...mutant, nftables: 'It has no such rules.' },
    second: { ...mutant, profile: 'two-nodes' as const },
  };
  const refused = judgeMutant({ ...mutant, ...(there.nftables as object) }, [fromNode({ ending: 'refused' }), types]);
  const clusters: Results['clusters'] = { nftables: { there: { ...refused, version: 'v1.36.3', script: scriptOf(mutant) } } };
  const [, iptables = '', nftables = '', twoNodes = ''] = brokenClusters(mutants, {}, { clusters }).split(/^## /m);
  expect(iptables).toMatch(/^In iptables mode\n\nNot run yet: there, not-there\.\n/);
  expect(nftables).toMatch(/^In nftables mode\n\nKubernetes v1\.36\.3\.\n/);
  expect(nftables).toContain('| from-node/node-is-answered | default-type |');
  expect(nftables).toContain('\n- not-there: It has no such rules.\n');
  expect(nftables).toContain('|from-node/node-is-answered|✘ refused|');
  expect(twoNodes).toMatch(/^With two nodes\n\nNot run yet: second\.\n/);
});
