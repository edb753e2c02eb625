import { expect, test } from '@jest/globals';
import type { E2eTest } from '../ledger/e2e.ts';
import type { Claim } from '../ledger/row.ts';
import { renderCoverage } from './coverage.ts';

const row: Claim = {
  origin: { document: 'the chapter', section: 'Summary' },
  suite: 'chapter/ports',
  says: 'It is so.',
  why: 'kube-proxy does it.',
  verdict: 'holds',
  checks: ['so'],
};
const e2e = [{ test: 'Services should be <so>', stricter: 'It asks once.' }];
const ledger: Record<string, Claim> = { one: { ...row, e2e }, two: { ...row, e2e, needs: ['two nodes'] }, other: row };
const tests: E2eTest[] = [
  { group: 'Services', name: 'should be <so>', test: 'Services should be <so>', conformance: true, needs: 'two nodes' },
  { group: 'Services', name: 'should wait', test: 'Services should wait', needs: 'three zones', outOfScope: 'It waits.' },
  { group: '[Feature:X]', name: 'should be new', test: '[Feature:X] should be new', conformance: true },
];
const text = renderCoverage(ledger, tests);

test('each test has its marks, and the claims that cover it with how they are stricter, or the reason why none does', () => {
  expect(text.slice(text.indexOf('## Services'))).toBe(
    [
      '## Services',
      '',
      '- **should be &lt;so&gt;** (conformance; needs two nodes)',
      '  - [one](verdicts.md#one): It asks once.',
      '  - [two](verdicts.md#two): It asks once.',
      '- **should wait** (needs three zones)',
      '  - Not covered. It waits.',
      '',
      '## `[Feature:X]`',
      '',
      '- **should be new** (conformance)',
      '  - Not covered. No reason is given yet.',
      '',
    ].join('\n'),
  );
});

test('the counts tell what is covered, and what one node can show that e2e.test skips there', () => {
  for (const line of [
    '- 3 tests: 1 covered, 2 not.',
    "- 2 tests of Kubernetes' certified conformance: 1 covered.",
    '- 2 tests skip themselves on one node: 1 covered, 1 of them by claims that one node can show.',
    '- 1 claim of 3 show what none of these tests shows.',
  ])
    expect(text).toContain(`${line}\n`);
});
