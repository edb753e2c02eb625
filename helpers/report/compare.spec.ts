import { expect, test } from '@jest/globals';
import type { Observation } from '../evidence/format.ts';
import { compareReports, differsInOutcome } from './compare.ts';
import { comparisonAsMarkdown, renderComparison } from './compare-text.ts';
import { drifted, exampleCluster, exampleEvidence, exampleReport, passed } from './example.ts';
import type { ClaimReport, Report } from './format.ts';

const [exposed, bare, podRange] = exampleReport.claims as [ClaimReport, ClaimReport, ClaimReport];

function report(claims: ClaimReport[], more: Partial<Report['cluster']> = {}): Report {
  return { ...exampleReport, claims, cluster: { ...exampleCluster, ...more } };
}

function compare(...reports: Report[]) {
  return compareReports(reports.map((it, index) => ({ name: `${index}/report.json`, report: it })));
}

const sentences = ({ why }: { why: readonly { sentence: string }[] }) => why.map(({ sentence }) => sentence).join(' ');

const ended = (what: string, ending: string, response = ending): Observation => ({
  check: 'answers',
  at: 1,
  what,
  seen: { from: 'ns/pod', to: 'http://web/', ending, ms: 3, response },
});
const saw = (...observations: Observation[]): ClaimReport => ({
  ...exposed,
  evidence: exampleEvidence('port-exposed', [passed], { observations }),
});

test('runs that saw the same agree, whatever figures, answers and addresses they saw', () => {
  const one = saw(ended('an answer', 'refused'), ended('an answer', 'answered', 'one'));
  const two = saw(ended('an answer of 10.43.0.7', 'answered', 'two'), ended('another', 'answered', 'one'));
  const { differing, seenDifferently, same } = compare(report([one, bare]), report([two, bare]));
  expect([differing, seenDifferently]).toEqual([[], []]);
  expect(same.map(({ id }) => id)).toEqual(['port-exposed', 'bare-url']);
});

test('connections that settled on another ending are seen differently, though both claims are confirmed', () => {
  const both = compare(
    report([saw(ended('no answer', 'timed out'), ended('an answer', 'answered'))]),
    report([saw(ended('no answer', 'refused'), ended('an answer', 'answered'))]),
  );
  expect(differsInOutcome(both)).toBe(false);
  expect(both.seenDifferently.map(({ id }) => id)).toEqual(['port-exposed']);
  expect(renderComparison(both, 100)).toContain(
    [
      '  port-exposed (confirmed): The port is exposed.',
      '    Why it may differ: The runs differ in no property of a cluster or suite that is compared, so it',
      '      may be chance or load.',
      '    answers',
      '      1   the listed port answers',
      '          http://web/ timed out after 3 ms: timed out',
      '          http://web/ answered after 3 ms: answered',
      '      2   the listed port answers',
      '          http://web/ refused after 3 ms: refused',
      '          http://web/ answered after 3 ms: answered',
    ].join('\n'),
  );
});

const sees = (seen: unknown, what = 'an answer', at = 1): Observation => ({ check: 'answers', at, what, seen });

test.each<[string, unknown, unknown]>([
  [
    'echo requests',
    { to: '10.43.0.7', ending: 'timed out', exitCode: 1, output: '3 packets' },
    { to: '10.43.0.8', ending: 'refused', exitCode: 1, output: '' },
  ],
  [
    'datagrams of a flow',
    { from: 'ns/pod', to: 'udp 10.43.0.7 80', sourcePort: 20_000, ending: 'answered', response: 'a' },
    { from: 'ns/pod', to: 'udp 10.43.0.7 80', sourcePort: 20_009, ending: 'silent', response: '' },
  ],
  ['names', { from: 'ns/pod', name: 'web', addresses: ['10.43.0.7'] }, { from: 'ns/pod', name: 'web', addresses: [] }],
  ['several connections', { answered: 24, refused: 0 }, { answered: 12, refused: 12 }],
])('%s that ended in different ways are seen differently', (_, one, two) => {
  const { seenDifferently } = compare(report([saw(sees(one))]), report([saw(sees(two))]));
  expect(seenDifferently.map(({ id }) => id)).toEqual(['port-exposed']);
});

