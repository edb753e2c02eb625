import { expect, test } from '@jest/globals';
import type { Claim } from '../ledger/row.ts';
import { exampleBeyond, exampleCluster, exampleReport } from './example.ts';
import type { Report } from './format.ts';
import { nothingObserved, observedFormat, seenIn, withReport } from './observed.ts';

const row: Claim = {
  origin: { document: 'EndpointSlices', section: 'Ports' },
  suite: 'beyond/endpoints',
  says: 'It is so.',
  why: 'kube-proxy does it.',
  verdict: 'holds',
  checks: ['answers'],
};
const wrong: Claim = { ...row, verdict: 'refuted', truth: 'It is not.', sources: ['https://example.test/a'] };
const corrected: Claim = { ...wrong, verdict: 'corrected' };
const ledger = { 'port-exposed': row, 'bare-url': wrong, 'time-out': corrected, slices: wrong };

const report: Report = { ...exampleReport, claims: [...exampleReport.claims, exampleBeyond] };
const on = (cluster: Partial<Report['cluster']>): Report => ({ ...report, cluster: { ...exampleCluster, ...cluster } });
const observed = withReport(nothingObserved, report, ledger);

test('it has the claims that do not hold and were confirmed or drifted, with the titles of their checks', () => {
  expect(observedFormat.parse(observed)).toEqual(observed);
  expect(observed.runs).toEqual([
    {
      node: 'k3s',
      kubernetes: 'v1.36.3+k3s1',
      proxyMode: 'iptables',
      profile: 'default',
      date: '2026-11-24',
      claims: { 'bare-url': 'refuted, confirmed', 'time-out': 'corrected, drifted', slices: 'refuted, confirmed' },
    },
  ]);
  expect(observed.checks.slices).toEqual({ answers: 'the listed port answers' });
});

test('a run on the same kind of cluster replaces what it saw again, and keeps the rest; another kind is added', () => {
  const again = withReport(
    observed,
    { ...report, startedAt: '2026-11-25T00:00:00Z', claims: [{ ...exampleBeyond, outcome: 'drifted' }] },
    ledger,
  );
  expect(again.runs).toHaveLength(1);
  expect(again.runs[0]?.date).toBe('2026-11-25');
  expect(again.runs[0]?.claims).toEqual({ 'bare-url': 'refuted, confirmed', 'time-out': 'corrected, drifted', slices: 'refuted, drifted' });
  expect(withReport(observed, on({ proxyMode: 'nftables' }), ledger).runs.map(({ proxyMode }) => proxyMode)).toEqual([
    'iptables',
    'nftables',
  ]);
});

test('claims that hold by now, or that the ledger has no longer, are dropped; so are runs that saw no other', () => {
  expect(withReport(observed, on({ adopted: true, version: 'v1.35.0' }), { slices: row }).runs).toEqual([]);
  expect(withReport(observed, report, { slices: wrong }).runs[0]?.claims).toEqual({ slices: 'refuted, confirmed' });
});

test('where a claim was seen is a line for each version, with modes and profiles; a verdict that has changed was not seen', () => {
  const others = [
    on({ proxyMode: 'nftables', profile: 'nftables' }),
    on({ profile: 'two-nodes' }),
    on({ standIn: true, version: 'v1.35.9' }),
    { ...report, cluster: { ...exampleCluster, version: 'v1.36.3', profile: undefined } },
  ];
  const all = others.reduce((before, one) => withReport(before, one, ledger), observed);
  expect(seenIn(all, 'slices', 'refuted')).toEqual({
    confirmed: [
      'v1.36.3+k3s1 (k3s): iptables mode (default, two-nodes) and nftables mode (nftables)',
      'v1.36.3 (Kubernetes): iptables mode (existing cluster)',
      'v1.35.9 (stand-in): iptables mode (default)',
    ],
    drifted: [],
  });
  expect(seenIn(all, 'time-out', 'corrected').drifted).toHaveLength(3);
  expect(seenIn(all, 'slices', 'corrected')).toEqual({ confirmed: [], drifted: [] });
});
