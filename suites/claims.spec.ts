import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Claim } from '../helpers/claims/row.ts';
import { claims, excluded } from './claims.ts';

const ledger: Readonly<Record<string, Claim>> = claims;
const rows = Object.entries(ledger);

test('ids, verdicts and order of the ledger are these', () => {
  expect(rows.map(([id, { verdict }]) => [id, verdict])).toEqual([
    ['service-yaml', 'holds'],
    ['stable-virtual-ip', 'holds'],
    ['all-pods-with-label', 'corrected'],
    ['selector-links', 'holds'],
    ['port-exposed', 'holds'],
    ['matches-container-port', 'corrected'],
    ['virtual-address', 'holds'],
    ['example-range', 'holds'],
    ['only-inside', 'corrected'],
    ['random-pod', 'holds'],
    ['short-name', 'holds'],
    ['from-any-pod', 'corrected'],
    ['bare-url', 'refuted'],
    ['fqdn-elsewhere', 'corrected'],
    ['angle-brackets', 'corrected'],
    ['pod-yaml', 'refuted'],
    ['service-file', 'corrected'],
    ['endpoints-list-pod', 'holds'],
    ['pod-range', 'holds'],
    ['none-means-mismatch', 'corrected'],
    ['debug-pod', 'holds'],
    ['welcome-page', 'refuted'],
    ['not-from-outside', 'holds'],
    ['from-node', 'holds'],
    ['due-to-kube-proxy', 'holds'],
    ['curl-on-node', 'corrected'],
    ['get-svc-shows-it', 'holds'],
    ['clean-up', 'holds'],
    ['decoupling', 'holds'],
    ['no-pods-endpoints', 'holds'],
    ['no-pods-time-out', 'refuted'],
    ['no-route-to-host', 'holds'],
    ['iptables-or-ipvs', 'corrected'],
    ['random-selection', 'corrected'],
    ['no-affinity', 'holds'],
    ['client-ip-affinity', 'holds'],
    ['default-type', 'holds'],
    ['inside-only-type', 'corrected'],
    ['node-port', 'holds'],
    ['load-balancer', 'refuted'],
    ['service-listens', 'corrected'],
    ['pod-listens', 'holds'],
    ['named-target-port', 'holds'],
    ['never-changes', 'holds'],
    ['limited-by-range', 'corrected'],
    ['default-range-size', 'holds'],
    ['verify-with-endpoints', 'corrected'],
  ]);
});

test.each(rows)('%s has a truth and a source, unless it simply holds', (_, row) => {
  const { truth, sources } = row.verdict === 'holds' ? { truth: 'as it says', sources: ['the chapter'] } : row;
  expect(truth).toMatch(/\S/);
  expect(sources.length).toBeGreaterThan(0);
});

test.each(rows)('%s has sources that are addresses', (_, { sources = [] }) => {
  for (const source of sources) expect(new URL(source).protocol).toBe('https:');
});

test.each(rows)('%s has facts, each of them once', (_, { facts }) => {
  expect(facts.length).toBeGreaterThan(0);
  expect(new Set(facts).size).toBe(facts.length);
});

test('what is excluded has a section, a sentence and a reason', () => {
  for (const row of excluded)
    expect(row).toEqual({ section: expect.stringMatching(/\S/), says: expect.stringMatching(/\S/), why: expect.stringMatching(/\S/) });
});

const suites = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.test.ts'));

/** The text of each claim in the suites, by its id: from its `claim('<id>'` to the next one. */
const told = suites
  .map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
  .flatMap((text) => text.split(/^claim\(\s*(?=')/m).slice(1))
  .map((text) => [text.split("'")[1] ?? '', text] as const);

test('every claim is told once in the suites, and no other', () => {
  expect(told.map(([id]) => id).sort()).toEqual(Object.keys(ledger).sort());
});

test.each(rows)('%s is told by the facts of its row', (id, row) => {
  const text = told.find(([other]) => other === id)?.[1] ?? '';
  const facts = [...text.matchAll(/\bfact\(\s*'([^']+)'/g)].map(([, fact]) => fact);
  expect(facts.sort()).toEqual([...row.facts].sort());
});

test('the corrected Pod differs from the printed one in one line, which is the one that says meta', () => {
  const [printed = [], corrected = []] = ['chapter', 'corrected'].map((folder) =>
    readFileSync(join(import.meta.dirname, `../manifests/${folder}/pod-for-service.yaml`), 'utf8').split('\n'),
  );
  expect(corrected).toHaveLength(printed.length);
  expect(printed.filter((line, index) => line !== corrected[index])).toEqual(['meta']);
  expect(corrected.filter((line, index) => line !== printed[index])).toEqual(['metadata:']);
});