const counted = (answered: number) => ({ answered, refused: 24 - answered });

test.each<[string, Observation[], Observation[]]>([
  ['how many of several connections ended in which way', [sees(counted(13))], [sees(counted(7))]],
  [
    'the order of what was awaited side by side',
    [ended('x', 'refused'), ended('y', 'answered'), ended('x', 'answered'), ended('y', 'answered')],
    [ended('x', 'refused'), ended('x', 'answered'), ended('y', 'answered'), ended('y', 'answered')],
  ],
  [
    'what an earlier version did not record of a name',
    [sees({ from: 'ns/pod', name: 'web', addresses: [] })],
    [sees({ from: 'ns/pod', name: 'web', addresses: [], ending: 'unresolved', response: 'web. NXDOMAIN' })],
  ],
])('%s is no difference', (_, one, two) => {
  expect(compare(report([saw(...one)]), report([saw(...two)])).same.map(({ id }) => id)).toEqual(['port-exposed']);
});

test('a check is the same by its id, whatever its title', () => {
  const checked = (more: Partial<typeof passed>): ClaimReport => ({
    ...exposed,
    evidence: exampleEvidence('port-exposed', [{ ...passed, ...more }]),
  });
  const compared = (more: Partial<typeof passed>) => compare(report([checked({})]), report([checked(more)])).seenDifferently;
  expect(compared({ title: 'it is timed out in iptables mode' })).toHaveLength(0);
  expect(compared({ id: 'another' })).toHaveLength(1);
});

const unobserved: ClaimReport = { ...podRange, id: 'port-exposed' };
const red: ClaimReport = { ...exposed, outcome: 'drifted', evidence: exampleEvidence('port-exposed', [{ ...drifted, id: 'answers' }]) };

test('another outcome is a difference, with what both saw and the error', () => {
  const both = compare(report([exposed]), report([red]));
  expect(differsInOutcome(both)).toBe(true);
  const text = renderComparison(both, 100);
  expect(text).toMatch(
    /^ {2}port-exposed {2}confirmed \(1\); drifted \(2\)\. answers: answered +chance or load\n +\(1\); drifted \(2\)\n/m,
  );
  expect(text).toContain('Different outcomes: 1\n');
  expect(text).toContain('      1   the listed port answers\n          http://10.43.1.2:8080/ answered after 3 ms: web\n');
  expect(text).toContain('      2   drifted: a client is refused\n          waited 30001 ms for a refusal');
  expect(text).toContain('Red in run 2: port-exposed.');
});

test('the reason why a claim was not observed is shown', () => {
  const both = compare(report([{ ...podRange, outcome: 'confirmed' }]), report([podRange]));
  expect(renderComparison(both, 100)).toContain('      2   unobserved: the node is not k3s\n');
});

test('a claim that a run does not have is shown as –, and is a difference', () => {
  const both = compare(report([exposed]), report([exposed, bare]));
  expect(both.differing.map(({ id, cells }) => [id, ...cells])).toEqual([['bare-url', '–', 'confirmed']]);
  expect(differsInOutcome(both)).toBe(true);
  expect(renderComparison(both, 100)).toContain('      1   its ledger does not have this claim\n');
});

test('so is another verdict, though both runs confirm theirs', () => {
  const both = compare(report([exposed]), report([{ ...exposed, verdict: 'corrected', truth: 'Some are.' }]));
  expect(both.differing[0]?.cells).toEqual(['holds, confirmed', 'corrected, confirmed']);
});

