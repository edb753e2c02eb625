import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { renderToString } from 'preact-render-to-string';
import type { ClaimReport, Outcome, Report } from './format.ts';
import { evidenceOf, marks } from './html-evidence.ts';
import { counted, duration, type Markup, markup, prose } from './markup.ts';
import { nameOf } from './words.ts';

const css = readFileSync(new URL('html.css', import.meta.url), 'utf8');
const script = readFileSync(new URL('html-client.js', import.meta.url), 'utf8');

// ---- Verdicts and outcomes: a sign and a word each, the colour comes on top.

type Verdict = ClaimReport['verdict'];

const verdicts: Readonly<Record<Verdict, { sign: string; words: string; many: string; meaning: string }>> = {
  holds: { sign: '=', words: 'holds', many: 'hold', meaning: 'the sentence is true as it stands' },
  corrected: {
    sign: '≈',
    words: 'holds with a correction',
    many: 'hold with a correction',
    meaning: 'true only with what the correction says',
  },
  refuted: { sign: '≠', words: 'refuted', many: 'refuted', meaning: 'not true; what is true is said instead' },
};

const outcomes: Readonly<Record<Outcome, { sign: string; meaning: string }>> = {
  confirmed: { sign: '✔', meaning: 'every fact was seen: the verdict is right on this cluster' },
  drifted: { sign: '✘', meaning: 'the cluster does not do what the verdict says' },
  broken: { sign: '!', meaning: 'the suite or its surroundings failed, so nothing is known' },
  unobserved: { sign: '○', meaning: 'this cluster cannot show it, for the reason given' },
  'not asked for': { sign: '·', meaning: 'the run was narrowed to other claims' },
};

function className(word: string): string {
  return word.replaceAll(' ', '-');
}

function verdictBadge(verdict: Verdict): Markup {
  const { sign, words } = verdicts[verdict];
  return markup`<span class=${`verdict ${verdict}`}><span class="sign" aria-hidden="true">${sign}</span> ${words}</span>`;
}

function outcomeBadge(outcome: Outcome): Markup {
  return markup`<span class=${`outcome ${className(outcome)}`}><span class="sign" aria-hidden="true">${outcomes[outcome].sign}</span> ${outcome}</span>`;
}

function anchor(id: string): string {
  return `#${encodeURIComponent(id)}`;
}

