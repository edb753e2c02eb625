import { expect, test } from '@jest/globals';
import type { Evidence, FactResult } from './evidence.ts';
import { progressLine, renderLesson } from './lesson.ts';
import type { ClaimReport, Report } from './report.ts';

const cluster: Report['cluster'] = {
  run: '3ye99',
  owner: 'kept',
  nodeImage: 'rancher/k3s:v1.36.3-k3s1',
  why: 'it is the pinned one',
  standIn: false,
  version: 'v1.36.3+k3s1',
  kubectlVersion: 'v1.36.3+k3s1',
  proxyMode: 'iptables',
  serviceRange: '10.43.0.0/16',
  podRange: '10.42.0.0/16',
  nodeName: 'node',
  nodeAddress: '172.17.0.2',
  k3sArgs: [],
  images: {},
  container: 'a7a1d1fb888a',
  clientNamespace: 'clusterip-3ye99-clients',
  keptCluster: false,
  keepRed: false,
  phases: {},
};

function evidence(id: string, facts: FactResult[], diagnostics?: string): Evidence {
  const common = { cluster: {}, startedAt: '', ms: 20, looks: [], objects: {}, rules: {} };
  return {
    format: 1,
    claim: id,
    namespace: `clusterip-3ye99-${id}`,
    facts,
    ...common,
    ...(diagnostics === undefined ? {} : { diagnostics }),
  };
}

const claim = { section: 'YAML Breakdown', verdict: 'holds', sources: [], outcome: 'confirmed' } as const;
const answered: FactResult = { id: 'answers', title: 'the listed port answers', outcome: 'passed', ms: 10 };
const refused: FactResult = {
  id: 'refused',
  title: 'a client is refused',
  outcome: 'drifted',
  ms: 30_000,
  error: 'waited 30001 ms for a refusal\n  {"ending":"timed out"}',
};

const claims: ClaimReport[] = [
  { ...claim, id: 'port-exposed', says: 'The port is exposed.', evidence: evidence('port-exposed', [answered]) },
  { ...claim, id: 'bare-url', says: 'A bare URL is enough.', verdict: 'refuted', truth: 'It means port 80.' },
  {
    ...claim,
    id: 'pod-range',
    section: 'Step 2',
    says: 'It is from 10.42.0.0/16.',
    outcome: 'unobserved',
    why: 'the node is not k3s',
    allowed: true,
  },
  { ...claim, id: 'not-asked', section: 'Step 3', says: 'Nobody asked.', outcome: 'not asked for' },
  {
    ...claim,
    id: 'time-out',
    section: 'Key Concepts',
    says: 'Connections time out.',
    verdict: 'corrected',
    truth: 'They are refused.',
    outcome: 'drifted',
    evidence: evidence('time-out', [answered, refused], 'Service web: ClusterIP 10.43.1.2\nPod web: Running, Ready False'),
  },
  { ...claim, id: 'clean-up', section: 'Summary', says: 'All is gone.', outcome: 'broken', why: 'not shown: nothing-left' },
];

const report: Report = {
  format: 1,
  startedAt: '2026-11-24T02:13:19.706Z',
  cluster,
  claims,
  excluded: [{ section: 'Service Types', says: 'It is perfect.', why: 'an opinion' }],
  errors: [],
  phases: { 'start the node': 10_124, claims: 61_950 },
  exitStatus: 3,
};

const lesson = renderLesson(report, { colour: false });
const lines = lesson.split('\n').map((line) => line.trim());

test('sections and claims come in the order of the chapter, without what was not asked for', () => {
  const told = lines.filter((line) => /^(YAML|Step|Key|Summary|[✔✘○!·] [A-Z])/.test(line));
  expect(told).toEqual([
    'YAML Breakdown',
    '✔ The port is exposed.',
    '✔ A bare URL is enough.',
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
  expect(lesson).toContain('    refuted, confirmed  bare-url\n      It means port 80.\n');
  expect(lesson).toContain('    corrected, drifted  time-out\n      They are refused.\n');
});

test('what is unobserved has its reason', () => {
  expect(lines).toContain('not observed: the node is not k3s');
});

test('what is broken has its reason', () => {
  expect(lines).toContain('broken: not shown: nothing-left');
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
  const standIn = renderLesson({ ...report, cluster: { ...cluster, standIn: true, version: 'v1.36.3' } }, { colour: false });
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
