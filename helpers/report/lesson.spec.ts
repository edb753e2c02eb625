import { expect, test } from '@jest/globals';
import { progressLine, renderLesson } from './lesson.ts';
import { exampleBeyond, exampleCluster, exampleReport as report } from './example.ts';
import type { Report } from './format.ts';

const lesson = renderLesson(report, { colour: false });
const lines = lesson.split('\n').map((line) => line.trim());

test('sections and claims come in the order of their document, without those that were not asked for', () => {
  const shown = lines.filter((line) => /^(YAML|Step|Key|Summary|[✔✘○!·] [A-Z])/.test(line));
  expect(shown).toEqual([
    'YAML Breakdown',
    '✔ The port is exposed.',
    '✔ A bare URL is <enough>.',
    'Step 2',
    '○ It is from 10.42.0.0/16.',
    'Key Concepts',
    '✘ Connections time out.',
    'Summary',
    '! All is gone.',
  ]);
});

test('each claim has its verdict, outcome and id, and its truth where it does not simply hold', () => {
  expect(lesson).toContain('    holds, confirmed  port-exposed\n');
  expect(lesson).toContain('    refuted, confirmed  bare-url\n      In truth: It means port 80.\n');
  expect(lesson).toContain('    corrected, drifted  time-out\n      In truth: They are refused.\n');
});

test('a claim has its reason where the document is wrong or the claim is red', () => {
  expect(lesson).toContain('In truth: It means port 80.\n      Why: curl adds the port of the scheme; DNS has no say in it.\n');
  expect(lesson).toContain('In truth: They are refused.\n      Why: kube-proxy writes a rule that rejects.\n');
  const because = 'The API server keeps it.';
  const withReason = (id: string) =>
    renderLesson({ ...report, claims: report.claims.map((claim) => (claim.id === id ? { ...claim, because } : claim)) }, { colour: false });
  expect(withReason('clean-up')).toContain(`    holds, broken  clean-up\n      Why: ${because}\n`);
  expect(withReason('port-exposed')).not.toContain(because);
});

test('within a correction, what this run showed and what rests on a source are told apart, by the proxy mode', () => {
  const [first, other] = ['In iptables mode it times out.', 'In nftables mode it is refused.'];
  expect(lesson).toContain(
    `      Also shown here: ${first}\n      Not shown here, by its source: ${other} https://example.test/nftables\n`,
  );
  const nftables = renderLesson({ ...report, cluster: { ...exampleCluster, proxyMode: 'nftables' } }, { colour: false });
  expect(nftables).toContain(`Also shown here: ${other}\n      Not shown here, by its source: ${first} https://example.test/iptables\n`);
});

test('an unobserved claim has its reason', () => {
  expect(lines).toContain('not observed: the node is not k3s');
});

test('a broken claim has its reason, and the command that reproduces it', () => {
  expect(lesson).toContain('      broken: not shown: nothing-left\n      reproduce: npm test -- -t clean-up\n');
});

test('the reason is not repeated where a check has it', () => {
  expect(lines.filter((line) => line.includes('waited 30001 ms'))).toHaveLength(1);
});

test('it ends with the conclusion, which names the red claims, and with what to do first', () => {
  expect(lines.filter((line) => line !== '').slice(-3)).toEqual([
    'Red: the suite or its surroundings failed: clean-up.',
    'Red: the cluster does not do what the ledger says: time-out.',
    expect.stringMatching(/^What to do: Look first at the broken claim, clean-up: /),
  ]);
});

const green: Report = { ...report, claims: report.claims.filter(({ outcome }) => outcome === 'confirmed'), exitStatus: 0 };
const [unobserved, notAsked] = ['unobserved', 'not asked for'].map((wanted) => report.claims.filter(({ outcome }) => outcome === wanted));
test.each<[string, Report, string]>([
  ['all is confirmed', green, 'Green: every check agreed with the ledger.'],
  [
    'some is not observed and some was not asked for',
    { ...green, claims: [...green.claims, ...(unobserved ?? []), ...(notAsked ?? [])] },
    'Green: every check agreed with the ledger. Not observed here: 1 of 4 claims. Not asked for: 1.',
  ],
  [
    'a gap is unobserved',
    { ...green, claims: [...green.claims, ...(unobserved ?? []).map((claim) => ({ ...claim, allowed: false }))], exitStatus: 3 },
    'Red: expected to be testable here, but was not: pod-range.',
  ],
  [
    'it was narrowed, an unobserved claim is no reason',
    {
      ...report,
      claims: report.claims.filter(({ id }) => id !== 'clean-up').map((claim) => ({ ...claim, allowed: false })),
      exitStatus: 1,
    },
    'Red: the cluster does not do what the ledger says: time-out.',
  ],
  ['nothing was shown', { ...green, claims: notAsked ?? [], exitStatus: 3 }, 'Red: no claim was shown.'],
  ['a suite file did not run', { ...green, errors: ['SyntaxError'], exitStatus: 3 }, 'Red: a suite file did not run (1).'],
])('when %s, the conclusion says so', (_, run, line) => {
  const end = renderLesson(run, { colour: false }).trimEnd().split('\n');
  expect(end.filter((it) => !it.startsWith('What to do: ')).at(-1)).toBe(line);
});

