import { expect, test } from '@jest/globals';
import type { CheckResult, Observation } from '../evidence/format.ts';
import { exampleEvidence, exampleReport } from './example.ts';
import type { ClaimReport, Report } from './format.ts';
import { awaitedAndSeen, redSummary } from './red.ts';

type Seen = Readonly<Record<string, unknown>>;

const connection = (to: string, ending: string, from = 'clusterip-3ye99-clients/client') => ({ from, to, ending, ms: 3, response: ending });
const byAddress = (ending: string, from?: string) => connection('http://10.43.1.2:8080/', ending, from);
const byName = (ending: string) => connection('http://web:8080/', ending);

/** Returns a claim of one check that saw this, in suite file dns.test.ts or another. */
function claim(id: string, outcome: ClaimReport['outcome'], seen: Seen[], more: { file?: string; error?: string } = {}): ClaimReport {
  const passed = outcome === 'confirmed';
  const check: CheckResult = {
    id: 'check',
    title: `${id} is so`,
    outcome: passed ? 'passed' : outcome === 'broken' ? 'broken' : 'drifted',
    ms: 1,
  };
  const observations = seen.map((it, at): Observation => ({ check: 'check', at, what: `an answer for ${id}`, seen: it }));
  const evidence = exampleEvidence(id, [{ ...check, ...(passed ? {} : { error: more.error ?? `waited 30001 ms for ${id}` }) }], {
    observations,
    suite: { file: `suites/chapter/${more.file ?? `${id}.test.ts`}`, line: 1 },
  });
  return {
    ...{ id, origin: { document: 'the chapter', section: 'DNS' }, says: id, verdict: 'holds', sources: [], reproduce: '' },
    outcome,
    evidence,
  };
}

const summary = (claims: ClaimReport[], errors: string[] = []) => redSummary({ ...exampleReport, claims, errors } satisfies Report);
const green = claim('green', 'confirmed', [byAddress('answered')]);

test('a green report has no red opening', () => {
  expect(summary([green])).toBeUndefined();
});

test('claims that all ask DNS, while no confirmed claim does, lead to DNS', () => {
  const red = ['one', 'two', 'three'].map((id) => claim(id, 'drifted', [byName('unresolved')]));
  const found = summary([...red, green]);
  expect(found?.headline).toBe('3 claims drifted: this cluster does something different. 1 claim was confirmed.');
  expect(found?.shared).toEqual([
    'All 3 red claims last ended as "unresolved".',
    'All 3 red claims ask DNS for a name; no confirmed claim does.',
    'All 3 red claims connect to a Service; 1 confirmed claim does so too.',
  ]);
  expect(found?.steps[0]).toContain('Are the DNS Pods Ready');
});

test.each([
  ['the node', byAddress('timed out', 'clusterip-3ye99-clients/node'), "send from the node's own network", 'Look at the node'],
  ['a machine outside', byAddress('timed out', 'a machine outside'), 'send from a machine outside the cluster', 'Look at routes'],
  ['UDP', connection('udp 10.43.1.2:53', 'refused'), 'use UDP', 'what treats UDP in its own way'],
])('claims whose client is %s are named by it', (_, seen, shared, step) => {
  const found = summary([claim('one', 'drifted', [seen]), claim('two', 'drifted', [seen]), green]);
  expect(found?.shared.join(' ')).toContain(`All 2 red claims ${shared}; no confirmed claim does.`);
  expect(found?.steps[0]).toContain(step);
});

test('claims that need the same capability are named by it, unless what they did says it already', () => {
  const needing = (id: string, ...needs: string[]): ClaimReport => ({ ...claim(id, 'drifted', []), needs });
  const labs = summary([needing('one', 'lab Pods', 'DNS'), needing('two', 'lab Pods'), green]);
  expect(labs?.shared).toEqual(['All 2 red claims need the capability "lab Pods"; no confirmed claim does.']);
  expect(labs?.steps[0]).toMatch(/^Look at what these claims need of the cluster: /);

  const strange = summary([needing('one', 'a new one'), needing('two', 'a new one'), { ...green, needs: ['a new one'] }]);
  expect(strange?.shared).toEqual(['All 2 red claims need the capability "a new one"; 1 confirmed claim does so too.']);

  const names = ['one', 'two'].map((id): ClaimReport => ({ ...claim(id, 'drifted', [byName('unresolved')]), needs: ['DNS'] }));
  expect(summary([...names, green])?.shared.join(' ')).not.toContain('capability');
});

test('where confirmed claims use the same, the ending says where to look', () => {
  const found = summary([claim('one', 'drifted', [byAddress('timed out')]), claim('two', 'drifted', [byAddress('timed out')]), green]);
  expect(found?.steps[0]).toMatch(/^Their connections last ended as "timed out". A time-out is silence/);
});

