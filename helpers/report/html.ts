import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { renderToString } from 'preact-render-to-string';
import type { ClaimReport, Outcome, Report } from './format.ts';
import { evidenceOf, marks } from './html-evidence.ts';
import { duration, type Markup, markup, prose } from './markup.ts';
import {
  capitalised,
  countsInWords,
  documentsOf,
  isRed,
  meanings,
  nameOf,
  outcomes,
  rangesLine,
  type Section,
  sectionsOf,
  signs,
} from './words.ts';

const css = readFileSync(new URL('html.css', import.meta.url), 'utf8');
const script = readFileSync(new URL('html-client.js', import.meta.url), 'utf8');

// ---- Verdicts and outcomes: each has a sign and a word, so that no meaning rests on colour alone.

type Verdict = ClaimReport['verdict'];

const verdicts: Readonly<Record<Verdict, { sign: string; words: string; many: string; meaning: string }>> = {
  holds: { sign: '=', words: 'holds', many: 'hold', meaning: 'the sentence is true as it stands' },
  corrected: {
    sign: '≈',
    words: 'holds with a correction',
    many: 'hold with a correction',
    meaning: 'true only with what the correction says',
  },
  refuted: { sign: '≠', words: 'refuted', many: 'refuted', meaning: 'not true; the truth is given instead' },
};

function className(word: string): string {
  return word.replaceAll(' ', '-');
}

function verdictBadge(verdict: Verdict): Markup {
  const { sign, words } = verdicts[verdict];
  return markup`<span class=${`verdict ${verdict}`}><span class="sign" aria-hidden="true">${sign}</span> ${words}</span>`;
}

function outcomeBadge(outcome: Outcome): Markup {
  return markup`<span class=${`outcome ${className(outcome)}`}><span class="sign" aria-hidden="true">${signs[outcome]}</span> ${outcome}</span>`;
}

function anchor(id: string): string {
  return `#${encodeURIComponent(id)}`;
}

