import type { CheckResult, Evidence } from '../evidence/format.ts';
import type { ClaimReport, Report } from './format.ts';

// A made-up report in which every outcome and every kind of evidence occurs, for the tests of the renderings.

/** The cluster of the example report. */
export const exampleCluster: Report['cluster'] = {
  version: 'v1.36.3+k3s1',
  standIn: false,
  adopted: false,
  profile: 'default',
  nodeImage: 'rancher/k3s:v1.36.3-k3s1',
  why: 'it is the pinned one',
  proxyMode: 'iptables',
  serviceRanges: ['10.43.0.0/16'],
  podRanges: ['10.42.0.0/16'],
  domain: 'cluster.local',
  nodePortRange: '30000-32767',
  kubectlVersion: 'v1.36.3+k3s1',
  k3sArgs: [],
  images: {},
  kept: false,
  nodes: [
    {
      name: 'node',
      addresses: ['172.17.0.2'],
      kernel: '6.1.0-28-amd64',
      operatingSystem: 'K3s v1.36.3+k3s1',
      architecture: 'amd64',
      containerRuntime: 'containerd://2.1.4-k3s1',
    },
  ],
};

/** A check that passed, for tests. */
export const passed: CheckResult = { id: 'answers', title: 'the listed port answers', outcome: 'passed', ms: 1_210 };
/** A check that drifted, for tests. */
export const drifted: CheckResult = {
  id: 'refused',
  title: 'a client is refused',
  outcome: 'drifted',
  ms: 30_000,
  error: 'waited 30001 ms for a refusal\n  {"ending":"timed out"}',
  seen: { ending: 'timed out' },
};

/** Returns evidence with the given checks, and with more where a test needs it. */
export function exampleEvidence(claim: string, checks: CheckResult[], more: Partial<Evidence> = {}): Evidence {
  const common = {
    cluster: { version: 'v1.36.3+k3s1' },
    startedAt: '2026-11-24T02:13:25.000Z',
    ms: 20,
    observations: [],
    objects: {},
    rules: {},
  };
  return { format: 2, claim, namespace: `clusterip-3ye99-${claim}`, checks, ...common, ...more };
}

function under(section: string): ClaimReport['origin'] {
  return { document: 'the chapter', section };
}

function example(id: string, says: string, more: Partial<ClaimReport>): ClaimReport {
  const reproduce = `npm test -- -t ${id}`;
  return { id, origin: under('YAML Breakdown'), says, verdict: 'holds', sources: [], outcome: 'confirmed', ...more, reproduce };
}

const from = 'clusterip-3ye99-clients/ports-3ye99';
const attempt = (ending: string, ms: number, response: string) => ({
  from,
  to: 'http://10.43.1.2:8080/',
  ending,
  ms,
  response,
  address: '10.43.1.2',
});
const service = { metadata: { name: 'web' }, spec: { type: 'ClusterIP', clusterIP: '10.43.1.2', ports: [{ port: 8080, targetPort: 80 }] } };

/** A claim beyond the chapter, which refutes a sentence of a public page. It is not among the others. */
export const exampleBeyond: ClaimReport = {
  ...example('slices', 'A slice has <100 ports.', {
    verdict: 'refuted',
    truth: 'It may have more.',
    sources: ['https://example.test/slices'],
  }),
  topic: 'Endpoints and rollouts',
  origin: { document: 'EndpointSlices', section: 'Ports', address: 'https://example.test/page#ports', version: '1.35' },
  evidence: exampleEvidence('slices', [passed]),
};

