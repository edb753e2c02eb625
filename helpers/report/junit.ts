import { DOMImplementation, type Element, XMLSerializer } from '@xmldom/xmldom';
import type { CheckResult } from '../evidence/format.ts';
import type { ClaimReport, Report } from './format.ts';
import { faultLines, nameOf, placeOf, printable, rangesLine, sectionsOf, sourceOf } from './words.ts';

interface TestCase {
  readonly classname: string;
  readonly name: string;
  /** ms. */
  readonly ms: number;
  readonly result?: { readonly kind: 'failure' | 'error' | 'skipped'; readonly why: string; readonly more?: string };
}

function checkCase(claim: ClaimReport, { title, outcome, ms, error = '' }: CheckResult): TestCase {
  const common = { classname: claim.id, name: title, ms };
  if (outcome === 'passed') return common;
  return { ...common, result: { kind: outcome === 'drifted' ? 'failure' : 'error', why: error, more: furtherOf(claim) } };
}

function furtherOf({ topic, origin, because, reproduce, evidence }: ClaimReport): string {
  return [
    '',
    ...(topic === undefined ? [] : [`The sentence stands in ${placeOf(origin)} ${origin.address ?? ''}`.trimEnd()]),
    ...(because === undefined ? [] : [`Why it should be so: ${because}`]),
    `Reproduce: ${reproduce}`,
    ...(evidence?.diagnostics === undefined ? [] : ['', evidence.diagnostics]),
  ].join('\n');
}

/** Returns a case for each check, and one more where no check has the outcome of the claim. */
function casesOf(claim: ClaimReport): TestCase[] {
  const { id, says, outcome, why = '', remedy, evidence } = claim;
  const whole = (kind: 'failure' | 'error' | 'skipped', reason: string): TestCase => ({
    classname: id,
    name: says,
    ms: 0,
    result: { kind, why: reason, ...(kind === 'skipped' ? {} : { more: furtherOf(claim) }) },
  });
  if (outcome === 'unobserved')
    return [whole('skipped', `not observed: ${why}${remedy === undefined ? '' : `; observable with ${remedy}`}`)];
  if (outcome === 'not asked for') return [whole('skipped', 'not asked for in this run')];
  const checks = evidence?.checks ?? [];
  const cases = checks.map((check) => checkCase(claim, check));
  if (outcome === 'confirmed' || checks.some((check) => check.outcome === outcome)) return cases;
  return [...cases, whole(outcome === 'drifted' ? 'failure' : 'error', why)];
}

/**
 * Returns why each claim is so as properties, and where its sentence stands if that is a public document: a test case has no other place for text when it
 * passes.
 */
function reasonsOf(claims: readonly ClaimReport[]): Record<string, string> {
  return Object.assign(
    {},
    ...claims.map(({ id, topic, origin, because }) => ({
      ...(topic === undefined ? {} : { [`where ${id}`]: `${placeOf(origin)} ${origin.address ?? ''}`.trimEnd() }),
      ...(because === undefined ? {} : { [`why ${id}`]: because }),
    })),
  ) as Record<string, string>;
}

type Attributes = Readonly<Record<string, string | number>>;

/** Adds an element to another and returns it. */
function add(parent: Element, name: string, attributes: Attributes = {}, text = ''): Element {
  const document = parent.ownerDocument;
  if (document === null) throw new Error('an element without a document');
  // Each element is on a line of its own, so that the file can be read as text.
  parent.appendChild(document.createTextNode('\n'));
  const element = document.createElement(name);
  parent.appendChild(element);
  setAll(element, attributes);
  if (text !== '') element.appendChild(document.createTextNode(printable(text)));
  return element;
}

function setAll(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, printable(String(value)));
}

function addCase(suite: Element, { classname, name, ms, result }: TestCase): void {
  const testCase = add(suite, 'testcase', { classname, name, time: inSeconds(ms) });
  if (result === undefined) return;
  const { kind, why, more = '' } = result;
  const message = why.split('\n')[0] ?? '';
  if (kind === 'skipped') add(testCase, kind, { message });
  else add(testCase, kind, { message, type: kind }, `${why}\n${more}`);
}

function inSeconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function counts(cases: readonly TestCase[]): Attributes {
  const count = (wanted: string) => cases.filter(({ result }) => result?.kind === wanted).length;
  return { tests: cases.length, failures: count('failure'), errors: count('error'), skipped: count('skipped') };
}

/**
 * Returns the report as JUnit XML for CI viewers: a suite for each section of a document, a case for each check. Drifted checks are failures and broken
 * ones errors. Claims that are unobserved or were not asked for are skipped, with the reason. A part of the
 * cluster's network that does not work at all comes first, as errors. Throws only if the XML library returns a document without an element.
 */
export function renderJunit(report: Report): string {
  const { cluster, claims, errors, suite, startedAt, phases, fault } = report;
  const properties = {
    kubernetes: cluster.version,
    cluster: nameOf(cluster),
    source: sourceOf(cluster),
    proxyMode: cluster.proxyMode,
    serviceRanges: rangesLine(cluster.serviceRanges),
    podRanges: rangesLine(cluster.podRanges),
    suite: `${suite.name} ${suite.version}`,
  };
  const sections = sectionsOf(claims).map(({ heading, rows }) => ({
    name: heading,
    cases: rows.flatMap(casesOf),
    reasons: reasonsOf(rows),
  }));
  if (errors.length > 0) {
    const cases = errors.map((why, index): TestCase => {
      return { classname: 'suite files', name: `suite file ${index + 1} that did not run`, ms: 0, result: { kind: 'error', why } };
    });
    sections.unshift({ name: 'Suite files', cases, reasons: {} });
  }
  if (fault !== undefined) {
    const works = fault.layers.map(({ name, works: ok, seen }): TestCase => {
      const common = { classname: 'the network of the cluster', name, ms: 0 };
      if (ok) return common;
      const more = name === fault.layer ? faultLines(report).join('\n') : '';
      return { ...common, result: { kind: 'error', why: seen, more } };
    });
    sections.unshift({ name: 'The network of the cluster', cases: works, reasons: {} });
  }
  const sum = (all: readonly number[]) => all.reduce((total, ms) => total + ms, 0);
  const document = new DOMImplementation().createDocument(null, 'testsuites');
  const top = document.documentElement;
  if (top === null) throw new Error('a document without an element');
  const whole = counts(sections.flatMap(({ cases }) => cases));
  setAll(top, { name: suite.name, ...whole, time: inSeconds(sum(Object.values(phases))) });
  for (const { name, cases, reasons } of sections) {
    // Times have no zone in this format; these are in UTC.
    const time = { time: inSeconds(sum(cases.map(({ ms }) => ms))), timestamp: startedAt.slice(0, 19) };
    const testSuite = add(top, 'testsuite', { name, ...counts(cases), ...time });
    const list = add(testSuite, 'properties');
    for (const [key, value] of Object.entries({ ...properties, ...reasons })) add(list, 'property', { name: key, value });
    for (const testCase of cases) addCase(testSuite, testCase);
  }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(document, { requireWellFormed: true })}\n`;
}
