import { expect, test } from '@jest/globals';
import { SaxesParser } from 'saxes';
import { drifted, exampleBeyond, exampleEvidence, exampleReport as report, passed } from './example.ts';
import type { ClaimReport, Report } from './format.ts';
import { renderJunit } from './junit.ts';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** Parses XML 1.0 strictly. Throws when it is not well-formed or has a forbidden character. */
function parse(xml: string): Element {
  const top: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [top];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = { name, attributes, children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    const current = open.at(-1);
    if (current !== undefined) current.text += text;
  });
  parser.on('closetag', () => open.pop());
  parser.write(xml).close();
  return top.children[0] ?? top;
}

function all(element: Element, name: string): Element[] {
  return element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...all(child, name)]);
}

const drawn = (more: Partial<Report> = {}) => parse(renderJunit({ ...report, ...more }));
const suites = drawn();
const cases = all(suites, 'testcase');

test('the parser of these tests finds a forbidden character', () => {
  expect(() => parse('<a>\u001e</a>')).toThrow('disallowed character');
});

test('there is a suite for each section and a case for each check, in order', () => {
  expect(
    all(suites, 'testsuite').map((suite) => [
      suite.attributes.name,
      ...all(suite, 'testcase').map(({ attributes: { classname, name }, children: [result] }) => [
        classname,
        name,
        result?.name ?? 'passed',
      ]),
    ]),
  ).toEqual([
    ['YAML Breakdown', ['port-exposed', 'the listed port answers', 'passed'], ['bare-url', 'the listed port answers', 'passed']],
    ['Step 2', ['pod-range', 'It is from 10.42.0.0/16.', 'skipped']],
    ['Step 3', ['not-asked', 'Nobody asked.', 'skipped']],
    ['Key Concepts', ['time-out', 'the listed port answers', 'passed'], ['time-out', 'a client is refused', 'failure']],
    ['Summary', ['clean-up', 'All is gone.', 'error']],
  ]);
});

test('the counts are those of the cases, of each suite and of all', () => {
  for (const suite of [suites, ...all(suites, 'testsuite')]) {
    const { tests, failures, errors, skipped } = suite.attributes;
    expect([tests, failures, errors, skipped].map(Number)).toEqual(
      ['testcase', 'failure', 'error', 'skipped'].map((name) => all(suite, name).length),
    );
  }
  expect(suites.attributes).toMatchObject({ tests: '7', failures: '1', errors: '1', skipped: '2' });
});

test('times are in seconds', () => {
  expect(cases[0]?.attributes.time).toBe('1.210');
  expect(all(suites, 'testsuite')[0]?.attributes).toMatchObject({ time: '2.420', timestamp: '2026-11-24T02:13:19' });
  expect(suites.attributes.time).toBe('72.074');
});

test('a failure has its first line as message, and the rest, the namespace and the command as text', () => {
  const [failure] = all(suites, 'failure');
  expect(failure?.attributes).toEqual({ message: 'waited 30001 ms for a refusal', type: 'failure' });
  expect(failure?.text).toBe(
    `${drifted.error ?? ''}\n\nWhy it should be so: kube-proxy writes a rule that rejects.\nReproduce: npm test -- -t time-out\n\nService web: ClusterIP 10.43.1.2\nPod web: Running, Ready False`,
  );
});

test('a skipped claim has its reason', () => {
  expect(all(suites, 'skipped').map(({ attributes }) => attributes.message)).toEqual([
    'not observed: the node is not k3s',
    'not asked for in this run',
  ]);
});

const clean = report.claims.find(({ id }) => id === 'clean-up') as ClaimReport;
test.each<[string, Partial<ClaimReport>, string[]]>([
  ['without checks', {}, ['error']],
  ['with only passed checks', { evidence: exampleEvidence('clean-up', [passed]) }, ['passed', 'error']],
  [
    'with a broken check',
    { evidence: exampleEvidence('clean-up', [{ ...passed, outcome: 'broken', error: 'the shell has ended' }]) },
    ['error'],
  ],
  ['with a drifted check, which stays a failure', { evidence: exampleEvidence('clean-up', [drifted]) }, ['failure', 'error']],
])('a claim that is broken %s is an error', (_, more, results) => {
  const drawnCases = all(drawn({ claims: [{ ...clean, ...more }] }), 'testcase');
  expect(drawnCases.map(({ children }) => children[0]?.name ?? 'passed')).toEqual(results);
});

test('errors that belong to no claim have a suite of their own', () => {
  const [first] = all(drawn({ errors: ['SyntaxError: dns.test.ts\n  at 1'] }), 'testsuite');
  expect(first?.attributes).toMatchObject({ name: 'Suite files', errors: '1' });
  expect(first && all(first, 'error')[0]?.attributes.message).toBe('SyntaxError: dns.test.ts');
});

test('every suite has the properties of the cluster', () => {
  for (const suite of all(suites, 'testsuite')) {
    const properties = Object.fromEntries(all(suite, 'property').map(({ attributes: { name = '', value } }) => [name, value]));
    expect(properties).toMatchObject({ kubernetes: 'v1.36.3+k3s1', cluster: 'k3s', proxyMode: 'iptables', serviceRanges: '10.43.0.0/16' });
  }
});

test('a suite has the reason of each of its claims, where the report has one', () => {
  const reasons = all(suites, 'property').filter(({ attributes }) => attributes.name?.startsWith('why '));
  expect(reasons.map(({ attributes: { name, value } }) => [name, value])).toEqual([
    ['why bare-url', 'curl adds the port of the scheme; DNS has no say in it.'],
    ['why time-out', 'kube-proxy writes a rule that rejects.'],
  ]);
});

test('whatever text a cluster returns, the file stays XML and keeps every character that XML can hold', () => {
  const nasty = '\u0000\u001e\u001b[31m ]]> ]]> <b a="\'">&amp; &#30; \ud800 \uffff 日本 \u{1f600}';
  const claims = [
    { ...clean, says: nasty, why: nasty, evidence: exampleEvidence('clean-up', [{ ...drifted, title: nasty, error: nasty }]) },
  ];
  const [failure] = all(drawn({ claims, errors: [nasty] }), 'failure');
  const kept = '\u{fffd}\u{fffd}\u{fffd}[31m ]]> ]]> <b a="\'">&amp; &#30; \u{fffd} \u{fffd} 日本 \u{1f600}';
  expect(failure?.attributes.message).toBe(kept);
  expect(failure?.text.split('\n')[0]).toBe(kept);
});

test('a claim beyond the chapter is in the suite of its topic, which says where the sentence stands', () => {
  const place = 'EndpointSlices, "Ports" (version read: 1.35) https://example.test/page#ports';
  const both = renderJunit({ ...report, claims: [...report.claims, exampleBeyond] });
  expect(both).toContain('<testsuite name="The chapter: YAML Breakdown"');
  expect(both).toContain('<testsuite name="Beyond the chapter: Endpoints and rollouts"');
  expect(both).toContain(`<property name="where slices" value="${place.replaceAll('"', '&quot;')}"/>`);
  const red = { ...exampleBeyond, outcome: 'drifted' as const, why: 'no', evidence: exampleEvidence('slices', [drifted]) };
  expect(renderJunit({ ...report, claims: [red] })).toContain(`The sentence stands in ${place}`);
});
