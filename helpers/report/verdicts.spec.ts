import { expect, test } from '@jest/globals';
import type { Claim } from '../ledger/row.ts';
import { renderVerdicts } from './verdicts.ts';

const under = (section: string) => ({ document: 'the chapter', section });
const ledger: Record<string, Claim> = {
  'no-answer': {
    origin: under('Key Concepts'),
    suite: 'chapter/no-endpoints',
    says: '`<none>` is <printed>.',
    why: 'kubectl prints <it>.',
    verdict: 'holds',
    checks: ['printed', 'nobody'],
    needs: ['k3s'],
  },
  'time-out': {
    origin: under('Key Concepts'),
    suite: 'chapter/ports',
    says: 'It times out.',
    why: 'kube-proxy rejects it.',
    verdict: 'refuted',
    truth: 'It is refused.',
    checks: ['refused'],
    endings: { refused: { iptables: 'timed out', nftables: 'refused' } },
    kubernetes: '>=1.33',
    sources: ['https://example.test/a_b', 'https://example.test/c'],
  },
};
const excluded = [{ origin: under('Summary'), says: 'It is best.', why: 'an opinion' }];
const text = renderVerdicts(ledger, excluded);

test('each claim has a line for each of its fields, and none for a field that it lacks', () => {
  expect(text).toContain(
    [
      '## Key Concepts',
      '',
      '### no-answer',
      '',
      '- The chapter says: `<none>` is &lt;printed&gt;.',
      '- Verdict: **holds**',
      '- Checks: `printed`, `nobody`',
      '- Suite: [suites/chapter/no-endpoints.test.ts](../suites/chapter/no-endpoints.test.ts)',
      '- Needs: k3s',
      '',
      '### time-out',
      '',
      '- The chapter says: It times out.',
      '- Verdict: **refuted**',
      '- In truth: It is refused.',
      '- Checks: `refused`',
      '- Ending of `refused`: timed out in iptables mode, refused in nftables mode',
      '- Suite: [suites/chapter/ports.test.ts](../suites/chapter/ports.test.ts)',
      '- Kubernetes: `>=1.33`',
      '- Source: <https://example.test/a_b>',
      '- Source: <https://example.test/c>',
      '',
    ].join('\n'),
  );
});

test('it begins with the command that writes it, counts the verdicts, and ends with the excluded sentences', () => {
  expect(text.split('\n')[2]).toMatch(/^Written by `npm run docs`/);
  expect(text).toContain('1 claims hold, 0 hold with a correction,\n1 are refuted.');
  expect(text.trimEnd().split('\n').at(-1)).toBe('- It is best. (Summary): an opinion');
});

test('it links to what was seen on a k3s', () => {
  expect(text).toContain('Claims that need k3s are unobserved on the stand-in.');
  expect(text).toContain('(assumptions.md#observed-on-a-k3s-built-from-its-source)');
});

test('a second document has its name in the headings and its address above them', () => {
  const origin = { document: 'the reference', section: 'Ports', address: 'https://example.test/reference' };
  const both = renderVerdicts({ ...ledger, again: { ...(ledger['no-answer'] as Claim), origin } }, excluded);
  expect(both.split('\n').filter((line) => /^## The|^- The reference/.test(line))).toEqual([
    '- The reference: <https://example.test/reference>',
    '## The chapter: Key Concepts',
    '## The reference: Ports',
    '- The reference says: `<none>` is &lt;printed&gt;.',
  ]);
});

test('a changed verdict is a line less and a line more, beside the counts', () => {
  const changed = { ...ledger, 'time-out': { ...ledger['time-out'], verdict: 'corrected' } as Claim };
  const after = renderVerdicts(changed, excluded).split('\n');
  const lines = text.split('\n');
  expect(after).toHaveLength(lines.length);
  expect(lines.filter((line, index) => line !== after[index])).toEqual([
    expect.stringContaining('1 claims hold'),
    expect.stringContaining('1 are refuted.'),
    '- Verdict: **refuted**',
  ]);
});