test('runs that are red in the same way do not differ, and are named as red', () => {
  const both = compare(report([red]), report([red]));
  expect(differsInOutcome(both)).toBe(false);
  expect(renderComparison(both, 100)).toContain('Red in run 1: port-exposed.\n  Red in run 2: port-exposed.');
});

test('different outcomes come first, then the same outcomes that were seen differently, then the same', () => {
  const text = renderComparison(
    compare(
      report([bare, saw(ended('x', 'refused')), { ...podRange, outcome: 'confirmed' }]),
      report([bare, saw(ended('x', 'answered')), podRange]),
    ),
    100,
  );
  expect(text.match(/^(What|Different|The same)[^:]*: \d+|^ {2}\w+: [a-z-]+$/gm)).toEqual([
    'What differs: 2',
    'Different outcomes: 1',
    'The same outcome, seen differently: 1',
    'The same in every run: 1',
    '  confirmed: bare-url',
  ]);
});

const notAsked: ClaimReport = { ...exposed, outcome: 'not asked for' };

test('claims that a run was not asked for are listed apart where the other runs agree, and are no difference', () => {
  const comparison = compare(report([exposed, bare]), report([notAsked, bare]));
  expect(differsInOutcome(comparison)).toBe(false);
  const text = renderComparison(comparison, 100);
  expect(text).not.toContain('What differs');
  expect(text).toContain(
    'Not asked of every run, and nothing differs in the others: 1\n  confirmed (1); not asked for (2): port-exposed\n\nThe same in every run: 1',
  );
  expect(comparisonAsMarkdown(comparison)).toContain(
    '## Not asked of every run, and nothing differs in the others: 1\n\n- confirmed (1); not asked for (2): `port-exposed`\n\n## The same',
  );
});

test('where the other runs saw such a claim differently, it is listed with what was seen differently, and is no difference of outcome', () => {
  const comparison = compare(report([saw(ended('x', 'refused'))]), report([saw(ended('x', 'answered'))]), report([notAsked]));
  expect(comparison.seenDifferently.map(sentences)).toEqual([expect.stringMatching(/^Run 3 was not asked for it\. /)]);
  expect(differsInOutcome(comparison)).toBe(false);
});

test.each<[string, Report[]]>([
  ['the other runs have different outcomes', [report([exposed]), report([red]), report([notAsked])]],
  ['the ledgers have different verdicts', [report([exposed]), report([{ ...notAsked, verdict: 'refuted', truth: 'no' }])]],
  [
    'the run was stopped before it',
    [report([exposed]), { ...report([notAsked]), fault: { layer: 'Pod to Pod', seen: 'nothing', lookAt: [], layers: [], stopped: true } }],
  ],
])('such claims are a difference all the same where %s', (_, reports) => {
  const { differing, leftOut } = compare(...reports);
  expect(differing.map(({ id }) => id)).toEqual(['port-exposed']);
  expect(leftOut).toEqual([]);
});

test('each run has its file and its cluster, and the stand-in is named as such', () => {
  const text = renderComparison(
    compare(report([exposed]), report([exposed], { standIn: true, version: 'v1.36.3', proxyMode: 'nftables' })),
    100,
  );
  expect(text).toMatch(/ 1 {4}0\/report\.json {2}k3s +v1\.36\.3\+k3s1 +iptables +2026-11-24 02:13 +0$/m);
  expect(text).toMatch(/ 2 {4}1\/report\.json {2}stand-in +v1\.36\.3 +nftables /m);
  expect(text).toContain('A stand-in is upstream Kubernetes and not k3s.');
});

