import { expect, test } from '@jest/globals';
import type { Claim } from './row.ts';
import { renderVerdicts } from './verdicts.ts';

const ledger: Record<string, Claim> = {
  'no-answer': { section: 'Key Concepts', says: '`<none>` is <printed>.', verdict: 'holds', facts: ['printed', 'nobody'], needs: ['k3s'] },
  'time-out': {
    section: 'Key Concepts',
    says: 'It times out.',
    verdict: 'refuted',
    truth: 'It is refused.',
    facts: ['refused'],
    kubernetes: '>=1.33',
    sources: ['https://example.test/a_b', 'https://example.test/c'],
  },
};
const text = renderVerdicts(ledger, [{ section: 'Summary', says: 'It is best.', why: 'an opinion' }]);

test('each claim has a line for each of its fields, and none for what it does not have', () => {
  expect(text).toContain(
    [
      '## Key Concepts',
      '',
      '### no-answer',
      '',
      '- The chapter says: `<none>` is &lt;printed&gt;.',
      '- Verdict: **holds**',
      '- Shown by: `printed`, `nobody`',
      '- Needs: k3s',
      '',
      '### time-out',
      '',
      '- The chapter says: It times out.',
      '- Verdict: **refuted**',
      '- In truth: It is refused.',
      '- Shown by: `refused`',
      '- Kubernetes: `>=1.33`',
      '- Source: <https://example.test/a_b>',
      '- Source: <https://example.test/c>',
      '',
    ].join('\n'),
  );
});

test('it says first who writes it, counts the verdicts, and ends with what is excluded', () => {
  expect(text.split('\n')[2]).toMatch(/^Written by `npm run docs`/);
  expect(text).toContain('1 claims hold, 0 hold with a correction,\n1 are refuted.');
  expect(text.trimEnd().split('\n').at(-1)).toBe('- It is best. (Summary): an opinion');
});

test('a changed verdict is a line less and a line more, beside the counts', () => {
  const after = renderVerdicts({ ...ledger, 'time-out': { ...ledger['time-out'], verdict: 'corrected' } as Claim }, [
    { section: 'Summary', says: 'It is best.', why: 'an opinion' },
  ]).split('\n');
  const lines = text.split('\n');
  expect(after).toHaveLength(lines.length);
  expect(lines.filter((line, index) => line !== after[index])).toEqual([
    expect.stringContaining('1 claims hold'),
    expect.stringContaining('1 are refuted.'),
    '- Verdict: **refuted**',
  ]);
});