/** One claim of every outcome, the first with every kind of evidence. */
const exampleClaims: readonly ClaimReport[] = [
  example('port-exposed', 'The port is exposed.', {
    ms: 2_020,
    evidence: exampleEvidence('port-exposed', [{ ...passed, rules: { web: [] } }], {
      ms: 2_020,
      observations: [
        {
          check: 'answers',
          at: 1_100,
          what: 'an answer',
          seen: attempt('refused', 1_030, 'Connection refused'),
          accepted: false,
          inARow: 1,
        },
        { check: 'answers', at: 1_310, what: 'an answer', seen: attempt('answered', 3, 'web'), accepted: true, inARow: 1 },
        { check: 'answers', at: 1_520, what: 'answers from all three Pods', seen: { one: 13, two: 17, three: 10 } },
      ],
      objects: { services: [service], endpointSlices: [], pods: [{ metadata: { name: '<script>' }, status: { podIP: '10.42.0.5' } }] },
      rules: {
        web: [
          '-A KUBE-SERVICES -d 10.43.1.2/32 -p tcp -m comment --comment "ns/web cluster IP" -m tcp --dport 8080 -j KUBE-SVC-A',
          '-A KUBE-SVC-A -m comment --comment "ns/web -> 10.42.0.5:80" -j KUBE-SEP-B',
          '-A KUBE-SEP-B -p tcp -m comment --comment "ns/web" -m tcp -j DNAT --to-destination 10.42.0.5:80',
        ],
      },
    }),
  }),
  example('bare-url', 'A bare URL is <enough>.', {
    verdict: 'refuted',
    truth: 'It means port 80.',
    because: 'curl adds the port of the scheme; DNS has no say in it.',
    sources: ['https://example.test/port'],
    cited: [
      { says: 'In nftables mode it is refused.', source: 'https://example.test/nftables', shownIn: 'nftables' },
      { says: 'In iptables mode it times out.', source: 'https://example.test/iptables', shownIn: 'iptables' },
    ],
    printed: { kind: 'shell', text: 'curl <http://web>', where: 'Pod' },
    instead: { kind: 'shell', text: 'curl http://web:8080', where: 'Pod' },
    evidence: exampleEvidence('bare-url', [passed], {
      rules: {
        web: [
          '10.43.1.2 . tcp . 8080 : goto service-5VFTB6FV-ns/web/tcp/',
          'chain service-5VFTB6FV-ns/web/tcp/ {',
          'meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.42.0.5 . 80, 1 : 10.42.0.6 . 80 }',
        ],
        ignored: [],
      },
    }),
  }),
  example('pod-range', 'It is from 10.42.0.0/16.', {
    origin: under('Step 2'),
    outcome: 'unobserved',
    why: 'the node is not k3s',
    allowed: true,
  }),
  example('not-asked', 'Nobody asked.', { origin: under('Step 3'), outcome: 'not asked for' }),
  example('time-out', 'Connections time out.', {
    origin: under('Key Concepts'),
    verdict: 'corrected',
    truth: 'They are refused.',
    because: 'kube-proxy writes a rule that rejects.',
    printed: { kind: 'yaml', text: 'kind: Pod\nmeta\n  name: web', file: 'web.yaml' },
    instead: { kind: 'yaml', text: 'kind: Pod\nmetadata:\n  name: web', file: 'web.yaml' },
    sources: ['https://example.test/refused'],
    outcome: 'drifted',
    why: `refused: ${drifted.error ?? ''}`,
    evidence: exampleEvidence('time-out', [passed, drifted], {
      suite: { file: 'suites/chapter/no-endpoints.test.ts', line: 59 },
      ms: 3_900,
      observations: [1_700, 3_800].map((at) => ({
        ...{ check: 'refused', at, what: 'a refusal', accepted: false, inARow: 3 },
        seen: attempt('timed out', 1_500, 'Connection timed out'),
      })),
      diagnostics: 'Service web: ClusterIP 10.43.1.2\nPod web: Running, Ready False',
    }),
  }),
  example('clean-up', 'All is gone.', { origin: under('Summary'), outcome: 'broken', why: 'not shown: nothing-left' }),
];

/** A report with claims of every outcome, for tests. */
export const exampleReport: Report = {
  format: 2,
  suite: { name: 'clusterip-conformance', version: '0.1.0' },
  startedAt: '2026-11-24T02:13:19.706Z',
  reproduce: 'npm test',
  cluster: exampleCluster,
  capabilities: [
    { name: 'known proxy', there: true },
    { name: 'ServiceLB', there: false, why: 'ServiceLB is not running' },
  ],
  claims: [...exampleClaims],
  excluded: [{ origin: under('Service Types'), says: 'It is perfect.', why: 'an opinion' }],
  errors: [],
  phases: { 'start the node': 10_124, claims: 61_950 },
  exitStatus: 3,
};