test('what hardly any of the confirmed claims uses says more than the ending', () => {
  const red = ['one', 'two', 'three'].map((id) => claim(id, 'drifted', [byAddress('timed out', 'clusterip-3ye99-clients/node')]));
  const alsoOnNode = claim('green', 'confirmed', [byAddress('answered', 'clusterip-3ye99-clients/node')]);
  const others = Array.from({ length: 9 }, () => green);
  expect(summary([...red, alsoOnNode, ...others])?.steps[0]).toMatch(/^Look at the node: /);
  expect(summary([...red, alsoOnNode, ...others.slice(1)])?.steps[0]).toMatch(/^Their connections last ended/);
});

test('where most drifted claims ended alike, that ending is named with how many', () => {
  const most = ['one', 'two', 'three'].map((id) => claim(id, 'drifted', [byAddress('timed out')]));
  const found = summary([...most, claim('four', 'drifted', [byAddress('refused')]), green]);
  expect(found).toMatchObject({ ending: 'timed out', shared: [expect.stringMatching(/^3 of the 4 .* "timed out"\.$/), expect.anything()] });
  expect(found?.steps[0]).toMatch(/^Most of their connections last ended as "timed out"/);
  const half = summary([claim('one', 'drifted', [byAddress('timed out')]), claim('two', 'drifted', [byAddress('refused')])]);
  expect(half).not.toHaveProperty('ending');
});

test('claims that should have been observed are red, and what would make them observable is what to do', () => {
  const gap = (id: string): ClaimReport => ({ ...claim(id, 'unobserved', []), why: 'the mode is unknown', remedy: 'a known mode' });
  expect(summary([gap('one'), gap('two'), { ...gap('three'), allowed: true }, green])).toMatchObject({
    headline: '2 claims were not observed, though this cluster should show them. 1 claim was confirmed.',
    steps: ['Repair why one, two could not be observed: the mode is unknown. Observable with a known mode.'],
    shared: [],
  });
  // Of a run that was narrowed, it is not expected.
  expect(summary([gap('one'), claim('four', 'not asked for', [])])).toBeUndefined();
});

test('where the network does not work, that is repaired first', () => {
  const fault = { layer: 'DNS', seen: 'no answer', lookAt: [], layers: [], stopped: false };
  const found = redSummary({ ...exampleReport, claims: [claim('one', 'drifted', [byName('unresolved')])], fault });
  expect(found?.steps[0]).toMatch(/^First repair what is at fault above/);
});

test('claims of one topic are named by it', () => {
  const found = summary(['one', 'two'].map((id) => claim(id, 'drifted', [], { file: 'dns.test.ts' })));
  expect(found?.shared).toEqual(['All 2 red claims belong to one topic: chapter/dns.']);
});

test('claims that share nothing lead to the node and its load', () => {
  const found = summary([claim('one', 'drifted', [byName('unresolved')]), claim('two', 'drifted', [{ exitCode: 1, output: '' }])]);
  expect(found?.shared).toEqual(['The 2 red claims share no topic, client, ending or reason. Suspect the node and its load first.']);
});

test('broken claims come first, and their one reason is named once', () => {
  const error = 'Pod client did not become Ready';
  const broken = ['one', 'two'].map((id) => claim(id, 'broken', [], { error }));
  const found = summary([claim('zero', 'drifted', [byAddress('refused')]), ...broken]);
  expect(found?.headline).toMatch(/^1 claim drifted: .*\. 2 claims are broken: the suite or its surroundings failed\./);
  expect(found?.steps[0]).toBe(
    `Look first at the one reason of the broken claims: ${error}. Broken says nothing about Services; repair what failed, and run again. Judge the drifted claims after that, since the same fault may have caused them.`,
  );
  expect(found?.shared).toEqual([`The 2 broken claims give one reason: ${error}`]);
  expect(summary(broken)?.shared[0]).toBe(`All 2 red claims give one reason: ${error}`);
});

test('a single red claim is told by its ending, and shares nothing', () => {
  const found = summary([claim('one', 'drifted', [byAddress('refused')]), green]);
  expect(found?.steps[0]).toMatch(/^Its connection last ended as "refused"/);
  expect(found?.shared).toEqual([]);
});

test('an error that belongs to no claim is red', () => {
  expect(summary([green], ['dns.test.ts did not run'])).toMatchObject({
    headline: '1 error belongs to no claim: a suite file did not run. 1 claim was confirmed.',
    steps: ['Look first at the errors that belong to no claim: no claim of that suite file was judged.'],
  });
});

test('what a red claim awaited stands beside what was seen last', () => {
  const looked = claim('one', 'drifted', [byAddress('answered'), byAddress('refused')]);
  const seen = 'refused: clusterip-3ye99-clients/client → http://10.43.1.2:8080/: refused';
  expect(awaitedAndSeen(looked)).toEqual({ awaited: 'one is so', seen: `an answer for one: ${seen}` });

  const evidence = looked.evidence as NonNullable<ClaimReport['evidence']>;
  const observations = evidence.observations.map((it): Observation => ({ ...it, accepted: false, inARow: 3 }));
  expect(awaitedAndSeen({ ...looked, evidence: { ...evidence, observations } })).toEqual({ awaited: 'an answer for one', seen });
  expect(awaitedAndSeen(claim('one', 'broken', []))).toBeUndefined();
});