test('a red check has its error, and its claim the diagnostics, the file of its evidence and the command', () => {
  expect(lesson).toContain(
    [
      '      – the listed port answers',
      '      ✘ a client is refused',
      '          waited 30001 ms for a refusal',
      '            {"ending":"timed out"}',
      '      in its namespace clusterip-3ye99-time-out:',
      '          Service web: ClusterIP 10.43.1.2',
      '          Pod web: Running, Ready False',
      '      every observation: evidence/time-out.json beside the report; reproduce: npm test -- -t time-out',
    ].join('\n'),
  );
});

test('the counts are those of every outcome, and of the confirmed claims by verdict', () => {
  expect(lines).toContain('2 claims matched the ledger: 1 holds and 1 is refuted.');
  expect(lines).toContain('Of the 2 claims that this run confirmed: 0 corrected, 1 refuted. Of all 6: 1 corrected, 1 refuted.');
  expect(lines).toContain('2 confirmed, 1 drifted, 1 broken, 1 unobserved, 1 not asked for, 1 excluded as advice or opinion');
});

test('each phase has its duration', () => {
  expect(lines).toContain('Time: start the node 10.1 s, claims 62.0 s');
});

test('it names the cluster, and the stand-in as no k3s', () => {
  expect(lesson).toContain(
    'k3s v1.36.3+k3s1, Service proxy in iptables mode, Service range 10.43.0.0/16\nNode image rancher/k3s:v1.36.3-k3s1.',
  );
  const standIn = renderLesson({ ...report, cluster: { ...exampleCluster, standIn: true, version: 'v1.36.3' } }, { colour: false });
  expect(standIn).toContain('Stand-in node (upstream Kubernetes, not k3s) v1.36.3');
  expect(standIn).toContain('\nThese results describe upstream Kubernetes in the stand-in node, not k3s.\n');
  expect(lesson).not.toMatch(/stand-in|upstream/i);
  expect(standIn).not.toContain('Node image');
});

test('errors that belong to no claim are shown', () => {
  const text = renderLesson({ ...report, errors: ['SyntaxError: dns.test.ts'] }, { colour: false });
  expect(text).toContain('\nbroken: SyntaxError: dns.test.ts\n');
});

test('without colour it has no escape sequences, and with colour it is the same text', () => {
  const escapes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
  expect(lesson).not.toMatch(escapes);
  const coloured = renderLesson(report, { colour: true });
  expect(coloured).toMatch(escapes);
  expect(coloured.replaceAll(escapes, '')).toBe(lesson);
});

test('progress is one line', () => {
  expect(progressLine('port-exposed', 'confirmed', 4_200, 3, 47)).toBe('✔ port-exposed (4.2 s) 3/47');
  expect(progressLine('time-out', 'red', 30_000, 4, 47)).toBe('✘ time-out (30.0 s) 4/47');
});

test('claims beyond the chapter are a part of their own, by topic, and say where their sentence stands', () => {
  const text = renderLesson({ ...green, claims: [...green.claims, exampleBeyond] }, { colour: false });
  expect(text).toMatch(
    /\nThe chapter\n\nYAML Breakdown\n[^]*\nBeyond the chapter: Kubernetes' documentation, by topic\n\nEndpoints and rollouts\n/,
  );
  expect(text).toContain('      Where: EndpointSlices, "Ports" (version read: 1.35) https://example.test/page#ports\n');
  expect(text).toContain('\nThe chapter: 2 of 2 claims confirmed.\nBeyond the chapter: 1 of 1 claim confirmed.\n');
});

test('headings name their document where the claims come from several', () => {
  const origin = { document: 'the reference', section: 'Summary' };
  const text = renderLesson(
    { ...report, claims: [...green.claims, ...green.claims.map((claim) => ({ ...claim, origin }))] },
    { colour: false },
  );
  expect(text).toMatch(/\nThe chapter\n\nYAML Breakdown\n[^]*\nThe reference\n\nSummary\n/);
});
