import { expect, test } from '@jest/globals';
import type { Claim } from '../ledger/row.ts';
import { renderErrata } from './errata.ts';
import { nothingObserved, type Observed } from './observed.ts';

const wrong = {
  origin: { document: 'the chapter', section: 'Summary' },
  suite: 'chapter/ports',
  says: 'It times out.',
  why: 'kube-proxy rejects it.',
  verdict: 'refuted',
  truth: 'It is <refused>.',
  checks: ['refused', 'quick'],
  sources: ['https://example.test/a'],
} as const satisfies Claim;
const page = { document: 'Service', section: 'Headless', address: 'https://example.test/service#headless', version: '1.35' };
const beyond = { ...wrong, topic: 'Headless Services', origin: page, suite: 'beyond/headless' } as const;
const ledger: Record<string, Claim> = {
  true: { ...wrong, verdict: 'holds' },
  chapter: { ...wrong, hurts: 'judgement', cited: [{ says: 'In IPVS mode too.', source: 'https://example.test/ipvs' }] },
  unranked: beyond,
  words: { ...beyond, hurts: 'nobody', silent: true, kubernetes: '>=1.33' },
  first: { ...beyond, hurts: 'traffic' },
};
const observed: Observed = {
  ...nothingObserved,
  runs: [
    {
      node: 'k3s',
      kubernetes: 'v1.36.3+k3s1',
      proxyMode: 'iptables',
      profile: 'default',
      date: '2026-11-26',
      claims: { first: 'refuted, confirmed' },
    },
    {
      node: 'k3s',
      kubernetes: 'v1.35.1+k3s1',
      proxyMode: 'iptables',
      profile: 'default',
      date: '2026-11-26',
      claims: { first: 'refuted, drifted' },
    },
  ],
  checks: { first: { refused: 'a client is refused' } },
};
const text = renderErrata(ledger, observed);

test('public documents come before the chapter, and in each the entries are in the order of the harm; what holds is not there', () => {
  expect(text.match(/^##+ .*$/gm)).toEqual([
    ...["## Kubernetes' documentation", '### Believing it hurts traffic', '#### first', '### Believing it hurts nobody', '#### words'],
    ...['### Not ranked yet', '#### unranked', '## The chapter', '### Believing it hurts judgement', '#### chapter'],
  ]);
  expect(text).toContain("3 sentences of Kubernetes' documentation, 1 sentence of the chapter.");
});

test('an entry has the place with the version that was read, what is true, the checks that show it, and where it was observed', () => {
  expect(text).toContain(
    [
      '#### first',
      '',
      '- Where: [Service, "Headless" (version read: 1.35)](<https://example.test/service#headless>)',
      '- It says, in our words: It times out.',
      '- Verdict: **refuted**',
      '- True: It is &lt;refused&gt;.',
      '- Why: kube-proxy rejects it.',
      '- Shown by, in [suites/beyond/headless.test.ts](../suites/beyond/headless.test.ts):',
      '  - a client is refused',
      '  - `quick`',
      '- Observed: v1.36.3+k3s1 (k3s): iptables mode (default)',
      '- **Something else** was observed: v1.35.1+k3s1 (k3s): iptables mode (default)',
      '- Source: <https://example.test/a>',
      '',
    ].join('\n'),
  );
});

test('what no run has recorded says so, and what only a source says is marked', () => {
  const entry = text.slice(text.indexOf('#### chapter'));
  expect(entry).toContain('- Where: The chapter, "Summary"\n');
  expect(entry).toContain('- By its source: In IPVS mode too. <https://example.test/ipvs>\n');
  expect(entry).toContain('- Observed: not recorded\n');
  expect(text).toContain('- For Kubernetes `>=1.33`\n');
  expect(text.match(/^- It says, .*\. The document does not mention what is corrected here\.$/gm)).toHaveLength(1);
});