test('a table before the details says of each claim in a few words what differs, and why', () => {
  const mode = (proxyMode: string, ending: string, other: string) =>
    report(
      [exposed, { ...saw(ended('x', ending), ended('y', 'answered')), id: 'by-mode', endings }, { ...saw(ended('x', other)), id: 'other' }],
      { proxyMode },
    );
  const runs = [
    mode('iptables', 'timed out', 'refused'),
    mode('iptables', 'timed out', 'refused'),
    mode('nftables', 'refused', 'answered'),
    report([unobserved]),
  ];
  const lines = renderComparison(compare(...runs), 120).split('\n');
  const from = lines.indexOf('What differs: 3');
  expect(lines.slice(from + 1, lines.indexOf('', from))).toEqual([
    '  claim         what differs (run)                                         why it may differ',
    '  port-exposed  confirmed (1, 2, 3); unobserved (4)                        run 4 cannot show it',
    '  by-mode       confirmed (1, 2, 3); – (4). answers: timed out (1, 2);     run 4 is of a ledger without this claim; the',
    '                refused (3)                                                ledger expects it',
    '  other         confirmed (1, 2, 3); – (4). answers: refused (1, 2);       run 4 is of a ledger without this claim; the',
    '                answered (3)                                               proxy mode',
  ]);
  const three = comparisonAsMarkdown(compare(...runs.slice(0, 3)));
  expect(three).toContain('| by-mode | answers: timed out (1, 2); refused (3) | the ledger expects it |\n');
  expect(three).toContain('| other | answers: refused (1, 2); answered (3) | the proxy mode |\n');
});

test('what differs is named by the ending that is not in every run, by what is not shown, or in the words of the ledger', () => {
  const byMode = { answers: { iptables: 'some get another Pod', nftables: 'each keeps its Pod' } };
  const what = (one: ClaimReport, two: ClaimReport) =>
    comparisonAsMarkdown(compare(report([one]), report([two], { proxyMode: 'nftables' }))).match(
      /^\| port-exposed \| (.*) \| .* \|$/m,
    )?.[1];
  expect(what({ ...exposed, byMode }, { ...exposed, byMode })).toBe('answers: some get another Pod (1); each keeps its Pod (2)');
  expect(what(saw(ended('x', 'answered')), saw(ended('x', 'answered'), ended('y', 'refused')))).toBe(
    'answers: answered (1); answered and refused (2)',
  );
  const [drift, timedOut] = [ended('x', 'answered'), ended('x', 'timed out')].map((observation) => ({
    ...red,
    evidence: exampleEvidence('port-exposed', [{ ...drifted, id: 'answers' }], { observations: [observation] }),
  })) as [ClaimReport, ClaimReport];
  expect(what(drift, timedOut)).toBe('answers: drifted, answered (1); drifted, timed out (2)');
  const checked = (outcome: 'passed' | 'broken') => ({
    ...exposed,
    evidence: exampleEvidence(
      'port-exposed',
      ['a', 'b', 'c', 'd'].map((id) => ({ ...passed, id, outcome })),
    ),
  });
  expect(what(checked('passed'), checked('broken'))).toBe('a: passed (1); broken (2). b: passed (1); broken (2). And 2 more checks');
  expect(what(exposed, { ...exposed, evidence: exampleEvidence('port-exposed', []) })).toBe('answers: answered (1); not shown (2)');
  expect(what(unobserved, { ...unobserved, why: 'no node shell' })).toBe(
    'unobserved: the node is not k3s (1); unobserved: no node shell (2)',
  );
});

test('the table of runs has the profile, the node, the nodes, the families and the suite where they differ', () => {
  const header = (...reports: Report[]) =>
    renderComparison(compare(...reports), 100)
      .split('\n')[1]
      ?.trim()
      .split(/ {2,}/);
  const always = ['run', 'file', 'Kubernetes', 'Service proxy', 'started (UTC)', 'red'];
  expect(header(report([]), report([]))).toEqual(always);
  const two = report([], { profile: 'two-nodes', nodes: [], serviceRanges: ['10.43.0.0/16', 'fd00::/112'] });
  expect(header(report([]), two)).toEqual([
    ...always.slice(0, 2),
    'profile or context',
    ...always.slice(2, 4),
    'nodes',
    'IP families',
    ...always.slice(4),
  ]);
  const text = renderComparison(compare(report([]), two), 100);
  expect(text).toMatch(/ {2}default +v1\.36\.3\+k3s1 +iptables +1 +IPv4 +2026/);
  expect(text).toMatch(/ {2}two-nodes +v1\.36\.3\+k3s1 +iptables +0 +IPv4 and IPv6 +2026/);
  expect(text).toContain('  The same in every run: node (k3s) and suite (0.1.0).\n');
});

