import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { renderToString } from 'preact-render-to-string';
import type { ClaimReport, Report } from './format.ts';
import {
  anchor,
  className,
  outcomeBadge,
  outcomeWords,
  pair,
  placeLink,
  type Verdict,
  verdictBadge,
  verdicts,
  webLink,
} from './html-badges.ts';
import { evidenceOf, marks } from './html-evidence.ts';
import { faultFirst } from './html-fault.ts';
import { errata, partsWithErrata, passages, pasteBox, symptomOf, symptomTable, truthOf } from './html-lesson.ts';
import { duration, type Markup, markup, prose } from './markup.ts';
import { awaitedAndSeen, redCheckOf, redSummary } from './red.ts';
import {
  capitalised,
  counted,
  countsInWords,
  documentation,
  documentsOf,
  gapsOf,
  isRed,
  namesParts,
  nameOf,
  outcomes,
  type Part,
  partLines,
  partsOf,
  rangesLine,
  type Section,
} from './words.ts';

const css = readFileSync(new URL('html.css', import.meta.url), 'utf8');
const script = readFileSync(new URL('html-client.js', import.meta.url), 'utf8');

// ---- At the top: what this is, where and when it ran, and the result.

function standInNotice({ cluster }: Report): Markup | null {
  if (!cluster.standIn) return null;
  return markup`
    <aside class="notice" aria-label="This was not k3s">
      <p><strong>This was the stand-in, not k3s.</strong> The node was upstream Kubernetes ${cluster.version} in an image of this project.</p>
      <p>These results describe upstream Kubernetes. Claims about the choices of k3s itself are unobserved.</p>
    </aside>
  `;
}

/** Returns the counts: of the confirmed claims by their verdict, then of the others. Each has its label, because the errata count more than was confirmed. */
function tally(report: Report): Markup {
  const shown = report.claims.filter(({ outcome }) => outcome === 'confirmed');
  const red = report.claims.filter(isRed).length + report.errors.length;
  const others = report.claims.length - shown.length - report.claims.filter(isRed).length;
  return markup`
    <div class="tally">
      <section aria-labelledby="part-tally">
        <h2 id="part-tally">${`Confirmed in this run: ${shown.length} of ${counted(report.claims.length, 'claim')}`}</h2>
        <ul>
          ${Object.entries(verdicts).map(
            ([name, { sign, many }]) => markup`
              <li class=${`verdict ${name}`}>
                <span class="sign" aria-hidden="true">${sign}</span>
                <b>${shown.filter(({ verdict }) => verdict === name).length}</b> <span>${many}</span>
              </li>
            `,
          )}
        </ul>
        ${partLines(report).map((line) => markup`<p class="quiet small">${line}</p>`)}
      </section>
      <section aria-labelledby="part-tally-others">
        <h2 id="part-tally-others">Not confirmed</h2>
        <ul>
          <li class=${red === 0 ? 'none' : 'outcome drifted'}><span class="sign" aria-hidden="true">${red === 0 ? '' : '✘'}</span> <b>${red}</b> <span>red</span></li>
          <li class="outcome unobserved"><span class="sign" aria-hidden="true">○</span> <b>${others}</b> <span>not observed</span></li>
        </ul>
      </section>
    </div>
    <p class="quiet small">A verdict says whether a sentence of a document is true; a person wrote it into the ledger, the list of all verdicts. Confirmed: on this cluster, every check of this run agreed with the verdict.</p>
  `;
}

