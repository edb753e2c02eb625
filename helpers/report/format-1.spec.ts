import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { fromFormat1, type Report1 } from './format-1.ts';
import { readReport } from './format.ts';

const folder = mkdtempSync(join(tmpdir(), 'report-1-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const connection = { from: 'ns/pod', to: 'http://10.43.1.2/', ending: 'answered', ms: 3 };

const old: Report1 = {
  format: 1,
  suite: { name: 'clusterip-conformance', version: '0.1.0' },
  startedAt: '2026-11-24T02:13:19.706Z',
  reproduce: 'npm test',
  cluster: {
    version: 'v1.36.3+k3s1',
    standIn: false,
    adopted: false,
    nodeImage: 'rancher/k3s:v1.36.3-k3s1',
    why: 'it is the pinned one',
    proxyMode: 'iptables',
    serviceRange: '10.43.0.0/16',
    podRange: 'unknown',
    kubectlVersion: 'none',
    k3sArgs: ['--disable=servicelb'],
    images: { nginx: 'local' },
    keptCluster: true,
    nodes: [
      {
        name: 'node',
        address: '172.17.0.2',
        kernel: '6.1.0',
        operatingSystem: 'K3s',
        architecture: 'amd64',
        containerRuntime: 'containerd',
      },
    ],
  },
  capabilities: [{ name: 'k3s', there: true }],
  claims: [
    {
      id: 'port-exposed',
      section: 'YAML Breakdown',
      says: 'The port is exposed.',
      verdict: 'holds',
      sources: [],
      outcome: 'drifted',
      why: 'answers: no',
      ms: 20,
      evidence: {
        format: 1,
        claim: 'port-exposed',
        namespace: 'clusterip-1-port-exposed',
        cluster: { version: 'v1.36.3+k3s1' },
        startedAt: '2026-11-24T02:13:25.000Z',
        ms: 20,
        facts: [{ id: 'answers', title: 'it answers', outcome: 'drifted', ms: 10, error: 'no' }],
        looks: [
          { fact: 'setup', at: 1, what: 'a command', seen: { exitCode: 0, output: '"said":' } },
          { fact: 'answers', at: 2, what: 'an answer', seen: { ...connection, said: 'web', address: '10.43.1.2' } },
        ],
        objects: { pods: [{ said: 'stays' }] },
        rules: { web: ['a rule'] },
        diagnostics: 'Service web',
      },
      reproduce: 'npm test -- -t port-exposed',
    },
    {
      id: 'pod-range',
      section: 'Step 2',
      says: 'It is so.',
      verdict: 'refuted',
      truth: 'It is not.',
      sources: ['https://example.test/'],
      outcome: 'unobserved',
      why: 'the node is not k3s',
      allowed: true,
      reproduce: 'npm test -- -t pod-range',
    },
  ],
  excluded: [{ section: 'Summary', says: 'It is best.', why: 'an opinion' }],
  errors: [],
  phases: { claims: 20 },
  exitStatus: 1,
};

function read(content: unknown) {
  const file = join(folder, 'report.json');
  writeFileSync(file, JSON.stringify(content));
  return readReport(file);
}

test('a report of format 1 is read as one of format 2', () => {
  const { cluster, claims, excluded, ...rest } = read(old);
  expect(rest).toEqual({
    format: 2,
    suite: old.suite,
    startedAt: old.startedAt,
    reproduce: old.reproduce,
    capabilities: old.capabilities,
    errors: [],
    phases: { claims: 20 },
    exitStatus: 1,
  });
  expect(cluster).toEqual({
    version: 'v1.36.3+k3s1',
    standIn: false,
    adopted: false,
    nodeImage: 'rancher/k3s:v1.36.3-k3s1',
    why: 'it is the pinned one',
    proxyMode: 'iptables',
    serviceRanges: ['10.43.0.0/16'],
    podRanges: [],
    domain: 'unknown',
    nodePortRange: 'unknown',
    kubectlVersion: 'none',
    k3sArgs: ['--disable=servicelb'],
    images: { nginx: 'local' },
    kept: true,
    nodes: [
      {
        name: 'node',
        addresses: ['172.17.0.2'],
        kernel: '6.1.0',
        operatingSystem: 'K3s',
        architecture: 'amd64',
        containerRuntime: 'containerd',
      },
    ],
  });
  expect(excluded).toEqual([{ origin: { document: 'the chapter', section: 'Summary' }, says: 'It is best.', why: 'an opinion' }]);
  expect(claims[1]).toEqual({
    id: 'pod-range',
    origin: { document: 'the chapter', section: 'Step 2' },
    says: 'It is so.',
    verdict: 'refuted',
    truth: 'It is not.',
    sources: ['https://example.test/'],
    outcome: 'unobserved',
    why: 'the node is not k3s',
    allowed: true,
    reproduce: 'npm test -- -t pod-range',
  });
});

test('its facts are checks and its looks observations, with the response of connections', () => {
  expect(read(old).claims[0]?.evidence).toEqual({
    format: 2,
    claim: 'port-exposed',
    namespace: 'clusterip-1-port-exposed',
    cluster: { version: 'v1.36.3+k3s1' },
    startedAt: '2026-11-24T02:13:25.000Z',
    ms: 20,
    checks: [{ id: 'answers', title: 'it answers', outcome: 'drifted', ms: 10, error: 'no' }],
    observations: [
      { check: 'setup', at: 1, what: 'a command', seen: { exitCode: 0, output: '"said":' } },
      { check: 'answers', at: 2, what: 'an answer', seen: { ...connection, response: 'web', address: '10.43.1.2' } },
    ],
    objects: { pods: [{ said: 'stays' }] },
    rules: { web: ['a rule'] },
    diagnostics: 'Service web',
  });
});

const files = ['clean-up', 'dns'].map((topic) => `suites/${topic}.test.ts`).join(' ');
test.each([
  ['every suite file', 'unobserved', `npm test -- --runTestsByPath ${files}`, 'npm test'],
  [
    'every suite file, with a setting',
    'unobserved',
    `CONFORMANCE_KEEP=1 npm test -- --runTestsByPath ${files}`,
    'CONFORMANCE_KEEP=1 npm test',
  ],
  ['some suite files', 'not asked for', `npm test -- --runTestsByPath ${files}`, 'npm test -- clean-up dns'],
  ['a pattern', 'not asked for', `npm test -- --runTestsByPath ${files} -t '^(dns|ports):'`, "npm test -- clean-up dns -t '^(dns|ports):'"],
  ['a pattern only', 'not asked for', 'npm test -- -t dns', 'npm test -- -t dns'],
  ['nothing', 'unobserved', 'npm test', 'npm test'],
] as const)('the command of a run that named %s has the arguments of today', (_, outcome, reproduce, today) => {
  expect(fromFormat1({ ...old, reproduce, claims: old.claims.map((claim) => ({ ...claim, outcome })) }).reproduce).toBe(today);
});

test('an adopted cluster is not a kept one', () => {
  const adopted = { ...old, cluster: { ...old.cluster, adopted: true, context: 'default' } };
  expect(fromFormat1(adopted).cluster).toMatchObject({ adopted: true, context: 'default', kept: false });
});