test.each([80, 120])('sentences and lists break at %i columns', (width) => {
  const claims = Array.from({ length: 40 }, (_, index) => ({
    ...bare,
    id: `a-claim-with-a-long-name-${index}`,
    says: 'It is so. '.repeat(20),
  }));
  const unobserved = claims.map((claim): ClaimReport => ({ ...claim, outcome: 'unobserved', why: 'for many reasons '.repeat(20) }));
  for (const both of [compare(report(claims), report(claims)), compare(report(claims), report(unobserved))]) {
    const longest = Math.max(
      ...renderComparison(both, width)
        .split('\n')
        .slice(4)
        .map((line) => line.length),
    );
    expect(longest).toBeLessThanOrEqual(width);
    expect(longest).toBeGreaterThan(width - 30);
  }
});

test('the Markdown has the same in the same order, escaped', () => {
  const text = comparisonAsMarkdown(compare(report([exposed, { ...bare, outcome: 'unobserved', why: 'a|b <c>' }]), report([red, bare])));
  expect(text.split('\n').filter((line) => line.startsWith('#'))).toEqual([
    '# Comparison of runs',
    '## What differs: 2',
    '## Different outcomes: 2',
    '### `port-exposed`',
    '### `bare-url`',
    '## The same outcome, seen differently: 0',
    '## The same in every run: 0',
  ]);
  expect(text).toContain('| port-exposed | confirmed (1); drifted (2). answers: answered (1); drifted (2) | chance or load |');
  expect(text).toContain('- run 1: unobserved: a\\|b &lt;c&gt;');
});

const endings = { answers: { iptables: 'timed out', nftables: 'refused' } };
const inMode = (proxyMode: string, ending: string, more: Partial<ClaimReport> = {}) =>
  report([{ ...saw(ended('no answer', ending)), endings, ...more }], { proxyMode });

test('so is a check of which the ledger says in words what it sees in each mode', () => {
  const byMode = { answers: { iptables: 'some get another Pod', nftables: 'each keeps its Pod' } };
  const [one, two] = ['iptables', 'nftables'].map((proxyMode) => report([{ ...exposed, byMode }], { proxyMode })) as [Report, Report];
  expect(compare(one, two).seenDifferently.map(sentences)).toEqual([
    'The ledger expects it: some get another Pod in iptables mode and each keeps its Pod in nftables mode.',
  ]);
});

test.each<[string, ClaimReport, ClaimReport]>([
  ['no attempt was recorded', saw(), saw()],
  ['a router refused what one node would drop', saw(ended('x', 'refused')), saw(ended('x', 'refused'))],
])('a check is listed where the ledger expects another ending in another mode, even though %s', (_, one, two) => {
  const { seenDifferently } = compare(
    report([{ ...one, endings }], { proxyMode: 'iptables' }),
    report([{ ...two, endings }], { proxyMode: 'nftables' }),
  );
  expect(seenDifferently.map(sentences)).toEqual(['The ledger expects it: timed out in iptables mode and refused in nftables mode.']);
});

const inBoth = { endings: { answers: { iptables: 'timed out', nftables: 'timed out' } } };

test.each<[string, Report, Report]>([
  ['both runs have one mode', inMode('iptables', 'timed out'), inMode('iptables', 'timed out')],
  ['the ledger expects the same in both', inMode('iptables', 'timed out', inBoth), inMode('nftables', 'timed out', inBoth)],
])('and not where %s', (_, one, two) => {
  expect(compare(one, two).same.map(({ id }) => id)).toEqual(['port-exposed']);
});