/** Returns a link where the address is one of the web, otherwise plain text. */
function webLink(address: string): Markup {
  if (!/^https?:\/\//.test(address)) return markup`<span>${address}</span>`;
  return markup`<a href=${address} rel="noreferrer">${address.replace(/^https?:\/\//, '')}</a>`;
}

// ---- At the top: what this is, where and when it ran, and the result.

function standInNotice({ cluster }: Report): Markup | null {
  if (!cluster.standIn) return null;
  return markup`
    <aside class="notice" aria-label="This was not k3s">
      <p><strong>This was the stand-in, not k3s.</strong> The node was upstream Kubernetes ${cluster.version} in an image of this project (${cluster.why}).</p>
      <p>These results describe upstream Kubernetes. Claims about the choices of k3s itself are unobserved.</p>
    </aside>
  `;
}

function tally(report: Report): Markup {
  const shown = report.claims.filter(({ outcome }) => outcome === 'confirmed');
  const red = report.claims.filter(isRed).length;
  const others = report.claims.length - shown.length - red;
  const green = red + report.errors.length === 0;
  return markup`
    <ul class="tally" aria-label="Counts">
      ${Object.entries(verdicts).map(
        ([name, { sign, many }]) => markup`
          <li class=${`verdict ${name}`}>
            <span class="sign" aria-hidden="true">${sign}</span>
            <b>${shown.filter(({ verdict }) => verdict === name).length}</b> <span>${many}</span>
          </li>
        `,
      )}
      <li class=${green ? 'outcome confirmed' : 'outcome drifted'}>
        <span class="sign" aria-hidden="true">${green ? '✔' : '✘'}</span> <b>${red}</b> <span>red</span>
      </li>
      <li class="outcome unobserved"><span class="sign" aria-hidden="true">○</span> <b>${others}</b> <span>not observed</span></li>
    </ul>
  `;
}

function when(iso: string): Markup {
  const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(new Date(iso));
  return markup`<time datetime=${iso}>${date} UTC</time>`;
}

function pair(term: string, description: unknown): Markup {
  return markup`<div><dt>${term}</dt><dd>${description}</dd></div>`;
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

function redFirst({ claims, errors }: Report): Markup | null {
  const red = claims.filter(isRed);
  if (red.length === 0 && errors.length === 0) return null;
  return markup`
    <section class="red" aria-labelledby="part-red">
      <h2 id="part-red">Red</h2>
      <ul>
        ${red.map(
          ({ id, says, outcome, why }) => markup`
            <li>
              ${outcomeBadge(outcome)} <a href=${anchor(id)}>${prose(says)}</a>
              ${why === undefined ? null : markup`<pre>${why}</pre>`}
            </li>
          `,
        )}
        ${errors.map((error) => markup`<li>${outcomeBadge('broken')} belongs to no claim <pre>${error}</pre></li>`)}
      </ul>
    </section>
  `;
}

/** Returns every claim as a sign under its heading, each a link to the claim. A confirmed claim has the sign of its verdict, any other that of its outcome. */
function glance(documents: string, sections: readonly PageSection[]): Markup {
  return markup`
    <nav class="glance" aria-labelledby="part-glance">
      <h2 id="part-glance">${capitalised(documents)} at a glance</h2>
      <ol>
        ${sections.map(
          ({ heading, id, rows }) => markup`
            <li>
              <a href=${anchor(id)}>${heading}</a>
              <ul>
                ${rows.map(
                  (claim) => markup`
                    <li>
                      <a class=${`${claim.verdict} ${className(claim.outcome)}`} href=${anchor(claim.id)} title=${claim.says}
                        ><span aria-hidden="true">${claim.outcome === 'confirmed' ? verdicts[claim.verdict].sign : signs[claim.outcome]}</span
                        ><span class="unseen">${`${claim.id}: ${verdicts[claim.verdict].words}, ${claim.outcome}`}</span></a>
                    </li>
                  `,
                )}
              </ul>
            </li>
          `,
        )}
      </ol>
      <dl class="key">
        ${Object.values(verdicts).map(({ sign, words, meaning }) => pair(`${sign} ${words}`, meaning))}
        ${outcomes.map((outcome) => pair(`${signs[outcome]} ${outcome}`, meanings[outcome]))}
      </dl>
    </nav>
  `;
}

// ---- The claims, in the documents' order and under their headings.

interface PageSection extends Section<ClaimReport> {
  /** The anchor of the section. */
  readonly id: string;
}

function whyNot({ outcome, why, allowed }: ClaimReport): Markup | null {
  if (outcome === 'confirmed' || outcome === 'not asked for') return null;
  const optional = outcome === 'unobserved' && allowed === true ? 'The run can be green without this claim.' : '';
  return markup`<div class=${`why ${className(outcome)}`}><h5>Why it is ${outcome}</h5><pre>${why ?? 'No reason was recorded.'}</pre>${optional === '' ? null : markup`<p>${optional}</p>`}</div>`;
}

function claimArticle(claim: ClaimReport): Markup {
  const { id, says, verdict, outcome, truth, sources, reproduce, ms } = claim;
  return markup`
    <article id=${id} class=${`claim ${verdict} ${className(outcome)}`} data-verdict=${verdict} data-outcome=${outcome}>
      <details>
        <summary>
          <h4>${prose(says)}</h4>
          <p class="badges">${verdictBadge(verdict)} ${outcomeBadge(outcome)} <span class="quiet">${ms === undefined ? '' : duration(ms)}</span></p>
        </summary>
        <div class="body">
          ${truth === undefined ? null : markup`<div class="truth"><h5>${verdict === 'refuted' ? 'What is true instead' : 'The correction'}</h5><p>${prose(truth)}</p></div>`}
          ${whyNot(claim)} ${evidenceOf(claim)}
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

function choice(group: string, value: string, badge: Markup): Markup {
  return markup`<label><input type="checkbox" name=${group} value=${value} /> ${badge}</label>`;
}

/** Returns the filter. Only the script shows it; without the script every claim is shown. */
function filterBar({ claims }: Report): Markup {
  return markup`
    <form id="part-filter" class="filter" role="search" aria-label="Filter the claims" hidden>
      <fieldset>
        <legend>Verdict</legend>
        ${(Object.keys(verdicts) as Verdict[]).map((verdict) => choice('verdict', verdict, verdictBadge(verdict)))}
      </fieldset>
      <fieldset>
        <legend>Outcome</legend>
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

function claimsPart(report: Report, sections: readonly PageSection[]): Markup {
  return markup`
    <section aria-labelledby="part-claims">
      <h2 id="part-claims">The claims, in the order of ${documentsOf(report.claims)}</h2>
      <p class="quiet intro">
        Open a claim for its truth, its checks and the evidence. On a time line each mark is an observation, placed where it ended. A bar
        before a mark shows how long it took.
      </p>
      ${filterBar(report)}
      ${sections.map(
        ({ heading, id, rows }) => markup`
          <section class="document-section" aria-labelledby=${id}>
            <h3 id=${id}>${heading}</h3>
            ${rows.map(claimArticle)}
          </section>
        `,
      )}
    </section>
  `;
}

// ---- Errata, and the sentences that no run can decide.

function errata({ claims }: Report): Markup | null {
  const wrong = claims.filter(({ verdict }) => verdict !== 'holds');
  if (wrong.length === 0) return null;
  return markup`
    <section aria-labelledby="part-errata">
      <h2 id="part-errata">Errata of ${documentsOf(wrong)}</h2>
      <p class="quiet">Every claim that is refuted or holds only with a correction, and its outcome in this run.</p>
      <table class="stacked errata">
        <thead>
          <tr><th scope="col">Section</th><th scope="col">What the document says</th><th scope="col">What is true</th><th scope="col">In this run</th></tr>
        </thead>
        <tbody>
          ${wrong.map(
            ({ id, origin, says, truth, verdict, outcome }) => markup`
              <tr>
                <td>${origin.section}</td>
                <td><a href=${anchor(id)}>${prose(says)}</a></td>
                <td>${verdictBadge(verdict)}<p>${prose(truth ?? '')}</p></td>
                <td>${outcomeBadge(outcome)}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </section>
  `;
}

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
  const sections = sectionsOf(report.claims).map((section, index): PageSection => ({ ...section, id: `section-${index + 1}` }));
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
          <p class="quiet">${capitalised(documentsOf(report.claims))}, claim by claim. ${seenOn(report)}, ${when(report.startedAt)}.</p>
          <p class="lead">${countsInWords(report)}</p>
          ${tally(report)} ${standInNotice(report)}
        </header>
        <main>${redFirst(report)} ${glance(documentsOf(report.claims), sections)} ${runAndCluster(report)} ${claimsPart(report, sections)} ${errata(report)} ${leftOut(report)}</main>
        <footer class="quiet">
          <p>
            ${`${report.suite.name} ${report.suite.version}`}, rendered from report.json. ${when(report.startedAt)}, exit status ${report.exitStatus}.
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
