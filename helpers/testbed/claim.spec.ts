import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext, runInThisContext } from 'node:vm';
import { afterAll, afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { timeouts } from '../base/timeouts.ts';
import { waitFor } from '../base/wait-for.ts';
import type { ClusterDescription, Fault } from '../cluster/description.ts';
import { adoptedDescription, exampleDescription } from '../cluster/example.ts';
import { type Evidence, evidenceFormat } from '../evidence/format.ts';
import { Refused } from '../kube/refusal.ts';
import { unmet } from '../ledger/capabilities.ts';
import { type ClaimId, claims, ledger } from '../ledger/claims.ts';
import type { ClaimContext } from './claim.ts';
import type { RunContext } from './run-context.ts';

process.env.CONFORMANCE_ARTIFACTS = mkdtempSync(join(tmpdir(), 'claim-'));
const { evidenceFolder, recordObservation } = await import('../evidence/recorder.ts');
const { NotSettled } = await import('../probe/settle.ts');
const { claimsOf } = await import('./claim.ts');
const { fakeJest, fakeKube, fakeContext, suiteFileOf } = await import('./fakes.ts');

afterAll(() => {
  rmSync(process.env.CONFORMANCE_ARTIFACTS ?? '', { recursive: true });
});
beforeEach(() => {
  rmSync(evidenceFolder, { recursive: true, force: true });
});
afterEach(() => {
  jest.useRealTimers();
});

function evidenceOf(id: string): Evidence {
  return evidenceFormat.parse(JSON.parse(readFileSync(join(evidenceFolder, `${id}.json`), 'utf8')));
}

type Claim = ReturnType<typeof claimsOf>;
type Show = () => Promise<void>;
const passes: Show = () => Promise.resolve();
const throws = (error: unknown): Show => {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  reject(error);
  return () => promise;
};

/** Registers a claim with all its checks, which pass unless `shows` has another one. The title of each is `<claim>/<check>`. */
function register(
  claim: Claim,
  id: ClaimId,
  shows: Record<string, Show> = {},
  before: (context: ClaimContext<ClaimId>) => void = () => undefined,
) {
  claim(id, (context) => {
    before(context);
    for (const check of claims[id].checks) context.check(check, `${id}/${check}`, shows[check] ?? passes);
  });
}

const ready = (since: string, status = 'True') => ({
  items: [{ metadata: { name: 'node' }, status: { conditions: [{ type: 'Ready', status, lastTransitionTime: new Date(since) }] } }],
});
const steady = () => ready('2026-11-24T02:13:10Z');

interface Surroundings {
  readonly answers?: Record<string, () => unknown>;
  readonly cluster?: Partial<ClusterDescription>;
  readonly context?: Partial<RunContext>;
  readonly findFault?: () => Promise<Fault | undefined>;
}

/** Opens the suite file of the claim port-exposed. */
function openPorts({ answers, cluster, context: more, findFault }: Surroundings = {}) {
  const { kube, calls } = fakeKube({
    listNode: steady,
    listNamespacedPod: () => ({ items: [{ spec: { nodeName: 'node' } }] }),
    ...answers,
  });
  const file = fakeJest('port-exposed');
  const context = fakeContext(kube, cluster, more);
  return { file, calls, context, claim: claimsOf(file, context, findFault) };
}

/** Runs the claim port-exposed, and returns the errors of its tests, its evidence, and the calls of the API. */
async function runPorts(shows: Record<string, Show>, surroundings: Surroundings = {}, setup?: Show) {
  const { file, calls, claim } = openPorts(surroundings);
  register(claim, 'port-exposed', shows, (context) => {
    if (setup !== undefined) context.setup(setup);
  });
  const errors = await file.runAll();
  return { errors, evidence: evidenceOf('port-exposed'), calls };
}

const [answers, doesNot] = ['listed-port-answers', 'unlisted-port-does-not'];

// What the example of a cluster can show, and what is shown side by side.
const exampleStandIn = { ...exampleDescription, standIn: true };
const ids = (Object.keys(claims) as ClaimId[]).filter((id) => {
  const row = ledger[id];
  return row !== undefined && row.alone !== true && unmet(row, exampleDescription) === undefined;
});

/** Registers these claims of the ledger, each from its suite file and with the same check for all. */
function registerAll({ file, claim }: Pick<ReturnType<typeof openPorts>, 'file' | 'claim'>, show: Show = passes) {
  for (const id of ids) {
    file.path = suiteFileOf(id);
    register(claim, id, Object.fromEntries(claims[id].checks.map((check) => [check, show])));
  }
}

/** Returns an error as an assertion of Jest throws it. */
function assertion(seen: unknown): unknown {
  try {
    expect(seen).toBe('the awaited');
  } catch (error) {
    return error;
  }
  return undefined;
}

test('a claim whose checks pass leaves evidence of them and of its cluster', async () => {
  const { errors, evidence } = await runPorts({});
  expect(errors).toEqual({ [`port-exposed/${answers}`]: undefined, [`port-exposed/${doesNot}`]: undefined });
  expect(evidence).toMatchObject({
    claim: 'port-exposed',
    namespace: 'clusterip-3ye99-port-exposed',
    cluster: { version: 'v1.36.3+k3s1', proxyMode: 'iptables', nodeImage: 'rancher/k3s:v1.36.3-k3s1', kubectl: 'v1.36.3+k3s1' },
    checks: [
      { id: answers, title: `port-exposed/${answers}`, outcome: 'passed' },
      { id: doesNot, title: `port-exposed/${doesNot}`, outcome: 'passed' },
    ],
  });
  expect(evidence.checks[0]).not.toHaveProperty('error');
  expect(evidence).not.toHaveProperty('diagnostics');
  expect(evidence).not.toHaveProperty('incomplete');
});

test('setup and checks run in order, after the namespace exists, and observations are kept under each', async () => {
  const { file, claim, calls } = openPorts();
  const seen: string[] = [];
  const step = (name: string) => async () => {
    seen.push(calls.includes('createNamespace clusterip-3ye99-port-exposed') ? `${name} begins` : 'there is no namespace');
    await Promise.resolve();
    seen.push(`${name} ends`);
    recordObservation(name, 1);
  };
  register(claim, 'port-exposed', { [answers]: step('answers'), [doesNot]: step('does not') }, ({ setup }) => {
    setup(step('first'));
    setup(step('second'));
  });
  await file.runAll();
  expect(seen).toEqual(['first', 'second', 'answers', 'does not'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  expect(evidenceOf('port-exposed').observations.map(({ check, what }) => [check, what])).toEqual([
    ['setup', 'first'],
    ['setup', 'second'],
    [answers, 'answers'],
    [doesNot, 'does not'],
  ]);
});

test.each<[string, Show]>([
  ['checks', passes],
  ['a setup that fails', throws(new Error('no Pod became Ready'))],
])('a teardown runs after %s, and the evidence says why it failed', async (_, setup) => {
  const { file, claim } = openPorts();
  const seen: string[] = [];
  register(claim, 'port-exposed', { [doesNot]: () => Promise.resolve(void seen.push('check')) }, (context) => {
    context.teardown(() => Promise.resolve(void seen.push('teardown')));
    context.teardown(throws(new Error('the range is still there')));
    context.setup(setup);
  });
  await file.runAll();
  expect(seen.at(-1)).toBe('teardown');
  expect(evidenceOf('port-exposed').incomplete).toBe('the range is still there');
});

test.each<[string, unknown, outcome: string, seen: unknown]>([
  ['has not settled', new NotSettled('waited', { ending: 'refused', response: 'no' }), 'drifted', { ending: 'refused', response: 'no' }],
  ['has not settled on a value', new NotSettled('waited', 3), 'drifted', 3],
  ['has not settled and saw nothing', new NotSettled('waited', undefined), 'drifted', undefined],
  ['has not settled and last saw a broken ending', new NotSettled('waited', { ending: 'broken' }), 'broken', { ending: 'broken' }],
  ['has a failed assertion', assertion('another'), 'drifted', 'another'],
  ['has a failed assertion about an object', assertion({ port: 1 }), 'drifted', { port: 1 }],
  [
    'sends an object that the API server finds invalid',
    new Refused(422, '{"message":"Service \\"web\\" is invalid"}'),
    'drifted',
    { code: 422, message: 'Service "web" is invalid' },
  ],
  ['may not create its object', new Refused(403, '{"message":"no"}'), 'broken', undefined],
  ['has an error', new Error('the shell has ended'), 'broken', undefined],
  ['has an error of another realm', runInNewContext(`new TypeError('nothing to read')`), 'broken', undefined],
])('a check that %s', async (_, error, outcome, seen) => {
  const { errors, evidence } = await runPorts({ [answers]: throws(error) });
  expect(evidence.checks).toEqual([
    {
      id: answers,
      title: `port-exposed/${answers}`,
      ms: expect.any(Number),
      outcome,
      error: (error as Error).message,
      ...(seen === undefined ? {} : { seen }),
    },
    expect.objectContaining({ id: doesNot, outcome: 'passed' }),
  ]);
  expect(errors[`port-exposed/${doesNot}`]).toBeUndefined();
  expect(errors[`port-exposed/${answers}`]).toBe(error);
});

test.each<[string, () => unknown, string]>([
  ['became Ready after the cluster was opened', () => ready('2026-11-24T02:14:00Z'), 'node node has not been Ready all the time'],
  ['is not Ready', () => ready('2026-11-24T02:13:10Z', 'False'), 'node node has not been Ready all the time'],
  ['is gone', () => ({ items: [] }), 'node node has not been Ready all the time'],
  [
    'cannot be listed',
    () => {
      throw new Error('ECONNREFUSED\nmore');
    },
    'the API server does not list its nodes and Pods (ECONNREFUSED)',
  ],
])('what drifts is broken where a node %s', async (_, listNode, why) => {
  const { evidence } = await runPorts({ [answers]: throws(new NotSettled('waited', 'nothing')) }, { answers: { listNode } });
  expect(evidence.checks[0]).toMatchObject({ outcome: 'broken', error: `waited\nBut ${why}.`, seen: 'nothing' });
});

test('the clock of this machine does not count: a node is as steady as the API server says', async () => {
  const drifts = { [answers]: throws(new NotSettled('waited', {})) };
  const became = (since: string, clockAhead: number) =>
    runPorts(drifts, { answers: { listNode: () => ready(since) }, cluster: { clockAhead } }).then(
      ({ evidence }) => evidence.checks[0]?.outcome,
    );
  // An hour ahead: by the API server, the cluster became usable at 01:13.
  expect(await became('2026-11-24T01:30:00Z', 3_600_000)).toBe('broken');
  expect(await became('2026-11-24T02:14:00Z', -3_600_000)).toBe('drifted');
});

test.each<[string, unknown[], string | undefined]>([
  ['where it has a Pod of the run', [{ spec: { nodeName: 'node' } }], 'has not been Ready'],
  ['where the run has no Pod', [{ spec: {} }], undefined],
])('a node that goes away makes a claim broken only %s', async (_, items, why) => {
  const seen = { listNode: () => ({ items: [] }), listNamespacedPod: () => ({ items }) };
  const { evidence } = await runPorts(
    { [answers]: throws(new NotSettled('waited', 'nothing')) },
    { answers: seen, cluster: { nodeAddress: '' } },
  );
  expect(evidence.checks[0]).toMatchObject({ outcome: why === undefined ? 'drifted' : 'broken' });
});

test('a node that goes away with the Pods that suites waited for makes claims broken', async () => {
  const surroundings = {
    answers: { listNode: () => ({ items: [] }), listNamespacedPod: () => ({ items: [] }) },
    context: { podNodes: new Map([['clusterip-x/web', 'node']]) },
  };
  const { evidence } = await runPorts({ [answers]: throws(new NotSettled('waited', 'nothing')) }, surroundings);
  expect(evidence.checks[0]).toMatchObject({ outcome: 'broken' });
});

test('a node that joined after the cluster was opened may have become Ready since', async () => {
  const { evidence } = await runPorts(
    { [answers]: throws(new NotSettled('waited', 'nothing')) },
    { answers: { listNode: () => ready('2026-11-24T02:14:00Z') }, cluster: { nodes: [] } },
  );
  expect(evidence.checks[0]).toMatchObject({ outcome: 'drifted' });
});

const fault: Fault = { layer: 'Pod to Service', seen: 'it timed out', lookAt: [], layers: [], stopped: true };
const dnsFault: Fault = { ...fault, layer: 'DNS', stopped: false };

test('a fault that stops the run ends the claims that run, and begins no other', async () => {
  const found = Promise.withResolvers<Fault>();
  const opened = openPorts({ findFault: () => found.promise });
  const released = Promise.withResolvers<undefined>();
  let begun = 0;
  // The first claims hang, as on a cluster where nothing works.
  registerAll(opened, async () => {
    begun += 1;
    found.resolve(fault);
    await released.promise;
  });
  const errors = Object.values(await opened.file.runAll());
  expect(errors).toEqual(opened.file.tests.map(() => expect.objectContaining({ message: 'Pod to Service does not work: it timed out' })));
  expect(begun).toBeLessThanOrEqual(8);
  expect(existsSync(evidenceFolder)).toBe(false);
  // What was abandoned goes on by itself, and has to end before the next test.
  const abandoned = begun;
  released.resolve(undefined);
  await waitFor('abandoned claims to end', 5_000, () => {
    const ended = existsSync(evidenceFolder) ? readdirSync(evidenceFolder).length : 0;
    return Promise.resolve(ended === abandoned ? { done: undefined } : { seen: `${ended} of ${abandoned}` });
  });
});

test('claims that need DNS begin when it is known to work, and without it they are skipped', async () => {
  const needing = ids.filter((id) => (claims[id] as { needs?: readonly string[] }).needs?.includes('DNS') === true);
  expect(needing.length).toBeGreaterThan(3);
  for (const found of [undefined, dnsFault]) {
    const search = Promise.withResolvers<Fault | undefined>();
    const opened = openPorts({ findFault: () => search.promise, context: { nodeShell } });
    let shown = 0;
    registerAll(opened, () => {
      // Every other claim ends without waiting for the search.
      shown += 1;
      const others = ids.filter((id) => !needing.includes(id)).flatMap((id) => claims[id].checks).length;
      if (shown === others) search.resolve(found);
      return Promise.resolve();
    });
    const errors = await opened.file.runAll();
    const skipped = Object.entries(errors).filter(([, error]) => error !== undefined);
    expect([...new Set(skipped.map(([title]) => title.split('/')[0]))].sort()).toEqual(found === undefined ? [] : [...needing].sort());
    expect(readdirSync(evidenceFolder)).toHaveLength(found === undefined ? ids.length : ids.length - needing.length);
    rmSync(evidenceFolder, { recursive: true });
  }
});

test('a search for a fault that fails changes nothing', async () => {
  const opened = openPorts({ findFault: () => Promise.reject(new Error('no shell')), context: { nodeShell } });
  registerAll(opened);
  expect(Object.values(await opened.file.runAll()).filter((error) => error !== undefined)).toEqual([]);
});

test('a node that was not Ready when the cluster was opened may stay so', async () => {
  const nodes = [
    ...exampleDescription.nodes,
    { ...exampleDescription.nodes[0], name: 'spare', ready: false },
  ] as ClusterDescription['nodes'];
  const { evidence } = await runPorts({ [answers]: throws(new NotSettled('waited', 'nothing')) }, { cluster: { nodes } });
  expect(evidence.checks[0]).toMatchObject({ outcome: 'drifted', error: 'waited' });
});

test.each<[string, Surroundings, Show | undefined, string]>([
  ['the setup', {}, throws(new Error('no Pod is ready')), 'no Pod is ready'],
  ['the setup, of another realm,', {}, throws(runInNewContext(`new Error('no Pod is ready')`)), 'no Pod is ready'],
  [
    'the namespace',
    {
      answers: {
        createNamespace: () => {
          throw new Error('it exists');
        },
      },
    },
    undefined,
    'it exists',
  ],
])(
  'without %s no check is shown: the first one is broken, the others are missing, and every test fails',
  async (_, surroundings, setup, why) => {
    let shown = 0;
    const counts = () => {
      shown += 1;
      return Promise.resolve();
    };
    const { errors, evidence } = await runPorts({ [answers]: counts, [doesNot]: counts }, surroundings, setup);
    expect(evidence.checks).toEqual([
      { id: answers, title: `port-exposed/${answers}`, outcome: 'broken', ms: 0, error: `its setup failed: ${why}` },
    ]);
    const failure = expect.objectContaining({ message: why });
    expect(errors).toEqual({ [`port-exposed/${answers}`]: failure, [`port-exposed/${doesNot}`]: failure });
    expect(shown).toBe(0);
  },
);

test('a check that does not end is broken after the time of a test, and the next one is shown', async () => {
  jest.useFakeTimers();
  const { file, claim } = openPorts();
  register(claim, 'port-exposed', { [answers]: () => new Promise(() => undefined) });
  const errors = file.runAll();
  await jest.advanceTimersByTimeAsync(timeouts.test);
  await errors;
  expect(evidenceOf('port-exposed').checks).toEqual([
    expect.objectContaining({ id: answers, outcome: 'broken', error: `the check ${answers} has not ended after ${timeouts.test} ms` }),
    expect.objectContaining({ id: doesNot, outcome: 'passed' }),
  ]);
});

const webService = { metadata: { name: 'web', managedFields: [{ manager: 'kubectl' }] }, spec: { clusterIP: '10.43.1.2', ports: [] } };
const event = { involvedObject: { kind: 'Pod', name: 'web' }, type: 'Warning', reason: 'Unhealthy', message: 'Readiness probe failed' };
const objects = {
  listNamespacedService: () => ({ items: [structuredClone(webService)] }),
  listNamespacedPod: () => ({ items: [{ metadata: { name: 'web' }, status: { phase: 'Running' } }] }),
  listNamespacedEvent: () => ({ items: [event, { ...event, type: 'Normal', reason: 'Pulled' }] }),
};
const rule = '-A KUBE-SERVICES -d 10.43.1.2/32 -p tcp -j KUBE-SVC-A';
const nodeShell = () =>
  Promise.resolve({
    name: 'the node',
    run: (command: string) => Promise.resolve({ exitCode: 0, output: command === 'iptables-save' ? `${rule}\n-A OTHER -j ACCEPT\n` : '' }),
    lost: () => false,
    close: () => undefined,
  });

test("the evidence has the objects of the namespace without managed fields, and the node's rules", async () => {
  const { evidence } = await runPorts({}, { answers: objects, context: { nodeShell } });
  expect(evidence.objects).toEqual({
    services: [{ metadata: { name: 'web' }, spec: webService.spec }],
    endpointSlices: [],
    pods: objects.listNamespacedPod().items,
  });
  expect(evidence.rules).toEqual({ web: [rule] });
  expect(evidence).not.toHaveProperty('diagnostics');
});

/** Returns a node whose rules are these, one after the other, and then always as the last one; and how often it was asked. */
function nodeWith(...rules: readonly string[]) {
  let asked = 0;
  const run = (command: string) => {
    const output = command === 'iptables-save' ? (rules[Math.min(asked++, rules.length - 1)] ?? '') : '';
    return Promise.resolve({ exitCode: 0, output });
  };
  const shell = { name: 'the node', run, lost: () => false, close: () => undefined };
  return { nodeShell: () => Promise.resolve(shell), asked: () => asked };
}

const connects: Show = () => {
  recordObservation('an answer', { ending: 'answered' });
  return Promise.resolve();
};
const reject = `${rule.slice(0, -13)} -j REJECT`;

test.each([
  ['has its rules where they changed until the claim ended', connects, [rule, reject], { web: [rule] }],
  ['has none where they stayed the same', connects, [rule, rule], undefined],
  ['has none where only their order changed', connects, [`${rule}\n${reject}`, `${reject}\n${rule}`], undefined],
  ['that made no connection does not read them', passes, [rule], undefined],
])('a check %s', async (_, show, printed, rules) => {
  const node = nodeWith(...printed);
  const { evidence } = await runPorts({ [answers]: show }, { answers: objects, context: { nodeShell: node.nodeShell } });
  expect(evidence.checks.map((check) => check.rules)).toEqual([rules, undefined]);
  expect(evidence.rules).toEqual({ web: printed.at(-1)?.split('\n') });
  expect(node.asked()).toBe(printed.length);
});

test('on several nodes the rules are those of the node from which something was sent last, and it is named', async () => {
  const nodes = exampleDescription.nodes.flatMap((node) => [node, { ...node, name: 'second' }]);
  const from = (pod: string) => () => {
    recordObservation('an answer', { from: `clients/${pod}`, ending: 'answered' });
    return Promise.resolve();
  };
  const shellOf = (name = '') => nodeWith(rule.replace('KUBE-SVC-A', name)).nodeShell();
  const podNodes = new Map([
    ['clients/one', 'node'],
    ['clients/two', 'second'],
  ]);
  const { evidence } = await runPorts(
    { [answers]: from('one'), [doesNot]: from('two') },
    { answers: objects, cluster: { nodes }, context: { nodeShell: shellOf, podNodes } },
  );
  expect(evidence.checks[0]).toMatchObject({ rulesOn: 'node', rules: { web: [expect.stringMatching(/-j node$/)] } });
  expect(evidence.checks[1]).not.toHaveProperty('rules');
  expect(evidence).toMatchObject({ rulesOn: 'second', rules: { web: [expect.stringMatching(/-j second$/)] } });
});

test('rules that cannot be read after a check are a reason in the evidence, and the next check is shown', async () => {
  const gone = () => Promise.reject(new Error('the shell in the node has ended'));
  const { evidence } = await runPorts({ [answers]: connects }, { answers: objects, context: { nodeShell: gone } });
  expect(evidence).toMatchObject({ incomplete: 'the shell in the node has ended', checks: [{ outcome: 'passed' }, { outcome: 'passed' }] });
});

test('no node is entered on an adopted cluster', async () => {
  const file = fakeJest('no-affinity');
  const entered = () => Promise.reject(new Error('entered'));
  const context = { ...fakeContext(fakeKube(objects).kube), cluster: adoptedDescription, nodeShell: entered };
  register(claimsOf(file, context), 'no-affinity');
  await file.runAll();
  expect(evidenceOf('no-affinity')).toMatchObject({ rules: {}, objects: { pods: [{ metadata: { name: 'web' } }] } });
  expect(evidenceOf('no-affinity')).not.toHaveProperty('incomplete');
});

test('a red claim has diagnostics: a line for each object and for each event that is not Normal', async () => {
  const { evidence } = await runPorts({ [answers]: throws(new Error('no')) }, { answers: objects, context: { nodeShell } });
  expect(evidence.diagnostics).toMatch(/^Service web.*\nPod web.*\nEvent of Pod web: Unhealthy Readiness probe failed$/);
});

test('on several nodes the evidence names the node of each Pod that sent or answered something', async () => {
  const nodes = exampleDescription.nodes.flatMap((node) => [node, { ...node, name: 'second' }]);
  const pod = (name: string) => ({ metadata: { name }, spec: { nodeName: 'second' } });
  const answers_ = { listNamespacedPod: () => ({ items: [pod('of-a-controller'), pod('idle')] }) };
  const podNodes = new Map([
    ['clients/client', 'node'],
    ['clients/idle', 'node'],
    ['another-claim/web', 'node'],
    ['clusterip-3ye99-port-exposed/web', 'second'],
  ]);
  const seeing = () => {
    for (const response of ['web', 'of-a-controller'])
      recordObservation('an answer', { from: 'clients/client', to: 'web', ending: 'answered', ms: 1, response });
    return Promise.resolve();
  };
  const { evidence } = await runPorts({ [answers]: seeing }, { answers: answers_, cluster: { nodes }, context: { podNodes } });
  expect(evidence.nodes).toEqual({
    'clients/client': 'node',
    'clusterip-3ye99-port-exposed/web': 'second',
    'clusterip-3ye99-port-exposed/of-a-controller': 'second',
  });
  expect((await runPorts({ [answers]: seeing }, { answers: answers_ })).evidence).not.toHaveProperty('nodes');
});

test('evidence whose objects cannot be collected is written with the reason', async () => {
  const refuses = () => {
    throw new Error('ECONNREFUSED');
  };
  const { errors, evidence } = await runPorts({}, { answers: { listNamespacedPod: refuses } });
  expect(evidence).toMatchObject({ incomplete: 'ECONNREFUSED', checks: [{ outcome: 'passed' }, { outcome: 'passed' }] });
  expect(errors[`port-exposed/${answers}`]).toBeUndefined();
});

test('the shells in both namespaces of a claim are closed when it has ended', async () => {
  const closed: string[] = [];
  await runPorts({}, { context: { closeShells: (namespace) => closed.push(namespace) } });
  expect(closed).toEqual(['clusterip-3ye99-port-exposed', 'clusterip-3ye99-port-exposed-elsewhere']);
});

const deleted = (calls: string[]) => calls.filter((call) => call.startsWith('deleteNamespace '));
const namespaces = ['deleteNamespace clusterip-3ye99-port-exposed', 'deleteNamespace clusterip-3ye99-port-exposed-elsewhere'];

test('on a cluster that outlives the run the namespaces of a green claim are deleted, and those of a red one stay', async () => {
  const cluster = { deleteGreen: true };
  expect(deleted((await runPorts({}, { cluster })).calls)).toEqual(namespaces);
  expect(deleted((await runPorts({ [doesNot]: throws(new Error('no')) }, { cluster })).calls)).toEqual([]);
});

test('else the Pods of green claims are deleted when a node has no places left', async () => {
  const [{ name: nodeName } = { name: '' }] = exampleDescription.nodes;
  const pods = (onNode: number, elsewhere: number) => {
    const items = [
      ...Array.from({ length: onNode }, () => ({ spec: { nodeName } })),
      ...Array.from({ length: elsewhere }, () => ({ spec: {} })),
    ];
    return { listPodForAllNamespaces: () => ({ items, metadata: {} }) };
  };
  const deletions = async (answers: ReturnType<typeof pods>, podLimit = 110) => {
    const cluster = { nodes: exampleDescription.nodes.map((node) => ({ ...node, podLimit })) };
    return (await runPorts({}, { answers, cluster })).calls.filter((call) => /^delete/.test(call));
  };
  const own = [
    'deleteCollectionNamespacedPod clusterip-3ye99-port-exposed',
    'deleteCollectionNamespacedPod clusterip-3ye99-port-exposed-elsewhere',
  ];
  // The first deletes what claims of other tests have left.
  await runPorts({}, { answers: pods(75, 0) });
  expect(await deletions(pods(10, 0))).toEqual([]);
  expect(await deletions(pods(10, 100))).toEqual([]);
  expect(new Set(await deletions(pods(75, 0)))).toEqual(new Set(own));
  // A node with a limit of its own.
  expect(await deletions(pods(25, 0), 50)).toEqual([]);
  expect(new Set(await deletions(pods(35, 0), 50))).toEqual(new Set(own));
});

test('a test ends when the evidence of its claim is written', async () => {
  const { file, claim } = openPorts();
  register(claim, 'port-exposed', { [answers]: throws(new Error('no')) });
  const written: boolean[] = [];
  const seeing = () => written.push(existsSync(join(evidenceFolder, 'port-exposed.json')));
  const running = file.runAll();
  for (const { run } of file.tests) await run().then(seeing, seeing);
  await running;
  expect(written).toEqual([true, true]);
});

test('a namespace that cannot be deleted fails the tests of its claim, and every other claim is shown', async () => {
  const refuses = () => {
    throw new Error('no API server answers');
  };
  const opened = openPorts({ cluster: { deleteGreen: true }, answers: { deleteNamespace: refuses }, context: { nodeShell } });
  registerAll(opened);
  const errors = Object.values(await opened.file.runAll());
  expect(errors).toEqual(opened.file.tests.map(() => expect.objectContaining({ message: 'no API server answers' })));
  expect(readdirSync(evidenceFolder)).toHaveLength(ids.length);
  expect(evidenceOf('port-exposed').checks).toMatchObject([{ outcome: 'passed' }, { outcome: 'passed' }]);
});

test('claims run side by side: two that wait for each other both end', async () => {
  const { file, claim } = openPorts();
  const [one, two] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
  const meets = (mine: typeof one, other: typeof one) => async () => {
    mine.resolve(undefined);
    await other.promise;
  };
  register(claim, 'port-exposed', { [answers]: meets(one, two) });
  register(claim, 'pod-listens', { 'pod-holds-a-socket': meets(two, one) });
  const errors = Object.values(await file.runAll());
  expect(errors).toEqual([undefined, undefined, undefined, undefined]);
  expect(readdirSync(evidenceFolder).sort()).toEqual(['pod-listens.json', 'port-exposed.json']);
});

test('each lane shows one claim at a time, and all lanes are used', async () => {
  const busy = new Map<number, number>();
  let most = 0;
  const opened = openPorts({
    context: {
      inLane: async (lane, run) => {
        busy.set(lane, (busy.get(lane) ?? 0) + 1);
        most = Math.max(most, ...busy.values());
        const result = await run();
        busy.set(lane, (busy.get(lane) ?? 0) - 1);
        return result;
      },
    },
  });
  registerAll(opened);
  await opened.file.runAll();
  expect(most).toBe(1);
  expect(busy.size).toBeGreaterThan(1);
  expect(readdirSync(evidenceFolder)).toHaveLength(ids.length);
});

test.each<[number | undefined, number]>([
  [undefined, 8],
  [200, 8],
  [79, 7],
  [10, 1],
  [4, 1],
])('where the nodes take %s more Pods, claims are shown in %s lanes', async (freePlaces, lanes) => {
  const used = new Set<number>();
  const inLane: RunContext['inLane'] = (lane, run) => {
    used.add(lane);
    return run();
  };
  const opened = openPorts({ cluster: freePlaces === undefined ? {} : { freePlaces }, context: { inLane } });
  registerAll(opened);
  await opened.file.runAll();
  expect(used.size).toBe(lanes);
});

test('claims that are to be alone begin when all others have ended, one after the other', async () => {
  const began: string[] = [];
  let running = 0;
  let besideAnother = 0;
  const opened = openPorts({ cluster: { standIn: true } });
  const alone = (Object.keys(claims) as ClaimId[]).filter(
    (id) => ledger[id]?.alone === true && unmet(ledger[id], exampleStandIn) === undefined,
  );
  expect(alone.length).toBeGreaterThan(0);
  for (const id of [...alone, 'port-exposed', 'pod-listens'] as const) {
    opened.file.path = suiteFileOf(id);
    const show = async () => {
      running += 1;
      if (alone.includes(id) && running > 1) besideAnother += 1;
      await Promise.resolve();
      began.push(id);
      running -= 1;
    };
    register(opened.claim, id, Object.fromEntries(claims[id].checks.map((check) => [check, show])));
  }
  await opened.file.runAll();
  expect(besideAnother).toBe(0);
  expect([...new Set(began)].slice(2)).toEqual(alone);
  expect(readdirSync(evidenceFolder)).toHaveLength(alone.length + 2);
});

test('the claims that take longest begin first, and one that needs DNS as soon as that is known to work', async () => {
  const opened = openPorts();
  registerAll(opened);
  await opened.file.runAll();
  const created = opened.calls.filter((call) => call.startsWith('createNamespace '));
  const [affinity = -1, debugPod = -1] = ['client-ip-affinity', 'debug-pod'].map((id) =>
    created.indexOf(`createNamespace clusterip-3ye99-${id}`),
  );
  // Each of the eight lanes has begun with another claim.
  expect([affinity, debugPod]).toEqual([0, 8]);
});

test('claims are registered under the title of the ledger', () => {
  const { file, claim } = openPorts();
  register(claim, 'port-exposed');
  expect(file.tests).toMatchObject([
    { block: 'port-exposed: `port` is the port that the Service exposes. [holds]', title: `port-exposed/${answers}`, skipped: false },
    { title: `port-exposed/${doesNot}` },
  ]);
});

test('a claim that is not wanted registers nothing and is not run, but is compared with the ledger', async () => {
  const { file, claim, calls } = openPorts({ context: { wanted: ['pod-listens'] } });
  register(claim, 'port-exposed');
  expect(() => {
    claim('decoupling', () => undefined);
  }).toThrow('decoupling has the checks');
  await file.runAll();
  expect([file.tests, calls]).toEqual([[], []]);
});

test('a claim that the cluster cannot show is skipped and not run', async () => {
  const { file, claim, calls } = openPorts({ cluster: { refusedPods: { hostNetwork: 'violates PodSecurity' } } });
  register(claim, 'service-listens');
  expect(file.tests.map(({ skipped }) => skipped)).toEqual([true, true]);
  await file.runAll();
  expect(calls).toEqual([]);
});

test.each<[string, (claim: Claim) => void, string]>([
  [
    'a check is missing',
    (claim) => {
      claim('port-exposed', ({ check }) => {
        check('listed-port-answers', 'title', passes);
      });
    },
    'port-exposed has the checks listed-port-answers, and its row in the ledger has listed-port-answers, unlisted-port-does-not',
  ],
  [
    'a check is shown twice',
    (claim) => {
      register(claim, 'port-exposed', {}, ({ check }) => {
        check('listed-port-answers', 'title', passes);
      });
    },
    'port-exposed has the checks listed-port-answers, listed-port-answers, unlisted-port-does-not,',
  ],
  [
    'it stands in another file',
    (claim) => {
      register(claim, 'no-affinity');
    },
    'no-affinity is shown in suites/chapter/ports.test.ts, and its row in the ledger names suites/chapter/balancing.test.ts',
  ],
  [
    'the ledger does not have it',
    (claim) => {
      claim('no-such-claim' as ClaimId, () => undefined);
    },
    'the ledger has no claim no-such-claim',
  ],
  [
    'its row names no ending for the check',
    (claim) => {
      register(claim, 'port-exposed', {}, ({ ending }) => ending('listed-port-answers'));
    },
    'the ledger names no ending for the check listed-port-answers',
  ],
  [
    'its row does not say what the check sees in each mode',
    (claim) => {
      register(claim, 'port-exposed', {}, ({ inMode }) => inMode('listed-port-answers'));
    },
    'the ledger does not say what the check listed-port-answers sees in each proxy mode',
  ],
])('a suite file does not load when %s', (_, load, message) => {
  const { file, claim } = openPorts();
  expect(() => {
    load(claim);
  }).toThrow(message);
  expect(file.tests).toEqual([]);
});

test.each([
  ['iptables', 'timed out'],
  ['nftables', 'refused'],
])('an ending is that of the proxy mode %s', (proxyMode, ending) => {
  const { claim } = openPorts({ cluster: { proxyMode } });
  let named: unknown;
  register(claim, 'port-exposed', {}, (context) => {
    named = context.ending('unlisted-port-does-not');
  });
  expect(named).toBe(ending);
});

test.each([
  ['iptables', 'some clients get another Pod'],
  ['nftables', 'each client keeps its Pod'],
])('what a check sees is in the words of the ledger for the proxy mode %s', (proxyMode, words) => {
  const { file, claim } = openPorts({ cluster: { proxyMode } });
  file.path = suiteFileOf('affinity-hundred-clients');
  let named: unknown;
  register(claim, 'affinity-hundred-clients', {}, (context) => {
    named = context.inMode('the-oldest-are-forgotten');
  });
  expect(named).toBe(words);
});

test('on an existing cluster a router of its network may reply to a packet that nothing in the cluster answers', () => {
  const { claim } = openPorts({ cluster: adoptedDescription });
  let named: unknown;
  register(claim, 'port-exposed', {}, (context) => {
    named = context.ending('unlisted-port-does-not');
  });
  expect(named).toEqual(['timed out', 'refused', 'unreachable']);
});

test.each([
  ['that is given', true, ''],
  ['in the call stack', false, ''],
  ['in the call stack, as an address', false, 'file://'],
])('the evidence names the place of the claim in the suite file %s', async (_, given, scheme) => {
  const file = given ? fakeJest('port-exposed') : fakeJest();
  const claim = claimsOf(file, fakeContext(fakeKube().kube));
  // Runs as if it stood in line 42 of the suite file.
  const place = { filename: `${scheme}${suiteFileOf('port-exposed')}`, lineOffset: 41 };
  const load = runInThisContext('(register) => register()', place) as (run: () => void) => void;
  load(() => {
    register(claim, 'port-exposed');
  });
  await file.runAll();
  expect(evidenceOf('port-exposed').suite).toEqual({ file: 'suites/chapter/ports.test.ts', line: 42 });
});

test('the namespaces of a claim have its name', () => {
  const { claim } = openPorts();
  let names: string[] = [];
  register(claim, 'port-exposed', {}, ({ ns, elsewhere }) => {
    names = [ns.name, elsewhere.name];
  });
  expect(names).toEqual(['clusterip-3ye99-port-exposed', 'clusterip-3ye99-port-exposed-elsewhere']);
});
