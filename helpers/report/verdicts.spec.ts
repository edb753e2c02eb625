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
    cited: [
      { says: 'It is quick.', source: 'https://example.test/d', shownIn: 'nftables' },
      { says: 'It is old.', source: 'https://example.test/e' },
    ],
    printed: { kind: 'yaml', text: 'kind: Pod\nmeta', file: 'pod.yaml' },
    instead: { kind: 'yaml', text: 'kind: Pod\nmetadata:', file: 'pod.yaml' },
    checks: ['refused'],
    endings: { refused: { iptables: 'timed out', nftables: 'refused' } },
    byMode: { refused: { iptables: 'a <rule> drops it', nftables: 'a rule rejects it' } },
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
      '- Why: kubectl prints &lt;it&gt;.',
      '- Checks: `printed`, `nobody`',
      '- Suite: [suites/chapter/no-endpoints.test.ts](../suites/chapter/no-endpoints.test.ts)',
      '- Needs: k3s',
      '',
      '### time-out',
      '',
      '- The chapter says: It times out.',
      '- Verdict: **refuted**',
      '- In truth: It is refused.',
      '- Why: kube-proxy rejects it.',
      '- By its source, shown in nftables mode: It is quick. <https://example.test/d>',
      '- By its source: It is old. <https://example.test/e>',
      '- Printed: `meta` in `pod.yaml`',
      '- Instead: `metadata:` in `pod.yaml`',
      '- Checks: `refused`',
      '- Ending of `refused`: timed out in iptables mode, refused in nftables mode',
      '- Seen by `refused`: a &lt;rule&gt; drops it in iptables mode, a rule rejects it in nftables mode',
      '- Suite: [suites/chapter/ports.test.ts](../suites/chapter/ports.test.ts)',
      '- Kubernetes: `>=1.33`',
      '- Source: <https://example.test/a_b>',
      '- Source: <https://example.test/c>',
      '',
    ].join('\n'),
  );
});

test('a file in place of a command is named, and commands are printed whole', () => {
  const claim = ledger['time-out'] as Claim;
  const printed = { kind: 'shell', text: 'kubectl apply -f pod.yaml' } as const;
  expect(renderVerdicts({ it: { ...claim, printed } }, [])).toContain(
    '- Printed: `kubectl apply -f pod.yaml`\n- Instead: the file `pod.yaml`\n',
  );
  const instead = { kind: 'shell', text: 'kubectl get a\nkubectl get b' } as const;
  expect(renderVerdicts({ it: { ...claim, instead } }, [])).toContain(
    '- Printed: the file `pod.yaml`\n- Instead: `kubectl get a` and `kubectl get b`\n',
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
  expect(both.split('\n').filter((line) => /^##+ (The|Key|Ports|again)|^- The reference|^#### /.test(line))).toEqual([
    '## The chapter',
    '### Key Concepts',
    '#### no-answer',
    '#### time-out',
    '## The reference',
    '- The reference: <https://example.test/reference>',
    '### Ports',
    '#### again',
    '- The reference says: `<none>` is &lt;printed&gt;.',
  ]);
});

test('a claim beyond the chapter stands under its topic, with the page, the heading, the version that was read, and a link', () => {
  const origin = { document: 'Service', section: 'Headless', address: 'https://example.test/service#headless', version: '1.35' };
  const both = renderVerdicts({ ...ledger, again: { ...(ledger['no-answer'] as Claim), topic: 'Headless Services', origin } }, excluded);
  expect(both).toContain(
    [
      "## Beyond the chapter: Kubernetes' documentation, by topic",
      '',
      '- Service: <https://example.test/service> (version read: 1.35)',
      '',
      '### Headless Services',
      '',
      '#### again',
      '',
      "- Kubernetes' documentation says: `<none>` is &lt;printed&gt;.",
      '- Where: [Service, "Headless" (version read: 1.35)](<https://example.test/service#headless>)',
    ].join('\n'),
  );
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
