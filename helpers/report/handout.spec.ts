import { expect, test } from '@jest/globals';
import { claims, excluded } from '../ledger/claims.ts';
import type { Claim } from '../ledger/row.ts';
import { renderHandout } from './handout.ts';

const under = (section: string) => ({ document: 'the chapter', section });
const common = { suite: 'chapter/ports', checks: ['one'], why: 'kube-proxy does it.' } as const;
const unlisted = { says: 'In IPVS mode it is not.', source: 'https://example.test/ipvs' };
const ledger: Record<string, Claim> = {
  holds: { ...common, origin: under('Flow'), says: 'It is <so>.', verdict: 'holds', printed: { kind: 'shell', text: 'kubectl get svc' } },
  refuted: {
    ...common,
    origin: under('Flow'),
    says: 'It times out.',
    verdict: 'refuted',
    truth: 'It is refused.',
    sources: ['https://example.test/a', 'https://example.test/ipvs'],
    cited: [
      { says: 'In iptables mode too.', source: 'https://example.test/iptables', shownIn: 'iptables' },
      { says: 'In nftables mode too.', source: 'https://example.test/nftables', shownIn: 'nftables' },
      unlisted,
    ],
    printed: { kind: 'shell', text: 'curl <web>', where: 'Pod' },
    instead: { kind: 'shell', text: 'curl web', where: 'Pod' },
  },
  corrected: {
    ...common,
    origin: under('Summary'),
    says: 'Always.',
    verdict: 'corrected',
    truth: 'Mostly.',
    sources: ['https://example.test/a', 'https://example.test/b'],
    cited: [unlisted],
    printed: { kind: 'output', text: 'none' },
    instead: { kind: 'shell', text: 'kubectl get pods', where: 'terminal' },
  },
};
const text = renderHandout(ledger, [{ origin: under('Summary'), says: 'It is best.', why: 'an opinion' }]);

test('the sections are those of the document, in its order, with what helps the reader after them', () => {
  expect(text.match(/^## .*$/gm)).toEqual([
    '## Flow',
    '## Summary',
    '## Paste this instead',
    '## When it does not work',
    '## How to see it yourself',
  ]);
});

test('a claim that holds is what the document says, with its reason, its checks and what is printed', () => {
  expect(text).toContain('**It is &lt;so&gt;.** kube-proxy does it. ([checks](verdicts.md#holds))\n\n```sh\nkubectl get svc\n```\n');
});

test('a refuted claim is quoted, and what is true, why, by which sources, and what works instead stand below it', () => {
  expect(text).toContain(
    [
      '> Wrong: _It times out._',
      '',
      '**It is refused.** kube-proxy does it. This is so in iptables mode ([source](<https://example.test/iptables>)) and in nftables mode ([source](<https://example.test/nftables>)). In IPVS mode it is not. ([source](<https://example.test/ipvs>)) ([checks](verdicts.md#refuted), [source](<https://example.test/a>))',
      '',
      '```diff',
      '- curl <web>',
      '+ curl web',
      '```',
    ].join('\n'),
  );
});

test('a corrected claim is not called wrong, does not repeat a sentence, and has a command in place of an output', () => {
  expect(text).toContain(
    [
      '> Not quite: _Always._',
      '',
      '**Mostly.** kube-proxy does it. ([checks](verdicts.md#corrected), [source 1](<https://example.test/a>), [source 2](<https://example.test/b>))',
      '',
      'Printed:',
      '',
      '```text',
      'none',
      '```',
      '',
      'Instead, in a terminal with kubectl:',
      '',
      '```sh',
      'kubectl get pods',
      '```',
    ].join('\n'),
  );
});

test('a sentence that no cluster can decide stands in its section', () => {
  expect(text.split('## Summary')[1]?.split('## Paste')[0]).toContain('No cluster can decide: It is best (an opinion).');
});

test('beyond the chapter it goes on by topic, and links to where a sentence stands', () => {
  const origin = { document: 'Service', section: 'Headless', address: 'https://example.test/service#headless', version: '1.35' };
  const again: Claim = { ...(ledger.refuted as Claim), topic: 'Headless Services', origin };
  const both = renderHandout({ ...ledger, again }, []);
  expect(both).toMatch(
    /\n## The chapter\n\n### Flow\n[^]*\n## Beyond the chapter: what Kubernetes' documentation promises\n\n### Headless Services\n/,
  );
  expect(both).toContain(
    '([checks](verdicts.md#again), [Service, "Headless" (version read: 1.35)](<https://example.test/service#headless>), [source]',
  );
  expect(both).toContain("Beyond the chapter, it goes on by topic with what Kubernetes' documentation promises about ClusterIP Services.");
});

test('it counts the verdicts', () => {
  expect(text).toContain('Of 3 sentences, 1 hold, 1 are not quite right, and 1 are wrong.');
});

test('the box has what works in place of all that is printed', () => {
  const box = /## Paste this instead.*?```sh\n(.*?)```/s.exec(text)?.[1];
  expect(box).toContain('\nkubectl get pods\n');
  expect(box).toContain('\ncurl web\n');
});

test('every claim of the ledger is in it, and no command of the box has the fault of the printed ones', () => {
  const whole = renderHandout(claims, excluded);
  for (const id of Object.keys(claims)) expect(whole).toContain(`[checks](verdicts.md#${id})`);
  expect(/## Paste this instead.*?```sh\n(.*?)```/s.exec(whole)?.[1]).not.toMatch(/curl <|<CLUSTER-IP>|^meta$/m);
});
