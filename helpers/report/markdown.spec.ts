import { expect, test } from '@jest/globals';
import { exampleBeyond, exampleCluster, exampleReport as report } from './example.ts';
import type { ClaimReport, Report } from './format.ts';
import { cell, code, inline } from './markdown-text.ts';
import { renderMarkdown } from './markdown.ts';

const text = renderMarkdown(report);
// Without blocks of code, in which # begins a comment.
const heads = text
  .replaceAll(/^ *```.*?^ *```$/gms, '')
  .split('\n')
  .filter((line) => line.startsWith('#'));

test.each([
  ['a word_with *stars* and [links](x)', 'a word\\_with \\*stars\\* and \\[links\\](x)'],
  ['<script>alert("&")</script>', '&lt;script&gt;alert("&amp;")&lt;/script&gt;'],
  ['`<none>` stays code, a lone ` does not begin any', '`<none>` stays code, a lone \\` does not begin any'],
  ['a|b `c|d`', 'a\\|b `c|d`'],
  ['two\nlines\tand a tab', 'two lines and a tab'],
  ['# no heading', '\\# no heading'],
  ['- no list', '\\- no list'],
  ['1. no list', '1\\. no list'],
  ['0.1.0', '0.1.0'],
  ['back\\slash', 'back\\\\slash'],
  ['\u001e and \u001b[31m', '\u{fffd} and \u{fffd}\\[31m'],
])('%j is shown as it is', (given, shown) => {
  expect(inline(given)).toBe(shown);
});

test('in a cell of a table a pipe is escaped in code too', () => {
  expect(cell('a|b `c|d`')).toBe('a\\|b `c\\|d`');
});

test.each([
  ['npm test', '`npm test`'],
  ['a `b` c', '``a `b` c``'],
  ['`b`', '`` `b` ``'],
])('%j is code within a line', (given, shown) => {
  expect(code(given)).toBe(shown);
});

test('red claims come first, then the errata, all claims, the symptoms, the claims not observed, and the time', () => {
  expect(heads).toEqual([
    '# ClusterIP conformance',
    '## Red',
    '### `time-out` drifted',
    '### `clean-up` broken',
    '## Errata of the chapter',
    '### Paste this instead',
    '## Claims',
    '## Symptoms',
    '## Not observed',
    '## Time and place',
  ]);
});

test('red opens with its kind, what the claims share, and what to do', () => {
  const opening = text.slice(text.indexOf('## Red'), text.indexOf('### `time-out` drifted'));
  expect(opening).toContain('1 claim drifted: this cluster does something different. 1 claim is broken');
  expect(opening).toContain('- The 2 red claims share no topic, client, ending or reason.');
  expect(opening).toMatch(/^1\. Look first at the broken claim, clean-up: /m);
  expect(opening).toContain('3. Run the red claims alone: `npm test -- --failed`.');
});

test('a red claim has what was awaited, its namespace, and the command that reproduces it', () => {
  expect(text).toContain('```text\nwaited 30001 ms for a refusal\n  {"ending":"timed out"}\n```');
  expect(text).toContain('```text\nService web: ClusterIP 10.43.1.2\nPod web: Running, Ready False\n```');
  expect(text).toContain('Reproduce: `npm test -- -t time-out`; every observation: `evidence/time-out.json` beside the report');
});

test('a claim that is broken without checks has its reason', () => {
  expect(text).toContain('```text\nnot shown: nothing-left\n```');
});

test('a red check has its last observation', () => {
  const ended = (ending: string, ms: number, response: string) => ({ from: 'ns/pod', to: 'http://web/', ending, ms, response });
  const observations = [
    { check: 'refused', at: 1, what: 'a refusal', seen: ended('refused', 1, 'no') },
    { check: 'refused', at: 2, what: 'a refusal', seen: ended('timed out', 1_500, 'nothing') },
    { check: 'answers', at: 3, what: 'an answer', seen: ended('answered', 1, 'web') },
  ];
  const claims = report.claims.map((claim): ClaimReport =>
    claim.id === 'time-out' && claim.evidence ? { ...claim, evidence: { ...claim.evidence, observations } } : claim,
  );
  expect(renderMarkdown({ ...report, claims })).toContain('Last observation: http://web/ timed out after 1500 ms: nothing\n');
});

