import { expect, test } from '@jest/globals';
import { drifted, exampleEvidence, exampleReport } from '../report/example.ts';
import { flakes } from './steadiness.ts';

const green = { ...exampleReport, claims: [] };
const red = {
  ...exampleReport,
  claims: exampleReport.claims
    .filter(({ outcome }) => outcome === 'drifted')
    .map((claim) => ({ ...claim, evidence: exampleEvidence(claim.id, [drifted]) })),
};

test('runs without a red claim have no flake', () => {
  expect(flakes([{ condition: 'quiet', report: green }])).toEqual([]);
});

test('a check that is red in several runs of a condition is one flake, with what it last saw', () => {
  const runs = ['quiet', 'busy', 'quiet'].map((condition) => ({ condition, report: red }));
  expect(flakes(runs)).toEqual([
    expect.stringMatching(/^time-out\/refused drifted, quiet, 2 times: timed out; waited 30001 ms/),
    expect.stringMatching(/^time-out\/refused drifted, busy, 1 times: timed out; /),
  ]);
});

test('a run without a report is a flake, and a claim without evidence is named by itself', () => {
  const broken = { ...exampleReport, claims: exampleReport.claims.filter(({ outcome }) => outcome === 'broken') };
  const found = flakes([
    { condition: 'busy', report: undefined },
    { condition: 'busy', report: broken },
  ]);
  expect(found).toEqual([
    expect.stringMatching(/^no report, busy, 1 times/),
    expect.stringMatching(/^clean-up broken, busy, 1 times: not shown/),
  ]);
});
