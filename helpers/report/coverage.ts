import type { E2eTest } from '../ledger/e2e.ts';
import { e2eVersion } from '../ledger/e2e.ts';
import type { Claim } from '../ledger/row.ts';
import { code, inline } from './markdown-text.ts';
import { counted } from './words.ts';

interface Covering {
  readonly id: string;
  readonly claim: Claim;
  readonly stricter: string;
}

/** Returns the claims that cite a test of e2e.test, in the ledger's order. */
function coveringOf(ledger: Readonly<Record<string, Claim>>, name: string): Covering[] {
  return Object.entries(ledger).flatMap(([id, claim]) =>
    (claim.e2e ?? []).filter(({ test }) => test === name).map(({ stricter }) => ({ id, claim, stricter })),
  );
}

/** Returns whether a test skips itself on a cluster of one node. */
function skipsOnOneNode({ needs }: E2eTest): boolean {
  return /two nodes|three nodes|zones/.test(needs ?? '');
}

/** Returns whether a claim needs no second node. */
function onOneNode({ claim: { needs = [] } }: Covering): boolean {
  return !needs.includes('two nodes');
}

function entry({ name, conformance, needs, outOfScope }: E2eTest, covering: readonly Covering[]): string[] {
  const marks = [...(conformance === true ? ['conformance'] : []), ...(needs === undefined ? [] : [`needs ${needs}`])];
  const head = `- **${inline(name)}**${marks.length === 0 ? '' : ` (${marks.join('; ')})`}`;
  if (covering.length === 0) return [head, `  - Not covered. ${inline(outOfScope ?? 'No reason is given yet.')}`];
  return [head, ...covering.map(({ id, stricter }) => `  - [${id}](verdicts.md#${id}): ${inline(stricter)}`)];
}

/** Returns which of Kubernetes' own tests the claims cover, as Markdown: docs/coverage.md. */
export function renderCoverage(ledger: Readonly<Record<string, Claim>>, tests: readonly E2eTest[]): string {
  const all = tests.map((test) => ({ test, covering: coveringOf(ledger, test.test) }));
  const covered = all.filter(({ covering }) => covering.length > 0);
  const skipping = covered.filter(({ test }) => skipsOnOneNode(test));
  const marked = all.filter(({ test }) => test.conformance === true);
  const groups = Map.groupBy(all, ({ test }) => test.group);
  return [
    "# Coverage of Kubernetes' own tests",
    '',
    'Written by `npm run docs` from the ledger and the list in [helpers/ledger/e2e.ts](../helpers/ledger/e2e.ts): change them there.',
    '',
    `Kubernetes tests itself with a program named e2e.test. Here are its tests that touch ClusterIP Services, as Kubernetes ${e2eVersion} has them: which claims`,
    'show the same behaviour, and how their checks are stricter. Where a test asks for more in another respect, the line says so. A test that no claim covers',
    'has a reason.',
    '',
    `- ${counted(all.length, 'test')}: ${covered.length} covered, ${all.length - covered.length} not.`,
    `- ${counted(marked.length, 'test')} of Kubernetes' certified conformance: ${marked.filter(({ covering }) => covering.length > 0).length} covered.`,
    `- ${counted(all.filter(({ test }) => skipsOnOneNode(test)).length, 'test')} skip themselves on one node: ${skipping.length} covered, ${skipping.filter(({ covering }) => covering.some(onOneNode)).length} of them by claims that one node can show.`,
    `- ${counted(Object.values(ledger).filter(({ e2e = [] }) => e2e.length === 0).length, 'claim')} of ${Object.keys(ledger).length} show what none of these tests shows.`,
    '',
    'To find a test in the source or the output of e2e.test, search for its name. Groups are as e2e.test prints them without `[sig-network]` (`Pods` is of',
    '`[sig-node]`, and `Conformance Tests` of `[sig-architecture]`), and names are without tags such as `[LinuxOnly]`. Conformance: Kubernetes asks it of',
    'every certified cluster. Needs: what a test asks for, or it skips itself.',
    '',
    'Not in the list: Services of type LoadBalancer, NetworkPolicy and Ingress. Of tests that connect to the IP of a Pod without a Service, only those are in',
    'it that stand beside tests of Services. Tests that Kubernetes 1.37 adds are not in it, and no claim was compared with them: one of the DNS names of a',
    'headless Service with several EndpointSlices and no Endpoints, and three of node ports at the loopback address (LocalhostNodePorts).',
    '',
    ...[...groups].flatMap(([group, those]) => [
      `## ${/^\[.*\]$/.test(group) ? code(group) : inline(group)}`,
      '',
      ...those.flatMap(({ test, covering }) => entry(test, covering)),
      '',
    ]),
  ].join('\n');
}
