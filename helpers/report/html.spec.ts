import { expect, test } from '@jest/globals';
import type { CheckResult } from '../evidence/format.ts';
import { exampleBeyond, exampleCluster, exampleEvidence, exampleReport as report, passed } from './example.ts';
import type { ClaimReport, Report } from './format.ts';
import { renderHtml } from './html.ts';
import { ticks, whyNoRules } from './html-evidence.ts';
import { pasteInstead } from './paste.ts';
import { countsInWords } from './words.ts';

const page = renderHtml(report);

/** Returns the words of a part of the page, without its tags. */
function words(part: string): string {
  return part
    .replaceAll(/<(?:[^>"]|"[^"]*")*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ');
}

function between(start: string, end: string, text = page): string {
  const from = text.indexOf(start);
  expect([start, from >= 0]).toEqual([start, true]);
  return text.slice(from, text.indexOf(end, from));
}

const article = (id: string) => words(between(`<article id="${id}"`, '</article>'));

test('the same report gives the same page', () => {
  expect(renderHtml(structuredClone(report))).toBe(page);
  expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
});

test('the page loads nothing: no address in it but links, and a policy against the rest', () => {
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-`);
  expect(page).not.toMatch(/ src=|@import|url\(|<iframe|<object|<img/);
  const addresses = [...page.matchAll(/<(\w+)[^>]* href="(?!#)([^"]*)"/g)].map(([, tag, address]) => `${tag} ${address}`);
  expect(addresses).toEqual(['link data:,', ...['nftables', 'port', 'refused'].map((page) => `a https://example.test/${page}`)]);
});

test('every string of a report becomes text', () => {
  const hostile = '"><img src=x onerror=alert(1)></style></script><script>alert(2)</script>';
  const fixed = ['ending', 'outcome', 'verdict', 'startedAt'];
  const poison = (value: unknown, key = ''): unknown => {
    if (Array.isArray(value)) return value.map((one) => poison(one));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(
        Object.entries(value).map(([name, one]) => [key === 'rules' ? `${name}${hostile}` : name, poison(one, name)]),
      );
    return typeof value === 'string' && !fixed.includes(key) ? `${value}${hostile}` : value;
  };
  const poisoned = renderHtml(poison(report) as Report);
  expect(poisoned).not.toContain('<img');
  expect(poisoned.match(/<script/g)).toHaveLength(1);
  expect(poisoned.match(/<\/style/g)).toHaveLength(1);
});

test('an address outside the web is no link', () => {
  const [first] = report.claims;
  const claims = [{ ...(first as ClaimReport), sources: ['javascript:alert(1)'] }];
  expect(renderHtml({ ...report, claims })).toContain('<li><span>javascript:alert(1)</span></li>');
});

test('every claim has an anchor, in the order of its document and under its heading', () => {
  const shown = [...page.matchAll(/<h3 id="[^"]+">([^<]+)<|<article id="([^"]+)"/g)].map(([, heading, id]) => heading ?? id);
  expect(shown).toEqual([
    ...['YAML Breakdown', 'port-exposed', 'bare-url', 'Step 2', 'pod-range', 'Step 3', 'not-asked'],
    ...['Key Concepts', 'time-out', 'Summary', 'clean-up'],
  ]);
});

test('every claim is marked with verdict and outcome in words', () => {
  expect(article('port-exposed')).toContain('The port is exposed. = sentence holds ● verdict confirmed here');
  expect(article('bare-url')).toContain('≠ sentence refuted ● verdict confirmed here');
  expect(article('pod-range')).toContain('= sentence holds ○ verdict not observed here');
  expect(article('not-asked')).toContain('· not asked for in this run');
  expect(article('time-out')).toContain('≈ sentence holds with a correction ✘ verdict contradicted here: drifted');
  expect(article('clean-up')).toContain('! verdict not judged: broken');
});

test('a claim opens to its truth, reasons, checks, sources, and the command that reproduces it', () => {
  expect(article('bare-url')).toContain('What is true instead It means port 80.');
  expect(article('bare-url')).toContain('Sources example.test/port');
  expect(article('bare-url')).toContain('npm test -- -t bare-url');
  expect(article('pod-range')).toContain('Why it is unobserved the node is not k3s The run can be green without this claim.');
  expect(article('clean-up')).toContain('Why it is broken not shown: nothing-left');
  expect(article('time-out')).toContain('✔ passed the listed port answers 1.21 s');
  expect(article('time-out')).toContain('✘ drifted a client is refused 30.0 s waited 30001 ms for a refusal {"ending":"timed out"}');
  expect(article('time-out')).toContain('Diagnostics of namespace clusterip-3ye99-time-out Service web: ClusterIP 10.43.1.2 Pod web');
});

test('observations are marks where they ended, with the same in words and as a table', () => {
  const lane = between('<svg class="lane"', '</svg>');
  expect([...lane.matchAll(/<use href="#mark-([^"]+)" x="([^"]+)"/g)].map(([, mark, x]) => [mark, x])).toEqual([
    ['refused', '54.46%'],
    ['answered', '64.85%'],
    ['seen', '75.25%'],
  ]);
  expect(article('port-exposed')).toContain(
    '1310 ms answers an answer answered after 3 ms clusterip-3ye99-clients/ports-3ye99 → http://10.43.1.2:8080/: web ✔ as awaited',
  );
});

test('what was awaited stands beside what was seen, with whether it matched and the rule that decides', () => {
  const shown = article('port-exposed');
  expect(shown).toContain('Awaited an answer (once is enough) Seen 1.10 s refused after 1.03 s About 1 s');
  expect(shown).toContain('… not yet 1.31 s answered after 3 ms: web ✔ as awaited');
  expect(shown).toContain(
    'Awaited the listed port answers Looked at answers from all three Pods Seen 1.52 s seen : the counts below ✔ as awaited',
  );
  const never = article('time-out');
  expect(never).toContain('Awaited a refusal (3 in a row decide) Seen 1.70–3.80 s timed out ×2 after 1.50 s ✘ not as awaited');
  expect(never).toContain('It never came 3 times in a row.');
});

test('a check that looked once awaited what its title says, and what was typed stands beside it', () => {
  const typed = { check: 'answers', at: 5, seen: { exitCode: 0, output: 'web 10.43.1.2' } };
  const observations = [
    { ...typed, what: 'kubectl apply -f web.yaml' },
    { ...typed, what: 'kubectl get svc', partOf: 'an address' },
    { ...typed, what: 'an address', seen: 'web 10.43.1.2', accepted: true, inARow: 1 },
    { ...typed, what: 'type and ports', seen: { type: 'ClusterIP' } },
    { ...typed, what: 'the affinity', seen: 'None' },
  ];
  const shownBy = (check: CheckResult) => {
    const claims = report.claims.slice(0, 1).map((claim) => ({ ...claim, evidence: exampleEvidence(claim.id, [check], { observations }) }));
    return words(between('<section class="checks">', '<table', renderHtml({ ...report, claims })));
  };
  const green = shownBy(passed);
  expect(green).toContain('Awaited the listed port answers Typed kubectl apply -f web.yaml Seen 5 ms exit 0 : web 10.43.1.2 ✔ as awaited');
  expect(green).toContain('Awaited an address (once is enough) Typed kubectl get svc Seen 5 ms seen : web 10.43.1.2 ✔ as awaited');
  expect(green).toContain('Awaited the listed port answers Looked at type and ports Seen 5 ms seen : type ClusterIP ✔ as awaited');
  // What was awaited stands once for looks that follow each other.
  expect(green).toContain('as awaited Looked at the affinity Seen');
  const red = shownBy({ ...passed, outcome: 'drifted', error: 'it is another' });
  expect(red).toContain('type ClusterIP … the check went on Looked at the affinity Seen 5 ms seen : None ✘ not as awaited');
});

test("the time line marks the cluster's own delay", () => {
  expect(page).toContain('<rect class="delay" x="3.47%" width="61.39%"');
  expect(article('port-exposed')).toContain("The cluster's own delay: at most 1.24 s. kube-proxy writes new rules about once a second");
  expect(page.match(/<rect class="delay"/g)).toHaveLength(1);
});

test('a report that did not record what was awaited says of no observation that it matched', () => {
  const claims = report.claims.map((claim): ClaimReport => {
    if (claim.evidence === undefined) return claim;
    const observations = claim.evidence.observations.map(({ check, at, what, seen }) => ({ check, at, what, seen }));
    return { ...claim, evidence: { ...claim.evidence, observations } };
  });
  const old = renderHtml({ ...report, claims });
  expect(old).not.toContain('class="judgement');
  expect(words(between('<article id="port-exposed"', '</article>', old))).toContain('Looked for an answer Seen 1.10 s refused');
});

test('a check has the rules of its moment where they changed, and one without an observation says so', () => {
  expect(article('port-exposed')).toContain(
    "The kernel's rules when this check ended; they changed afterwards Service web The kernel had no rule",
  );
  expect(article('bare-url')).not.toContain('when this check ended');
  expect(article('bare-url')).toContain('This check recorded no observation.');
});

test('the truth of a claim says what was shown, what is cited and from where, and why it is so', () => {
  expect(article('bare-url')).toContain(
    'What is true instead It means port 80. shown in this run In iptables mode it times out. shown in this run In nftables mode it is refused. cited: example.test/nftables Why curl adds the port of the scheme; DNS has no say in it.',
  );
  expect(article('time-out')).toContain('The correction They are refused. cited, not shown in this run');
});

test("the document's own characters stand beside those that work, and the lines that differ are marked", () => {
  expect(article('time-out')).toContain(
    'As printed: the file web.yaml kind: Pod ✘ meta name: web Instead: the file web.yaml Copy what works: the file web.yaml kind: Pod ✔ metadata: name: web',
  );
  expect(page).toContain('<del><span aria-hidden="true">✘ </span>meta</del>\n    name: web</pre>');
  expect(article('port-exposed')).not.toContain('As printed');
});

test('one box has every corrected file and command, ready to paste', () => {
  const section = between('<h2 id="part-paste">', '</section>');
  const box = between('<div class="box">', '</div>', section);
  const passages = report.claims.flatMap(({ instead }) => (instead === undefined ? [] : [instead]));
  expect(words(box).replaceAll(/\s/g, '')).toContain(pasteInstead(passages).replaceAll(/\s/g, ''));
  expect(words(box)).toContain('curl http://web:8080');
  expect(words(section)).toContain("As printed: in a Pod of the Service's namespace ✘ curl <http://web>");
  expect(section).toContain('data-plain="kind: Pod\nmetadata:\n  name: web"');
  const claims = report.claims.filter(({ instead }) => instead === undefined);
  expect(renderHtml({ ...report, claims })).not.toContain('part-paste');
});

test('symptoms have their meaning in either proxy mode, with links to the claims of the report', () => {
  const table = between('<h2 id="part-symptoms">', '</section>');
  expect(words(table)).toContain('In iptables mode, as here: The Service does not list the port');
  expect(words(table)).toContain('In nftables mode: The Service does not list the port.');
  const ids = report.claims.map(({ id }) => id);
  const links = [...table.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id ?? '');
  expect(links).toContain('port-exposed');
  expect(links.filter((id) => !ids.includes(id))).toEqual([]);
});

test('every mark on the page has its shape', () => {
  const shapes = new Set([...page.matchAll(/<g id="(mark-[^"]+)"/g)].map(([, id]) => id));
  const used = [...page.matchAll(/<use href="#([^"]+)"/g)].map(([, id]) => id);
  expect(used.filter((id) => !shapes.has(id))).toEqual([]);
});

test('counts by Pod are bars with their numbers', () => {
  expect(article('port-exposed')).toContain(
    'answers from all three Pods: 40 in all; dashed, an equal share. If each connection draws a Pod at random, chance gives each between 4 and 23 of them in 999 of 1000 samples (the shaded part), and so it is here: the difference between the Pods is chance. one 13 32.5 % two 17 42.5 % three 10 25.0 %',
  );
  expect(page).toContain('<rect class="share" width="42.50%"');
});

test('objects have a line each, and all of them are there as JSON', () => {
  expect(article('port-exposed')).toContain('Service web: ClusterIP 10.43.1.2 · 8080 → 80/TCP · no selector');
  expect(article('port-exposed')).toContain('1 Service as JSON { "metadata": { "name": "web" }');
});

test('the rules of both proxy modes are explained, and a Service without rules is named', () => {
  expect(article('port-exposed')).toContain('Every connection goes to 10.42.0.5:80 (Pod <script>). -A KUBE-SVC-A');
  expect(article('bare-url')).toContain('10.42.0.5:80 gets 1 in 2 (50.0 %), 10.42.0.6:80 gets 1 in 2 (50.0 %). meta l4proto tcp dnat');
  expect(article('bare-url')).toContain('Service ignored The kernel had no rule for its ClusterIP at that moment.');
});

const serviceOf = (metadata: object) => ({ services: [{ metadata: { name: 'web', ...metadata } }] });

test.each([
  [
    'another proxy',
    serviceOf({ creationTimestamp: '2026-11-24T02:13:00Z', labels: { 'service.kubernetes.io/service-proxy-name': 'x' } }),
    'kube-proxy ignores it',
  ],
  ['its age', serviceOf({ creationTimestamp: '2026-11-24T02:13:24Z' }), 'within about two seconds of its creation'],
  ['nothing that is known', serviceOf({ creationTimestamp: '2026-11-24T02:13:00Z' }), 'does kube-proxy run on this node?'],
  ['no object', {}, 'does kube-proxy run on this node?'],
])('that the kernel has no rule is explained by %s', (_, objects, why) => {
  expect(whyNoRules(exampleEvidence('port-exposed', [], { objects, ms: 1_000 }), 'web')).toContain(why);
});

test('a rule of an unknown form has no explanation', () => {
  const [first] = report.claims;
  const claim = { ...(first as ClaimReport) };
  if (claim.evidence !== undefined) claim.evidence = { ...claim.evidence, rules: { web: ['an odd line'] } };
  expect(renderHtml({ ...report, claims: [claim] })).toContain('<li><code>an odd line</code></li>');
});

test('red comes first, before the counts, with links, and only where there is any', () => {
  const red = between('<section class="red"', '</section>');
  expect([...red.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)).toEqual(['symptom-times-out', 'time-out', 'clean-up']);
  expect(page).toContain('<tr id="symptom-times-out">');
  expect(page.indexOf('<section class="red"')).toBeLessThan(page.indexOf('id="part-tally"'));
  expect(words(red)).toContain(
    '1 claim drifted: this cluster does something different. 1 claim is broken: the suite or its surroundings failed.',
  );
  expect(words(red)).toContain('Red check: a client is refused Awaited a refusal Seen last timed out: clusterip-3ye99-clients/ports-3ye99');
  const claims = report.claims.filter(({ outcome }) => outcome === 'confirmed');
  expect(renderHtml({ ...report, claims })).not.toContain('<section class="red"');
  const error = words(
    between('<section class="red"', '</section>', renderHtml({ ...report, claims, errors: ['dns.test.ts did not run'] })),
  );
  expect(error).toContain('! verdict not judged: broken belongs to no claim dns.test.ts did not run');
});

test.each([
  [
    'of every outcome',
    report,
    'A cluster can decide 6 claims of the chapter. 2 claims matched the ledger: 1 holds and 1 is refuted. Red: 1 drifted and 1 is broken. 1 could not be observed on this cluster and 1 was not asked for. 1 more sentence is left out, because no run can decide it.',
  ],
  [
    'all green',
    { ...report, claims: report.claims.slice(0, 1), excluded: [], exitStatus: 0 as const },
    'A cluster can decide 1 claim of the chapter. 1 claim matched the ledger: 1 holds. No claim drifted, and none is broken.',
  ],
  [
    'none confirmed, which is no success',
    { ...report, claims: report.claims.slice(2, 3), excluded: [] },
    'A cluster can decide 1 claim of the chapter. No claim was confirmed. No claim drifted, and none is broken. 1 could not be observed on this cluster. The run is incomplete: it did not show what it was expected to show.',
  ],
  [
    'an error that belongs to no claim',
    { ...report, claims: report.claims.slice(0, 1), excluded: [], errors: ['dns.test.ts did not run'] },
    'A cluster can decide 1 claim of the chapter. 1 claim matched the ledger: 1 holds. Red: 1 error belongs to no claim.',
  ],
])('the counts are put into sentences: %s', (_, given, sentence) => {
  expect(countsInWords(given)).toBe(sentence);
});

test('the page describes the run and its cluster, with the capabilities it has and lacks', () => {
  const described = words(between('<h2 id="part-cluster">', '</section>'));
  expect(described).toContain(
    'Cluster k3s Kubernetes v1.36.3+k3s1 Service proxy kube-proxy in iptables mode Service range 10.43.0.0/16 Pod range 10.42.0.0/16 DNS domain cluster.local Node ports 30000-32767 Profile default',
  );
  expect(described).toContain(
    'Began 24 November 2026 at 02:13 UTC Took 1 min 12 s start the node 10.1 s claims 1 min 2 s Run it again npm test',
  );
  expect(described).toContain('✔ known proxy ○ ServiceLB, missing ServiceLB is not running');
});

test('the stand-in is named as such, at the top', () => {
  expect(page).not.toContain('stand-in');
  const standIn = words(renderHtml({ ...report, cluster: { ...exampleCluster, standIn: true, version: 'v1.36.3' } }));
  expect(standIn).toContain('Observed on the stand-in (upstream Kubernetes v1.36.3, not k3s), kube-proxy in iptables mode');
  expect(standIn).toContain('This was the stand-in, not k3s. The node was upstream Kubernetes v1.36.3');
  expect(standIn).toContain('These results describe upstream Kubernetes. Claims about the choices of k3s itself are unobserved.');
});

test('the errata stand below the counts: first refuted, then corrected, with links; excluded sentences have their reasons', () => {
  const errata = between('<h2 id="part-errata">', '</section>');
  expect([...errata.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)).toEqual(['bare-url', 'time-out']);
  expect(words(errata)).toContain('A bare URL is <enough>. YAML Breakdown It means port 80. ● verdict confirmed here Evidence of bare-url');
  const corrected = report.claims.map((claim): ClaimReport =>
    claim.id === 'pod-range' ? { ...claim, verdict: 'corrected', truth: 'Not there.' } : claim,
  );
  const order = between('<h2 id="part-errata">', '</section>', renderHtml({ ...report, claims: corrected.toReversed() }));
  expect([...order.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)).toEqual(['bare-url', 'time-out', 'pod-range']);
  const places = ['part-tally', 'part-errata', 'part-paste', 'part-symptoms', 'part-glance', 'part-claims'].map((id) =>
    page.indexOf(`id="${id}"`),
  );
  expect(places).toEqual(places.toSorted((one, other) => one - other));
});

test('the counts say that they are of the confirmed claims, and the errata that they are of all', () => {
  expect(words(between('id="part-tally"', '</ul>'))).toContain(
    'Confirmed in this run: 2 of 6 claims = 1 hold ≈ 0 hold with a correction ≠ 1 refuted',
  );
  expect(words(between('<h2 id="part-errata">', '</section>'))).toContain(
    '≈ Holds with a correction 1 in the ledger, 0 confirmed in this run',
  );
});

test('the tiles of the overview carry words: the verdict, and the outcome where it is not confirmed', () => {
  const glance = words(between('<nav class="glance"', '</nav>'));
  for (const tile of [
    '= holds port-exposed',
    '≠ refuted bare-url',
    '= holds ○ not observed pod-range',
    '≈ corrected ✘ drifted time-out',
    '= holds ! broken clean-up',
  ])
    expect(glance).toContain(tile);
});

test('excluded sentences have their reasons', () => {
  expect(words(between('<h2 id="part-excluded">', '</section>'))).toContain('It is perfect. Service Types; an opinion');
});

test.each([
  [10, [0]],
  [900, [0, 200, 400, 600, 800]],
  [14_000, [0, 5_000, 10_000]],
  [3_600_000, [0, 300_000]],
])('an axis of %d ms begins with %j', (whole, first) => {
  expect(ticks(whole).slice(0, first.length)).toEqual(first);
});

test('claims beyond the chapter are a part of their own, with errata, tiles and links to it', () => {
  const both = renderHtml({ ...report, claims: [...report.claims, exampleBeyond] });
  const headings = [...both.matchAll(/<h2 id="(?:part-errata|claims-)[^>]*>([^<]+)</g)].map(([, heading]) => heading);
  expect(headings).toEqual([
    'Errata of the chapter',
    "Errata of Kubernetes' documentation",
    'The chapter',
    "Beyond the chapter: Kubernetes' documentation, by topic",
  ]);
  const links = [...between('<nav class="contents"', '</nav>', both).matchAll(/href="#([^"]+)">([^<]+)/g)];
  expect(links.map(([, , text]) => text)).toContain('Beyond the chapter: 1 claim');
  for (const [, id] of links) expect(both).toContain(` id="${id}"`);
  expect(words(between('<nav class="glance"', '</nav>', both))).toContain('by topic Endpoints and rollouts ≠ refuted slices');
  expect(page).not.toContain('class="contents"');
});

test('a claim beyond the chapter links to where its sentence stands, in its article and in the errata', () => {
  const both = renderHtml({ ...report, claims: [...report.claims, exampleBeyond] });
  const link = '<a href="https://example.test/page#ports" rel="noreferrer">EndpointSlices, &quot;Ports&quot; (version read: 1.35)</a>';
  expect(between('<article id="slices"', '</article>', both)).toContain(`Kubernetes' documentation says so in ${link}`);
  expect(between('id="part-errata-2"', '</section>', both)).toContain(link);
  const origin = { ...exampleBeyond.origin, address: 'javascript:alert(1)' };
  expect(renderHtml({ ...report, claims: [{ ...exampleBeyond, origin }] })).not.toContain('href="javascript');
});
