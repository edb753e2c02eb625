import { expect, test } from '@jest/globals';
import { renderAnnotations } from './annotations.ts';
import { exampleReport } from './example.ts';
import { type Report, reportFormat } from './format.ts';
import { renderHtml } from './html.ts';
import { renderJunit } from './junit.ts';
import { renderLesson } from './lesson.ts';
import { renderMarkdown } from './markdown.ts';
import { conclusion, faultLines } from './words.ts';

// How each rendering has a part of the cluster's network that does not work at all.

const stopped: Report = {
  ...exampleReport,
  fault: {
    layer: 'Pod to Service',
    seen: 'http://10.43.0.9:8080/hostname is timed out',
    lookAt: ['`sysctl net.bridge.bridge-nf-call-iptables` must be 1.', 'Does kube-proxy run?'],
    layers: [
      { name: 'Pod to Pod', works: true, seen: 'http://10.42.0.5:80/hostname is answered' },
      { name: 'Pod to Service', works: false, seen: 'http://10.43.0.9:8080/hostname is timed out' },
      { name: 'DNS', works: false, seen: 'kubernetes.default.svc does not resolve' },
    ],
    stopped: true,
  },
};
const dnsDead: Report = { ...stopped, fault: { ...(stopped.fault as NonNullable<Report['fault']>), layer: 'DNS', stopped: false } };

test('a report with a fault is of its format', () => {
  expect(reportFormat.parse(stopped)).toEqual(stopped);
});

test('the layer at fault comes first, then what works, where to look, and how many claims were not run', () => {
  expect(faultLines(stopped)).toEqual([
    'At fault: Pod to Service. http://10.43.0.9:8080/hostname is timed out.',
    'Works: Pod to Pod. Does not work: Pod to Service and DNS.',
    'What to do, the likeliest cause first:',
    '1. Look at: `sysctl net.bridge.bridge-nf-call-iptables` must be 1.',
    '2. Look at: Does kube-proxy run?',
    'Not run, and listed as not asked for: 1 claim.',
  ]);
  expect(faultLines(exampleReport)).toEqual([]);
  expect(faultLines(dnsDead).at(-1)).toBe('Not run, and listed as unobserved: every claim that needs it.');
  const claims = dnsDead.claims.map((claim) => ({ ...claim, needs: ['DNS'] }));
  expect(faultLines({ ...dnsDead, claims }).at(-1)).toBe('Not run, and listed as unobserved: 1 claim that needs DNS.');
});

test('the conclusion begins with it', () => {
  expect(conclusion(stopped)[0]).toBe("Red: the run was stopped, because the cluster's network does not work. At fault: Pod to Service.");
  expect(conclusion(dnsDead)[0]).toBe('Red: DNS of the cluster is dead. Claims that need it were skipped.');
});

test.each<[string, (report: Report) => string, RegExp]>([
  [
    'the lesson',
    (report) => renderLesson(report, { colour: false }),
    /At fault: Pod to Service\.[^]*sysctl[^]*YAML Breakdown[^]*\nRed: the run was stopped[^]*\nWhat to do: Look at: `sysctl/,
  ],
  [
    'Markdown',
    renderMarkdown,
    /# ClusterIP conformance[^]*run was stopped[^]*- At fault: Pod to Service\.[^]*What to do:\n\n1\. Look at: `sysctl[^]*## Red/,
  ],
  [
    'HTML',
    renderHtml,
    /<main>\s*<section class="red"[^]*>Stopped<[^]*The run was stopped[^]*At fault: Pod to Service\.[^]*<code>sysctl[^]*Pod to Service does not work[^]*>Red</,
  ],
  [
    'JUnit',
    renderJunit,
    /<testsuite name="The network of the cluster" tests="3" failures="0" errors="2"[^]*At fault: Pod to Service\.[^]*sysctl/,
  ],
  [
    'annotations',
    (report) => renderAnnotations(report).join('\n'),
    /^::error title=the cluster's network%3A Pod to Service::At fault: Pod to Service/,
  ],
])('%s names the layer at fault before any claim, and where to look', (_, render, expected) => {
  expect(render(stopped)).toMatch(expected);
  expect(render(exampleReport)).not.toMatch(/At fault/);
});

test.each<[string, (report: Report) => string]>([
  ['the lesson', (report) => renderLesson(report, { colour: false })],
  ['Markdown', renderMarkdown],
  ['HTML', renderHtml],
  ['JUnit', renderJunit],
])('%s says what would make an unobserved claim observable', (_, render) => {
  const claims = exampleReport.claims.map((claim) => (claim.outcome === 'unobserved' ? { ...claim, remedy: 'a k3s cluster' } : claim));
  expect(render({ ...exampleReport, claims })).toMatch(/observable with (<span>)?a k3s cluster/i);
});
