import { expect, test } from '@jest/globals';
import { progressLine, renderLesson } from './lesson.ts';
import { exampleCluster, exampleReport as report } from './example.ts';
import type { Report } from './format.ts';

const lesson = renderLesson(report, { colour: false });
const lines = lesson.split('\n').map((line) => line.trim());

test('sections and claims come in the order of the chapter, without what was not asked for', () => {
  const told = lines.filter((line) => /^(YAML|Step|Key|Summary|[✔✘○!·] [A-Z])/.test(line));
  expect(told).toEqual([
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

test('what is unobserved has its reason', () => {
  expect(lines).toContain('not observed: the node is not k3s');
});

test('what is broken has its reason, and how to see it again', () => {
  expect(lesson).toContain('      broken: not shown: nothing-left\n      once more: npm test -- -t clean-up\n');
});

test('the reason is not told twice where a fact has told it', () => {
  expect(lines.filter((line) => line.includes('waited 30001 ms'))).toHaveLength(1);
});

test('it ends with what the run comes to, claim by claim when that is red', () => {
  expect(lines.filter((line) => line !== '').slice(-2)).toEqual([
    'Red, since the suite or its surroundings failed: clean-up.',
    'Red, since the cluster does not do what the ledger says: time-out.',
  ]);
});

const green: Report = { ...report, claims: report.claims.filter(({ outcome }) => outcome === 'confirmed'), exitStatus: 0 };
const [unobserved, notAsked] = ['unobserved', 'not asked for'].map((wanted) => report.claims.filter(({ outcome }) => outcome === wanted));
test.each<[string, Report, string]>([
  ['all is confirmed', green, 'Green: all that was seen is as the ledger has it.'],
  [
    'some is not observed and some was not asked for',
    { ...green, claims: [...green.claims, ...(unobserved ?? []), ...(notAsked ?? [])] },
    'Green: all that was seen is as the ledger has it. Not observed here: 1 of 4 claims. Not asked for: 1.',
  ],
  [
    'a gap is unobserved',
    { ...green, claims: [...green.claims, ...(unobserved ?? []).map((claim) => ({ ...claim, allowed: false }))], exitStatus: 3 },
    'Red, since this cluster cannot show what it was expected to: pod-range.',
  ],
  [
    'it was narrowed, what is unobserved is no reason',
    {
      ...report,
      claims: report.claims.filter(({ id }) => id !== 'clean-up').map((claim) => ({ ...claim, allowed: false })),
      exitStatus: 1,
    },
    'Red, since the cluster does not do what the ledger says: time-out.',
  ],
  ['nothing was shown', { ...green, claims: notAsked ?? [], exitStatus: 3 }, 'Red, since no claim was shown.'],
  ['a suite file did not run', { ...green, errors: ['SyntaxError'], exitStatus: 3 }, 'Red, since a suite file did not run (1).'],
])('when %s it says so in the end', (_, run, line) => {
  expect(renderLesson(run, { colour: false }).trimEnd().split('\n').at(-1)).toBe(line);
});

test('a red fact has its error, and its claim the diagnostics and where to look further', () => {
  expect(lesson).toContain(
    [
      '      – the listed port answers',
      '      ✘ a client is refused',
      '          waited 30001 ms for a refusal',
      '            {"ending":"timed out"}',
      '      in its namespace clusterip-3ye99-time-out:',
      '          Service web: ClusterIP 10.43.1.2',
      '          Pod web: Running, Ready False',
      '      every look: artifacts/evidence/time-out.json; once more: npm test -- -t time-out',
    ].join('\n'),
  );
});

test('the counts are of what was confirmed, by verdict, and of every outcome', () => {
  expect(lines).toContain('Of the 2 claims confirmed as the ledger has them, 1 hold, 0 hold with a correction, 1 are refuted.');
  expect(lines).toContain('2 confirmed, 1 drifted, 1 broken, 1 unobserved, 1 not asked for, 1 excluded as advice or opinion');
});

test('each phase has its duration', () => {
  expect(lines).toContain('Time: start the node 10.1 s, claims 62.0 s');
});

test('it says what the cluster is, and that the stand-in is no k3s', () => {
  expect(lesson).toContain(
    'k3s v1.36.3+k3s1, Service proxy in iptables mode, Service range 10.43.0.0/16\nNode image rancher/k3s:v1.36.3-k3s1.',
  );
  const standIn = renderLesson({ ...report, cluster: { ...exampleCluster, standIn: true, version: 'v1.36.3' } }, { colour: false });
  expect(standIn).toContain('Stand-in node (upstream Kubernetes, not k3s) v1.36.3');
  expect(standIn).not.toContain('Node image');
});

test('errors that belong to no claim are told', () => {
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

test('progress is told in a line', () => {
  expect(progressLine('port-exposed', 'confirmed', 4_200, 3, 47)).toBe('✔ port-exposed (4.2 s) 3/47');
  expect(progressLine('time-out', 'red', 30_000, 4, 47)).toBe('✘ time-out (30.0 s) 4/47');
});