/** A link where the address is one of the web, and plain text where it is anything else. */
function webLink(address: string): Markup {
  if (!/^https?:\/\//.test(address)) return markup`<span>${address}</span>`;
  return markup`<a href=${address} rel="noreferrer">${address.replace(/^https?:\/\//, '')}</a>`;
}

function isRed({ outcome }: ClaimReport): boolean {
  return outcome === 'drifted' || outcome === 'broken';
}

// ---- At the top: what this is, where and when it ran, and what came of it.

function joined(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

/** What came of a run, in plain sentences. */
export function countsInWords({ claims, excluded, errors, exitStatus }: Report): string {
  const of = (outcome: Outcome) => claims.filter((claim) => claim.outcome === outcome).length;
  const shown = (verdict: Verdict) => claims.filter((claim) => claim.outcome === 'confirmed' && claim.verdict === verdict).length;
  const some = (count: number, one: string, many = one) => (count === 0 ? [] : [counted(count, one, many)]);
  const confirmed = [
    ...some(shown('holds'), 'holds', 'hold'),
    ...some(shown('corrected'), 'holds with a correction', 'hold with a correction'),
    ...some(shown('refuted'), 'is refuted', 'are refuted'),
  ];
  const red = [
    ...some(of('drifted'), 'drifted'),
    ...some(of('broken'), 'is broken', 'are broken'),
    ...some(errors.length, 'error belongs to no claim', 'errors belong to no claim'),
  ];
  const rest = [
    ...some(of('unobserved'), 'could not be observed on this cluster'),
    ...some(of('not asked for'), 'was not asked for', 'were not asked for'),
  ];
  const leftOut = some(
    excluded.length,
    'more sentence is left out, because no run can decide it',
    'more sentences are left out, because no run can decide them',
  );
  const ledger = counted(of('confirmed'), 'was shown as the ledger has it', 'were shown as the ledger has them');
  return [
    `The chapter makes ${counted(claims.length, 'claim')} that a cluster can decide.`,
    confirmed.length === 0 ? 'None was confirmed.' : `${ledger}: ${joined(confirmed)}.`,
    red.length === 0 ? 'None is red.' : `Red: ${joined(red)}.`,
    ...[rest, leftOut].filter((parts) => parts.length > 0).map((parts) => `${joined(parts)}.`),
    ...(exitStatus === 3 && red.length === 0
      ? ['The run is incomplete: what it was asked for was not shown, and that was no choice of its own.']
      : []),
  ].join(' ');
}

function standInNotice({ cluster }: Report): Markup | null {
  if (!cluster.standIn) return null;
  return markup`
    <aside class="notice" aria-label="This was not k3s">
      <p><strong>This was the stand-in, not k3s.</strong> The node was upstream Kubernetes ${cluster.version} in an image of our own (${cluster.why}).</p>
      <p>
        What is below is said of upstream Kubernetes. Claims about what k3s itself chooses are unobserved. The suite has not been run on a
        real k3s.
      </p>
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
        ${pair('Cluster', `${nameOf(cluster)}${cluster.adopted ? `, there already: context ${cluster.context ?? ''}` : cluster.keptCluster ? ', kept between runs' : ''}`)}
        ${pair('Kubernetes', cluster.version)}
        ${pair('Service proxy', `kube-proxy in ${cluster.proxyMode} mode`)}
        ${pair('Service range', cluster.serviceRange)} ${pair('Pod range', cluster.podRange)}
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
              markup`<li>${node.name} ${node.address}<br /><span class="quiet">${node.operatingSystem}, kernel ${node.kernel}, ${node.architecture}, ${node.containerRuntime}</span></li>`,
          )}</ul>`,
        )}
        ${pair(
          'What claims may need',
          markup`<ul class="plain">${capabilities.map(
            ({ name, there, why }) =>
              markup`<li><span aria-hidden="true">${there ? '✔' : '○'}</span> ${name}${there ? '' : ', not there'}${why === undefined ? '' : markup`<br /><span class="quiet">${why}</span>`}</li>`,
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

/** Every claim as a sign under its heading, of its verdict where that was confirmed: the chapter at a glance, and the way into it. */
function glance(sections: readonly Section[]): Markup {
  return markup`
    <nav class="glance" aria-labelledby="part-glance">
      <h2 id="part-glance">The chapter at a glance</h2>
      <ol>
        ${sections.map(
          ({ heading, id, claims }) => markup`
            <li>
              <a href=${anchor(id)}>${heading}</a>
              <ul>
                ${claims.map(
                  (claim) => markup`
                    <li>
                      <a class=${`${claim.verdict} ${className(claim.outcome)}`} href=${anchor(claim.id)} title=${claim.says}
                        ><span aria-hidden="true">${claim.outcome === 'confirmed' ? verdicts[claim.verdict].sign : outcomes[claim.outcome].sign}</span
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
        ${Object.entries(outcomes).map(([name, { sign, meaning }]) => pair(`${sign} ${name}`, meaning))}
      </dl>
    </nav>
  `;
}

// ---- The claims, in the chapter's order and under its headings.

interface Section {
  readonly heading: string;
  readonly id: string;
  readonly claims: readonly ClaimReport[];
}

/** The claims under the chapter's headings, in its order; a heading that comes again later is not joined with the first. */
function sectionsOf(claims: readonly ClaimReport[]): Section[] {
  const sections: { heading: string; id: string; claims: ClaimReport[] }[] = [];
  for (const claim of claims) {
    const last = sections.at(-1);
    if (last?.heading === claim.section) last.claims.push(claim);
    else sections.push({ heading: claim.section, id: `section-${sections.length + 1}`, claims: [claim] });
  }
  return sections;
}

function whyNot({ outcome, why, allowed }: ClaimReport): Markup | null {
  if (outcome === 'confirmed' || outcome === 'not asked for') return null;
  const chosen = outcome === 'unobserved' && allowed === true ? 'That is a choice of the run and no fault of the cluster.' : '';
  return markup`<div class=${`why ${className(outcome)}`}><h5>Why it is ${outcome}</h5><pre>${why ?? 'No reason was recorded.'}</pre>${chosen === '' ? null : markup`<p>${chosen}</p>`}</div>`;
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

/** Shown by the script only; without it everything is there anyway. */
function filterBar({ claims }: Report): Markup {
  return markup`
    <form id="part-filter" class="filter" role="search" aria-label="Filter the claims" hidden>
      <fieldset>
        <legend>Verdict</legend>
        ${(Object.keys(verdicts) as Verdict[]).map((verdict) => choice('verdict', verdict, verdictBadge(verdict)))}
      </fieldset>
      <fieldset>
        <legend>Outcome</legend>
        ${(Object.keys(outcomes) as Outcome[])
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

function chapter(report: Report, sections: readonly Section[]): Markup {
  return markup`
    <section aria-labelledby="part-claims">
      <h2 id="part-claims">The claims, in the order of the chapter</h2>
      <p class="quiet intro">
        Each opens to what is true, what was shown, and the evidence. On its time lines every mark is a look, placed where it ended; a bar
        before a mark is how long it took.
      </p>
      ${filterBar(report)}
      ${sections.map(
        ({ heading, id, claims }) => markup`
          <section class="chapter-section" aria-labelledby=${id}>
            <h3 id=${id}>${heading}</h3>
            ${claims.map(claimArticle)}
          </section>
        `,
      )}
    </section>
  `;
}

// ---- Errata, and what no run can decide.

function errata({ claims }: Report): Markup | null {
  const wrong = claims.filter(({ verdict }) => verdict !== 'holds');
  if (wrong.length === 0) return null;
  return markup`
    <section aria-labelledby="part-errata">
      <h2 id="part-errata">Errata of the chapter</h2>
      <p class="quiet">Every claim that is refuted or holds only with a correction, and what this run saw of it.</p>
      <table class="stacked errata">
        <thead>
          <tr><th scope="col">Section</th><th scope="col">The chapter says</th><th scope="col">What is true</th><th scope="col">In this run</th></tr>
        </thead>
        <tbody>
          ${wrong.map(
            ({ id, section, says, truth, verdict, outcome }) => markup`
              <tr>
                <td>${section}</td>
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
        ${excluded.map(({ section, says, why }) => markup`<li><q>${says}</q> <span class="quiet">${section}; ${why}</span></li>`)}
      </ul>
    </section>
  `;
}

// ---- The page.

/** Which cluster, in a line. */
function seenOn({ cluster }: Report): string {
  const what = cluster.standIn ? `the stand-in (upstream Kubernetes ${cluster.version}, not k3s)` : `${nameOf(cluster)} ${cluster.version}`;
  return `Seen on ${what}, kube-proxy in ${cluster.proxyMode} mode`;
}

function page(report: Report): Markup {
  const sections = sectionsOf(report.claims);
  // Nothing may be loaded, and of scripts only ours may run, whatever a report holds.
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
          <p class="quiet">A teaching chapter, claim by claim. ${seenOn(report)}, ${when(report.startedAt)}.</p>
          <p class="lead">${countsInWords(report)}</p>
          ${tally(report)} ${standInNotice(report)}
        </header>
        <main>${redFirst(report)} ${glance(sections)} ${runAndCluster(report)} ${chapter(report, sections)} ${errata(report)} ${leftOut(report)}</main>
        <footer class="quiet">
          <p>
            ${`${report.suite.name} ${report.suite.version}`}, drawn from report.json alone. ${when(report.startedAt)}, exit status ${report.exitStatus}.
          </p>
        </footer>
        <script dangerouslySetInnerHTML=${{ __html: script }} />
      </body>
    </html>
  `;
}

/** Draws a report as one HTML file that needs nothing else: no network, no server, and a script only for the filter. */
export function renderHtml(report: Report): string {
  return `<!doctype html>\n${renderToString(page(report))}\n`;
}