test('of a run that did not observe a claim, the others show only what is red', () => {
  const checksIn = (one: ClaimReport) => compare(report([one]), report([unobserved])).differing.flatMap(({ differences }) => differences);
  expect(checksIn(exposed).map(({ check }) => check)).toEqual([undefined]);
  expect(checksIn(red).map(({ check }) => check)).toEqual([undefined, 'answers']);
});

test.each<[string, Report, Report, string]>([
  [
    'the ledger expects another ending in each proxy mode',
    inMode('iptables', 'timed out'),
    inMode('nftables', 'refused'),
    'The ledger expects it: timed out in iptables mode and refused in nftables mode.',
  ],
  [
    'one of them is red, though the ledger knows the modes',
    inMode('iptables', 'timed out'),
    report([{ ...red, endings }], { proxyMode: 'nftables' }),
    'The runs differ in the proxy mode (iptables; nftables).',
  ],
  [
    'the ledger does not know of it',
    report([saw(ended('x', 'refused'))]),
    report([saw(ended('x', 'answered'))], {
      version: 'v1.35.4',
      kubectlVersion: 'v1.35.4',
      nodeImage: 'rancher/k3s:v1.35.4',
      domain: 'other',
    }),
    'The runs differ in the version of Kubernetes (v1.36.3+k3s1; v1.35.4), the kind of node (k3s; Kubernetes), the DNS domain (cluster.local; other) and the operating system.',
  ],
  [
    'a cluster cannot show it',
    report([exposed]),
    report([{ ...exposed, outcome: 'unobserved', why: 'no' }]),
    'The cluster of run 2 cannot show it.',
  ],
  ['a ledger lacks it', report([]), report([exposed]), 'Run 1 is of a ledger without this claim.'],
  [
    'the verdicts differ',
    report([exposed]),
    report([{ ...exposed, verdict: 'refuted', truth: 'no' }]),
    'The ledgers of the runs have different verdicts.',
  ],
])('each difference has a line that says why it may be so: %s', (_, one, two, why) => {
  const { differing, seenDifferently } = compare(one, two);
  expect([...differing, ...seenDifferently].map(sentences)).toEqual([expect.stringContaining(why)]);
  expect(comparisonAsMarkdown(compare(one, two))).toContain('Why it may differ: ');
});

const [exampleNode] = exampleCluster.nodes;
const onNode = (more: Partial<Report['cluster']['nodes'][number]>) => ({
  nodes: exampleNode === undefined ? [] : [{ ...exampleNode, ...more }],
});
const whyOf = (...reports: Report[]) => {
  const { differing, seenDifferently } = compare(...reports);
  return [...differing, ...seenDifferently].map(sentences);
};
const answeredOn = (more: Partial<Report['cluster']>) => report([saw(ended('x', 'answered'))], more);
const refusedOn = (more: Partial<Report['cluster']>) => report([saw(ended('x', 'refused'))], more);