/** Returns what the words of the page mean, below the place where they first stand. */
function terms({ claims, cluster }: Report): Markup {
  return markup`
    <details class="terms">
      <summary>What the words on this page mean</summary>
      <dl class="key">
        ${pair('Claim', `One sentence of ${documentsOf(claims)} that a cluster can decide.`)}
        ${pair('Verdict', 'What a person found to be true of the sentence. It is written in the ledger, with its sources.')}
        ${Object.values(verdicts).map(({ sign, words, meaning }) => pair(`${sign} ${words}`, meaning))}
        ${pair('Outcome', 'What this run found of the verdict, on this cluster.')}
        ${outcomes.map((outcome) => pair(`${outcomeWords[outcome].sign} ${outcomeWords[outcome].words}`, outcomeWords[outcome].meaning))}
        ${pair('ClusterIP', 'The virtual address of a Service. No network interface has it.')}
        ${pair('kube-proxy', `The Service proxy: a program on each node that writes rules into the node's kernel. They send packets for a ClusterIP to a Pod. Its mode is the kind of these rules, here ${cluster.proxyMode}.`)}
        ${pair('API server', 'Stores every object of the cluster, and gives each Service its ClusterIP.')}
        ${pair('EndpointSlice controller', 'Writes down which Pods are behind a Service. An older controller writes the same as Endpoints.')}
        ${pair('kubelet', 'Starts the Pods of its node, and reports which of them are Ready.')}
        ${pair('CoreDNS', 'Resolves the name of a Service to its ClusterIP.')}
        ${pair('hostNetwork Pod', "A Pod in the network of its node, with the node's addresses and name servers.")}
        ${pair('Default route', 'Where a node sends packets for addresses to which it knows no other way.')}
        ${pair('Masquerading', "The node puts its own address in place of the sender's, so that the answers come back through it.")}
        ${pair('Endpoint', 'A Pod behind a Service, with its address and port. EndpointSlices are the objects that list them.')}
        ${pair('Refused, timed out', 'Refused is an answer, and quick: something rejected the packet. Timed out is silence.')}
        ${pair('In a row', 'The suite looks again and again until several observations in a row are what it awaits, usually three. One lucky answer proves nothing.')}
        ${pair('Shown, cited', 'Shown: a check of this run saw it. Cited: it rests on the source that stands beside it.')}
      </dl>
    </details>
  `;
}

function when(iso: string): Markup {
  const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(new Date(iso));
  return markup`<time datetime=${iso}>${date} UTC</time>`;
}

function runAndCluster({ cluster, capabilities, phases, startedAt, reproduce }: Report): Markup {
  const replaced = Object.entries(cluster.images);
  const whole = Object.values(phases).reduce((sum, ms) => sum + ms, 0);
  return markup`
    <section aria-labelledby="part-cluster">
      <h2 id="part-cluster">The run and its cluster</h2>
      <dl class="pairs">
        ${pair('Cluster', `${nameOf(cluster)}${cluster.adopted ? `, existing: context ${cluster.context ?? ''}` : cluster.kept ? ', kept between runs' : ''}`)}
        ${pair('Kubernetes', cluster.version)}
        ${pair('Service proxy', `kube-proxy in ${cluster.proxyMode} mode`)}
        ${pair(cluster.serviceRanges.length > 1 ? 'Service ranges' : 'Service range', rangesLine(cluster.serviceRanges))}
        ${pair(cluster.podRanges.length > 1 ? 'Pod ranges' : 'Pod range', rangesLine(cluster.podRanges))}
        ${pair('DNS domain', cluster.domain)} ${pair('Node ports', cluster.nodePortRange)}
        ${cluster.profile === undefined ? null : pair('Profile', cluster.profile)}
        ${cluster.nodeImage === undefined ? null : pair('Node image', markup`<code>${cluster.nodeImage}</code><br /><span class="quiet">${cluster.why}</span>`)}
        ${pair('kubectl', cluster.kubectlVersion)}
        ${cluster.k3sArgs.length === 0 ? null : pair('Arguments', markup`<code>${cluster.k3sArgs.join(' ')}</code>`)}
        ${pair('Began', when(startedAt))}
        ${pair(
          'Took',
          markup`${duration(whole)}<ul class="plain quiet">${Object.entries(phases).map(([phase, ms]) => markup`<li>${phase} ${duration(ms)}</li>`)}</ul>`,
        )}
        ${pair('Run it again', markup`<code class="shell">${reproduce}</code>`)}
        ${pair(
          cluster.nodes.length === 1 ? 'Node' : 'Nodes',
          markup`<ul class="plain">${cluster.nodes.map(
            (node) =>
              markup`<li>${node.name} ${node.addresses.join(', ')}<br /><span class="quiet">${node.operatingSystem}, kernel ${node.kernel}, ${node.architecture}, ${node.containerRuntime}</span></li>`,
          )}</ul>`,
        )}
        ${pair(
          'Capabilities',
          markup`<ul class="plain">${capabilities.map(
            ({ name, there, why }) =>
              markup`<li><span aria-hidden="true">${there ? '✔' : '○'}</span> ${name}${there ? '' : ', missing'}${why === undefined ? '' : markup`<br /><span class="quiet">${why}</span>`}</li>`,
          )}</ul>`,
        )}
        ${
          replaced.length === 0
            ? null
            : pair(
                'Images replaced',
                markup`<ul class="plain">${replaced.map(([pinned, by]) => markup`<li><code>${pinned}</code> by <code>${by}</code></li>`)}</ul>`,
              )
        }
      </dl>
    </section>
  `;
}

function redClaim(claim: ClaimReport): Markup {
  const { id, says, outcome, why } = claim;
  const check = redCheckOf(claim);
  const last = awaitedAndSeen(claim);
  const reason = check?.error ?? why;
  return markup`
    <li>
      <p>${outcomeBadge(outcome)} <a href=${anchor(id)}>${prose(says)}</a></p>
      ${check === undefined || check.title === last?.awaited ? null : markup`<p>Red check: ${prose(check.title)}</p>`}
      ${last === undefined ? null : markup`<dl class="awaited-seen">${pair('Awaited', last.awaited)}${pair('Seen last', last.seen)}</dl>`}
      ${reason === undefined ? null : last === undefined ? markup`<pre>${reason}</pre>` : markup`<details><summary>The whole message<span class="unseen"> of ${id}</span></summary><pre>${reason}</pre></details>`}
    </li>
  `;
}

/** Returns what a red report opens with: what is red, what kind of red, what it asks of the reader, and what the red claims share. */
function redFirst(report: Report): Markup | null {
  const summary = redSummary(report);
  if (summary === undefined) return null;
  const { headline, steps, shared, ending = '' } = summary;
  const symptom = symptomOf(ending);
  return markup`
    <section class="red" aria-labelledby="part-red">
      <h2 id="part-red">Red</h2>
      <p class="lead">${headline}</p>
      <h3>What to do</h3>
      <ol class="steps">${steps.map((step) => markup`<li>${prose(step)}</li>`)}</ol>
      ${symptom === undefined ? null : markup`<p>All causes of this ending, and the commands to look with: <a href=${symptom.address}>${symptom.name}</a>.</p>`}
      ${shared.length === 0 ? null : markup`<h3>What they share</h3><ul class="bullets">${shared.map((line) => markup`<li>${line}</li>`)}</ul>`}
      <h3>What is red</h3>
      <ul class="red-claims">
        ${report.claims.filter(isRed).map(redClaim)} ${gapsOf(report).map(redClaim)}
        ${report.errors.map((error) => markup`<li><p>${outcomeBadge('broken')} belongs to no claim</p><pre>${error}</pre></li>`)}
      </ul>
    </section>
  `;
}

function tile({ id, says, verdict, outcome }: ClaimReport): Markup {
  const { sign, short } = verdicts[verdict];
  const other = outcome === 'confirmed' ? undefined : outcomeWords[outcome];
  return markup`
    <li>
      <a class=${`${verdict} ${className(outcome)}`} href=${anchor(id)} title=${says}>
        <b><span aria-hidden="true">${`${sign} `}</span>${short}</b>${' '}
        ${other === undefined ? null : markup`<strong><span aria-hidden="true">${`${other.sign} `}</span>${other.short}</strong>`}${' '}
        <span>${id}</span>
      </a>
    </li>
  `;
}

/** Returns the tiles of a part under its headings. */
function tiles({ sections }: PagePart): Markup {
  return markup`
    <ol>
      ${sections.map(
        ({ heading, id, rows }) => markup`
          <li style=${`--tiles: ${rows.length}`}>
            <a href=${anchor(id)}>${heading}</a>
            <ul>${rows.map(tile)}</ul>
          </li>
        `,
      )}
    </ol>
  `;
}

/** Returns every claim as a tile under its heading, with its verdict, its outcome where it is not confirmed, and a link to it. */
function glance(documents: string, parts: readonly PagePart[]): Markup {
  return markup`
    <nav class="glance" aria-labelledby="part-glance">
      <h2 id="part-glance">${capitalised(documents)} at a glance</h2>
      <p class="quiet intro">Each tile is a claim with its verdict. A second word stands where this run did not confirm it.</p>
      ${parts.map((part) => (namesParts(parts) ? markup`<h3><a href=${anchor(part.id)}>${titleOf(part)}</a></h3>${tiles(part)}` : tiles(part)))}
    </nav>
  `;
}

/** Returns links to the parts of the page; nothing where all claims are of one document, because then the page is short. */
function contents(report: Report, parts: readonly PagePart[]): Markup | null {
  if (!namesParts(parts)) return null;
  const links = [
    ...partsWithErrata(report).map(({ id, documents }) => [id, `Errata of ${documents}`]),
    ...(report.claims.some(({ instead }) => instead !== undefined) ? [['part-paste', 'Paste this instead']] : []),
    ['part-symptoms', 'What a symptom means'],
    ['part-glance', 'At a glance'],
    ...parts.map(({ id, name, rows }) => [id, `${name}: ${counted(rows.length, 'claim')}`]),
    ['part-cluster', 'The run and its cluster'],
  ];
  return markup`
    <nav class="contents" aria-label="On this page">
      <ul>${links.map(([id = '', text]) => markup`<li><a href=${anchor(id)}>${text}</a></li>`)}</ul>
    </nav>
  `;
}

// ---- The claims, in the documents' order and under their headings.

interface PageSection extends Section<ClaimReport> {
  /** The anchor of the section. */
  readonly id: string;
}

interface PagePart extends Part<ClaimReport> {
  /** The anchor of the part. */
  readonly id: string;
  readonly sections: readonly PageSection[];
}

/** Returns the parts of the ledger with their anchors. */
function pageParts({ claims }: Report): PagePart[] {
  let sections = 0;
  return partsOf(claims).map((part, index) => ({
    ...part,
    id: `claims-${index + 1}`,
    sections: part.sections.map((section) => ({ ...section, id: `section-${++sections}` })),
  }));
}

/** Returns the heading of a part. */
function titleOf({ name, beyond, documents }: PagePart): string {
  return beyond ? `${name}: ${documents}, by topic` : name;
}

function whyNot({ outcome, why, remedy, allowed }: ClaimReport): Markup | null {
  if (outcome === 'confirmed' || outcome === 'not asked for') return null;
  const optional = outcome === 'unobserved' && allowed === true ? 'The run can be green without this claim.' : '';
  return markup`<div class=${`why ${className(outcome)}`}><h5>Why it is ${outcome}</h5><pre>${why ?? 'No reason was recorded.'}</pre>${remedy === undefined ? null : markup`<p>Observable with ${prose(remedy)}.</p>`}${optional === '' ? null : markup`<p>${optional}</p>`}</div>`;
}

function claimArticle(claim: ClaimReport, report: Report): Markup {
  const { id, says, verdict, outcome, sources, reproduce, ms } = claim;
  return markup`
    <article id=${id} class=${`claim ${verdict} ${className(outcome)}`} data-part=${claim.topic === undefined ? 'chapter' : 'beyond'} data-verdict=${verdict} data-outcome=${outcome}>
      <details>
        <summary>
          <h4>${prose(says)}</h4>
          <p class="badges">${verdictBadge(verdict)} ${outcomeBadge(outcome)} <span class="quiet">${ms === undefined ? '' : duration(ms)}</span></p>
        </summary>
        <div class="body">
          ${claim.topic === undefined ? null : markup`<p class="quiet place">${capitalised(documentation)} says so in ${placeLink(claim)}</p>`}
          ${truthOf(claim, report.cluster)} ${passages(claim)} ${whyNot(claim)} ${evidenceOf(claim, recordsJudgements(report))}
          ${
            sources.length === 0
              ? null
              : markup`<section><h5>Sources</h5><ul class="sources">${sources.map((source) => markup`<li>${webLink(source)}</li>`)}</ul></section>`
          }
          <section class="again">
            <h5>Show it again</h5>
            <p><code class="shell">${reproduce}</code></p>
            <p class="quiet"><a href=${anchor(id)}>Link to this claim: ${id}</a></p>
          </section>
        </div>
      </details>
    </article>
  `;
}

/** Returns whether a report recorded which observations were the awaited ones. Older versions of the suite did not. */
function recordsJudgements({ claims }: Report): boolean {
  return claims.some(({ evidence }) => evidence?.observations.some(({ accepted }) => accepted !== undefined) === true);
}

function choice(group: string, value: string, badge: Markup): Markup {
  return markup`<label><input type="checkbox" name=${group} value=${value} /> ${badge}</label>`;
}

/** Returns the filter. Only the script shows it; without the script every claim is shown. */
function filterBar({ claims }: Report, parts: readonly PagePart[]): Markup {
  return markup`
    <form id="part-filter" class="filter" role="search" aria-label="Filter the claims" hidden>
      ${
        parts.length < 2
          ? null
          : markup`<fieldset><legend>Part</legend>${parts.map(({ name, beyond }) => choice('part', beyond ? 'beyond' : 'chapter', markup`<span>${name}</span>`))}</fieldset>`
      }
      <fieldset>
        <legend>Sentence</legend>
        ${(Object.keys(verdicts) as Verdict[]).map((verdict) => choice('verdict', verdict, verdictBadge(verdict)))}
      </fieldset>
      <fieldset>
        <legend>This run</legend>
        ${outcomes
          .filter((outcome) => claims.some((claim) => claim.outcome === outcome))
          .map((outcome) => choice('outcome', outcome, outcomeBadge(outcome)))}
      </fieldset>
      <p class="row">
        <label class="text">Text <input type="search" name="text" autocomplete="off" spellcheck="false" /></label>
        <button type="reset">Clear</button>
        <button type="button" name="open">Open all</button>
        <button type="button" name="close">Close all</button>
      </p>
    </form>
    <p id="part-count" class="count" role="status" aria-live="polite"></p>
  `;
}

function sectionsPart({ sections }: PagePart, report: Report): Markup {
  return markup`
    ${sections.map(
      ({ heading, id, rows }) => markup`
        <section class="document-section" aria-labelledby=${id}>
          <h3 id=${id}>${heading}</h3>
          ${rows.map((claim) => claimArticle(claim, report))}
        </section>
      `,
    )}
  `;
}

function claimsPart(report: Report, parts: readonly PagePart[]): Markup {
  const named = namesParts(parts);
  return markup`
    <section aria-labelledby="part-claims">
      <h2 id="part-claims">${named ? 'The claims' : `The claims, in the order of ${documentsOf(report.claims)}`}</h2>
      <p class="quiet intro">
        Open a claim for its truth, its checks and the evidence. Each observation stands below what was awaited, with whether it matched. On a time
        line each mark is an observation, placed where it ended. A bar before a mark shows how long it took. A hatched band shows how long the cluster was
        not yet as awaited: that is its own delay, usually up to a second until kube-proxy has written its rules.
      </p>
      ${filterBar(report, parts)}
      ${named ? null : parts.map((part) => sectionsPart(part, report))}
    </section>
    ${named ? parts.map((part) => markup`<section class="document-part" aria-labelledby=${part.id}><h2 id=${part.id}>${titleOf(part)}</h2>${sectionsPart(part, report)}</section>`) : null}
  `;
}

// ---- The sentences that no run can decide.

function leftOut({ excluded }: Report): Markup | null {
  if (excluded.length === 0) return null;
  return markup`
    <section aria-labelledby="part-excluded">
      <h2 id="part-excluded">Left out: sentences that no run can decide</h2>
      <ul class="excluded">
        ${excluded.map(({ origin, says, why }) => markup`<li><q>${says}</q> <span class="quiet">${origin.section}; ${why}</span></li>`)}
      </ul>
    </section>
  `;
}

// ---- The page.

/** Returns in one line which cluster the run observed. */
function seenOn({ cluster }: Report): string {
  const what = cluster.standIn ? `the stand-in (upstream Kubernetes ${cluster.version}, not k3s)` : `${nameOf(cluster)} ${cluster.version}`;
  return `Observed on ${what}, kube-proxy in ${cluster.proxyMode} mode`;
}

function page(report: Report): Markup {
  const parts = pageParts(report);
  // The page may load nothing, and only its own script may run, whatever text a report has.
  const hash = createHash('sha256').update(script).digest('base64');
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
  return markup`
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content=${policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <link rel="icon" href="data:," />
        <title>${`ClusterIP conformance: ${seenOn(report)}`}</title>
        <style dangerouslySetInnerHTML=${{ __html: css }} />
      </head>
      <body>
        <a class="skip" href="#part-claims">Skip to the claims</a>
        ${marks()}
        <header>
          <h1>Does a ClusterIP Service really do that?</h1>
          <p class="quiet">${capitalised(documentsOf(report.claims))}, claim by claim. ${seenOn(report)}, ${when(report.startedAt)}. kube-proxy is the program on each node that writes the kernel's rules for Services; its mode is the kind of rules.</p>
          ${standInNotice(report)}
        </header>
        <main>
          ${faultFirst(report)} ${redFirst(report)}
          <p class="lead">${countsInWords(report)}</p>
          ${tally(report)} ${terms(report)} ${contents(report, parts)} ${errata(report)} ${pasteBox(report)} ${symptomTable(report)}
          ${glance(documentsOf(report.claims), parts)}
          ${claimsPart(report, parts)} ${runAndCluster(report)} ${leftOut(report)}
        </main>
        <footer class="quiet">
          <p>
            ${`${report.suite.name} ${report.suite.version}`}. ${when(report.startedAt)}, exit status ${report.exitStatus}.
          </p>
        </footer>
        <script dangerouslySetInnerHTML=${{ __html: script }} />
      </body>
    </html>
  `;
}

/** Returns a report as one HTML page that needs no network and no server. Its script is needed for the filter only. */
export function renderHtml(report: Report): string {
  return `<!doctype html>\n${renderToString(page(report))}\n`;
}