test('the table has every claim that was asked for, in order, under its section', () => {
  const rows = (text.split('## Claims')[1]?.split('## Symptoms')[0] ?? '').split('\n').filter((line) => /^\| [`*]/.test(line));
  expect(rows.map((row) => row.split(' | ')[0]?.slice(2))).toEqual([
    '**YAML Breakdown**',
    '`port-exposed`',
    '`bare-url`',
    '**Step 2**',
    '`pod-range`',
    '**Key Concepts**',
    '`time-out`',
    '**Summary**',
    '`clean-up`',
  ]);
  expect(rows[2]).toBe('| `bare-url` | A bare URL is &lt;enough&gt;. | refuted | confirmed | |');
  expect(rows[6]).toBe('| `time-out` | Connections time out. | corrected | **drifted** | |');
  expect(text).toContain('1 more claims were not asked for');
});

test('the errata are the corrected and refuted claims with their sources, and say which this run does not confirm', () => {
  expect(text.split('\n').filter((line) => /^- \*\*(corrected|refuted)/.test(line))).toEqual([
    '- **refuted**: A bare URL is &lt;enough&gt;. In truth: It means port 80. (YAML Breakdown; `bare-url`) [1](<https://example.test/port>)',
    '- **corrected** (**drifted** in this run): Connections time out. In truth: They are refused. (Key Concepts; `time-out`) [1](<https://example.test/refused>)',
  ]);
});

test('an erratum has the reason, what only a source says in this proxy mode, and the printed characters beside what works', () => {
  const entry = text.split('- **refuted**: A bare URL')[1]?.split('- **corrected**')[0] ?? '';
  expect(entry).toContain('  - Why: curl adds the port of the scheme; DNS has no say in it.\n');
  expect(entry).toContain('  - Also shown by this run: In iptables mode it times out.\n');
  expect(entry).toContain('  - Not shown by this run, [by its source](<https://example.test/nftables>): In nftables mode it is refused.\n');
  expect(entry).toContain('  ```diff\n  - curl <http://web>\n  + curl http://web:8080\n  ```\n');
  expect(text).toContain('  ```diff\n    kind: Pod\n  - meta\n  + metadata:\n      name: web\n  ```\n');
});

test('refuted claims come before corrected ones, and the counts above them say what they count', () => {
  const reversed = renderMarkdown({ ...report, claims: [...report.claims].reverse() });
  expect(reversed.indexOf('- **refuted**')).toBeLessThan(reversed.indexOf('- **corrected**'));
  expect(text).toContain('Of the 2 claims that this run confirmed: 0 corrected, 1 refuted. Of all 6: 1 corrected, 1 refuted.\n');
});

test('what a command and a file are printed instead of stands after the other', () => {
  const claims = report.claims.map((claim): ClaimReport =>
    claim.id === 'bare-url' ? { ...claim, printed: { kind: 'output', text: 'none' } } : claim,
  );
  expect(renderMarkdown({ ...report, claims })).toContain(
    "  Printed:\n\n  ```text\n  none\n  ```\n\n  Instead, in a Pod of the Service's namespace:\n\n  ```sh\n  curl http://web:8080\n  ```\n",
  );
});

test('all that works instead can be copied from one box', () => {
  expect(text).toContain('### Paste this instead\n\n```sh\n# The files.');
  expect(text).toContain(
    "\nkubectl run debug --image=curlimages/curl --restart=Never -i --rm -q -- sh <<'END'\ncurl http://web:8080\nEND\n```\n",
  );
});

test('every claim has its reason, where the report has one', () => {
  expect(text).toContain(
    '- `bare-url`: curl adds the port of the scheme; DNS has no say in it.\n- `time-out`: kube-proxy writes a rule that rejects.\n',
  );
  const old = report.claims.map((claim): ClaimReport => {
    const copy = { ...claim };
    delete copy.because;
    return copy;
  });
  expect(renderMarkdown({ ...report, claims: old })).not.toContain('Why');
});

test('the symptoms are those of the proxy mode', () => {
  const symptomsIn = (proxyMode: string) =>
    renderMarkdown({ ...report, cluster: { ...exampleCluster, proxyMode } })
      .split('\n')
      .find((line) => line.startsWith('| **times out**'));
  expect(symptomsIn('iptables')).toContain('| The Service does not list the port');
  expect(symptomsIn('nftables')).not.toContain('does not list the port');
  expect(symptomsIn('ipvs')).toContain('| In iptables mode, the Service does not list the port');
});

test('unobserved claims have their reason, and so have sentences that no run can decide', () => {
  expect(text).toContain('- the node is not k3s: `pod-range`\n- no run can decide it (an opinion): It is perfect.\n');
});

test('the stand-in is named as such, and only it', () => {
  expect(text).not.toContain('stand-in');
  const standIn = renderMarkdown({ ...report, cluster: { ...exampleCluster, standIn: true } });
  expect(standIn).toContain('\n> These results describe upstream Kubernetes in the stand-in node, not k3s.\n');
  expect(text).not.toMatch(/^>/m);
});

test('a green run has no section of red', () => {
  const green: Report = { ...report, claims: report.claims.filter(({ outcome }) => outcome === 'confirmed'), exitStatus: 0 };
  expect(renderMarkdown(green)).not.toContain('## Red');
});

test('errors that belong to no claim are shown', () => {
  expect(renderMarkdown({ ...report, errors: ['SyntaxError: `dns`'] })).toContain(
    '**A suite file did not run**\n\n```text\nSyntaxError: `dns`\n```',
  );
});

test('text from a cluster cannot end its block', () => {
  expect(renderMarkdown({ ...report, errors: ['```\n# out'] })).toContain('````text\n```\n# out\n````');
});

test('it stays far below the 1 MiB of a job summary, however many claims are red and however long their errors are', () => {
  const error = `${'<&|`'.repeat(20_000)}\n`.repeat(50);
  const checks = Array.from({ length: 8 }, (_, index) => ({
    id: `f${index}`,
    title: 'it is so',
    outcome: 'drifted' as const,
    ms: 1,
    error,
  }));
  const [, , , , claim] = report.claims;
  if (claim?.evidence === undefined) throw new Error('the example has changed');
  const red = { ...claim, why: error, evidence: { ...claim.evidence, checks, diagnostics: error } };
  const large = renderMarkdown({ ...report, errors: Array<string>(60).fill(error), claims: Array<ClaimReport>(60).fill(red) });
  expect(Buffer.byteLength(large)).toBeLessThan(512 * 1024);
  expect(large).toContain('And 50 more: `time-out`');
});

test('claims beyond the chapter have errata and a table of their own, with where their sentences stand', () => {
  const both = renderMarkdown({ ...report, claims: [...report.claims, exampleBeyond] });
  const place = '[EndpointSlices, "Ports" (version read: 1.35)](<https://example.test/page#ports>)';
  expect(both).toContain('## Errata of the chapter\n\nOf the 2 claims');
  expect(both).toContain(
    "## Errata of Kubernetes' documentation\n\nOf the 1 claim that this run confirmed: 0 corrected, 1 refuted. Of all 1",
  );
  expect(both).toContain(`In truth: It may have more. (${place}; \`slices\`)`);
  expect(both).toMatch(/\n### The chapter\n\n\| claim [^]*\n### Beyond the chapter: Kubernetes' documentation, by topic\n\n\| claim /);
  expect(both).toContain(`A slice has &lt;100 ports. (${place}) |`);
  const red = renderMarkdown({ ...report, claims: [{ ...exampleBeyond, outcome: 'drifted', why: 'no' }] });
  expect(red).toContain(`Kubernetes' documentation says (${place}): A slice has`);
});