test.each<[string, Partial<Report['cluster']>, string]>([
  ['kernel', onNode({ kernel: '6.18' }), 'the kernel (6.1.0-28-amd64; 6.18)'],
  ['operating system', onNode({ operatingSystem: 'Debian 13' }), 'the operating system (K3s <version>; Debian 13)'],
  ['architecture', onNode({ architecture: 'arm64' }), 'the architecture (amd64; arm64)'],
  ['container runtime', onNode({ containerRuntime: 'cri-o://1.36' }), 'the container runtime (containerd://2.1.4-k3s1; cri-o://1.36)'],
  ['kubectl', { kubectlVersion: 'v1.34.0' }, 'the version of kubectl (<version>; v1.34.0)'],
  ['workload images', { images: { agnhost: 'mirror/agnhost' } }, 'the workload images (the pinned ones; mirror/agnhost)'],
  ['image of the node', { nodeImage: 'mirror/k3s:v1.36.3-k3s1' }, 'the image of the node (rancher/k3s:<version>; mirror/k3s:<version>)'],
  ['Pod ranges', { podRanges: ['10.52.0.0/16'] }, 'the Pod ranges (10.42.0.0/16; 10.52.0.0/16)'],
  ['range of node ports', { nodePortRange: '20000-22767' }, 'the range of node ports (30000-32767; 20000-22767)'],
  ['DNS domain', { domain: 'example.org' }, 'the DNS domain (cluster.local; example.org)'],
  ['context', { adopted: true, context: 'b' }, 'the cluster itself (started by the suite; context b)'],
])('a difference of the %s is a reason', (_, more, what) => {
  expect(whyOf(answeredOn({}), refusedOn(more))).toEqual([`The runs differ in ${what}.`]);
});

test('what follows from the version of Kubernetes is no reason of its own', () => {
  const older = { version: 'v1.35.4+k3s1', kubectlVersion: 'v1.35.4+k3s1', nodeImage: 'rancher/k3s:v1.35.4-k3s1' };
  const other = { ...older, ...onNode({ operatingSystem: 'K3s v1.35.4+k3s1' }) };
  expect(whyOf(answeredOn({}), refusedOn(other))).toEqual(['The runs differ in the version of Kubernetes (v1.36.3+k3s1; v1.35.4+k3s1).']);
});

test('of three runs, only what divides them as what they saw does is a reason', () => {
  const nftables = { proxyMode: 'nftables' };
  expect(whyOf(answeredOn({}), answeredOn({ version: 'v1.35.4+k3s1' }), refusedOn(nftables))).toEqual([
    'The runs differ in the proxy mode (iptables; nftables).',
  ]);
  expect(whyOf(answeredOn({}), answeredOn(nftables), refusedOn({ ...nftables, podRanges: [] }))).toEqual([
    'The runs differ in the Pod ranges (10.42.0.0/16; unknown).',
  ]);
});

test('where nothing divides them so, all differences are named as possible', () => {
  const [older, nftables] = [{ domain: 'example.org' }, { proxyMode: 'nftables' }];
  expect(whyOf(answeredOn({}), answeredOn({ ...older, ...nftables }), refusedOn(older), refusedOn(nftables))).toEqual([
    'Nothing in which the runs differ matches exactly what they saw, so it may be chance, load or one of these: the proxy mode (iptables; nftables) and the DNS domain (cluster.local; example.org).',
  ]);
});

test('runs that did not observe a claim are named first, and what the other runs saw is explained after that', () => {
  const nftables = { proxyMode: 'nftables' };
  expect(whyOf(report([exposed]), report([red], nftables), report([unobserved]), report([unobserved]))).toEqual([
    'The clusters of runs 3 and 4 cannot show it. The other runs differ in the proxy mode (iptables; nftables).',
  ]);
  expect(whyOf(report([exposed]), report([]), report([exposed]))).toEqual(['Run 2 is of a ledger without this claim.']);
  expect(whyOf(inMode('iptables', 'timed out'), inMode('nftables', 'refused'), report([unobserved]))).toEqual([
    'The cluster of run 3 cannot show it. The ledger expects it: timed out in iptables mode and refused in nftables mode.',
  ]);
});

test('what the ledger expects of some runs does not explain what another one saw', () => {
  const broken = report([{ ...red, endings }], { proxyMode: 'nftables', domain: 'example.org' });
  expect(whyOf(inMode('iptables', 'timed out'), inMode('nftables', 'refused'), broken)).toEqual([
    'The ledger expects it: timed out in iptables mode and refused in nftables mode. Beyond that, the runs differ in the DNS domain (cluster.local; example.org).',
  ]);
});
