import { type Symptom, symptoms } from '../ledger/symptoms.ts';
import type { ClaimReport, PassageReport, Report } from './format.ts';
import { anchor, outcomeBadge, placeLink, type Verdict, verdicts, webLink } from './html-badges.ts';
import { type Markup, markup, prose } from './markup.ts';
import { pasteInstead } from './paste.ts';
import { errataLine, markedLines, type Part, partsOf, places, shownAndCited } from './words.ts';

// What a reader takes away from a report: what is wrong in the document, what is true and why, and what to paste instead of what is printed.

// ---- Errata

function erratum({ id, topic, origin, says, truth, outcome }: ClaimReport): Markup {
  return markup`
    <tr>
      <td><p>${prose(says)}</p><p class="quiet small">${placeLink({ topic, origin })}</p></td>
      <td><p>${prose(truth ?? '')}</p></td>
      <td>${outcomeBadge(outcome)}<p><a href=${anchor(id)}>${outcome === 'confirmed' ? 'Evidence' : 'Details'}<span class="unseen"> of ${id}</span></a></p></td>
    </tr>
  `;
}

function errataTable(verdict: Verdict, claims: readonly ClaimReport[]): Markup | null {
  const wrong = claims.filter((claim) => claim.verdict === verdict);
  if (wrong.length === 0) return null;
  return markup`
    <h3 class=${`verdict ${verdict}`}>
      <span class="sign" aria-hidden="true">${verdicts[verdict].sign}</span> ${verdict === 'refuted' ? 'Refuted' : 'Holds with a correction'} <span class="quiet">${`${wrong.length} in the ledger, ${wrong.filter(({ outcome }) => outcome === 'confirmed').length} confirmed in this run`}</span>
    </h3>
    <table class="stacked errata">
      <thead>
        <tr><th scope="col">The document says</th><th scope="col">${verdict === 'refuted' ? 'What is true instead' : 'The correction'}</th><th scope="col">In this run</th></tr>
      </thead>
      <tbody>
        ${wrong.map(erratum)}
      </tbody>
    </table>
  `;
}

/** Returns the parts in whose documents something is wrong, each with the anchor of its errata. */
export function partsWithErrata({ claims }: Report): (Part<ClaimReport> & { readonly id: string })[] {
  return partsOf(claims)
    .map((part, index) => ({ ...part, id: index === 0 ? 'part-errata' : `part-errata-${index + 1}` }))
    .filter(({ rows }) => rows.some(({ verdict }) => verdict !== 'holds'));
}

/** Returns what is wrong in the documents: of each part refuted sentences first, then those that need a correction, each with a link to its evidence. */
export function errata(report: Report): Markup {
  return markup`
    ${partsWithErrata(report).map(
      ({ id, documents, rows }) => markup`
        <section aria-labelledby=${id}>
          <h2 id=${id}>Errata of ${documents}</h2>
          <p class="quiet">${errataLine({ claims: rows })}</p>
          ${errataTable('refuted', rows)} ${errataTable('corrected', rows)}
        </section>
      `,
    )}
  `;
}

// ---- The document's own characters

function passageTitle({ kind, file, where }: PassageReport): string {
  if (kind === 'yaml') return file === undefined ? 'a file' : `the file ${file}`;
  if (kind === 'output') return 'what is printed';
  return where === undefined ? 'a command' : places[where];
}

/** Returns a passage whose lines are marked where `other`, a passage of the same kind, does not have them. */
function marked({ kind, text }: PassageReport, other: PassageReport | undefined, wrong: boolean): Markup {
  return markup`
    <pre class=${`passage ${kind} ${wrong ? 'wrong' : 'right'}`} tabindex="0" data-plain=${text}>${markedLines(
      text,
      other?.kind === kind ? other.text : wrong ? '' : text,
    ).map(({ text: line, differs }, index) => {
      const end = index === 0 ? '' : '\n';
      if (!differs) return `${end}  ${line}`;
      return markup`${end}${wrong ? markup`<del><span aria-hidden="true">✘ </span>${line}</del>` : markup`<ins><span aria-hidden="true">✔ </span>${line}</ins>`}`;
    })}</pre>
  `;
}

function copyButton(what: string): Markup {
  return markup`<button type="button" class="copy" hidden>Copy<span class="unseen"> ${what}</span></button>`;
}

/** Returns what a document prints, and what works in its place where that differs, beside each other. */
function besideEachOther({ printed, instead }: ClaimReport): Markup {
  const works = instead === undefined ? undefined : passageTitle(instead);
  return markup`
    <div class="beside">
      ${printed === undefined ? null : markup`<figure><figcaption><span>${instead === undefined ? 'As printed, and it works' : 'As printed'}: ${passageTitle(printed)}</span></figcaption>${marked(printed, instead, instead !== undefined)}</figure>`}
      ${instead === undefined ? null : markup`<figure><figcaption><span>Instead: ${works}</span> ${instead.kind === 'output' ? null : copyButton(`what works: ${works ?? ''}`)}</figcaption>${marked(instead, printed, false)}</figure>`}
    </div>
  `;
}

/** Returns the characters that the document prints beside those that work, with the lines marked in which they differ. */
export function passages(claim: ClaimReport): Markup | null {
  if (claim.printed === undefined && claim.instead === undefined) return null;
  return markup`<section><h5>The document's own characters</h5>${besideEachOther(claim)}</section>`;
}

/** Returns one box with every corrected file and command, ready to be copied, and each of them beside what is printed. */
export function pasteBox({ claims }: Report): Markup | null {
  const wrong = claims.filter(({ instead }) => instead !== undefined);
  const script = pasteInstead(wrong.flatMap(({ instead }) => (instead === undefined ? [] : [instead])));
  if (script === '') return null;
  return markup`
    <section class="paste" aria-labelledby="part-paste">
      <h2 id="part-paste">Paste this instead</h2>
      <p class="quiet">Every corrected file and command as one script, for a terminal with kubectl. What is printed does not do what the document says.</p>
      <div class="box">
        <p class="copy-row">${copyButton('the whole script')}</p>
        <pre class="passage shell" tabindex="0">${script}</pre>
      </div>
      <h3>One by one, beside what is printed</h3>
      <ul class="pairs-of-passages">
        ${wrong.map((claim) => markup`<li><p><a href=${anchor(claim.id)}>${prose(claim.truth ?? claim.says)}</a></p>${besideEachOther(claim)}</li>`)}
      </ul>
    </section>
  `;
}

// ---- Symptoms

/** Returns what each symptom of a Service means, with the claims of the report that show it and what to look at next. */
export function symptomTable({ claims, cluster }: Report): Markup {
  const meaning = (one: Symptom['means'][number]) =>
    typeof one === 'string'
      ? markup`<li>${prose(one)}</li>`
      : markup`<li><b>${`In ${one.only} mode${one.only === cluster.proxyMode ? ', as here' : ''}:`}</b> ${prose(one.means)}</li>`;
  return markup`
    <section aria-labelledby="part-symptoms">
      <h2 id="part-symptoms">What a symptom means</h2>
      <p class="quiet">For an incident: find what the client sees, then go through the causes in this order. Words in capitals stand for your own names.</p>
      <table class="stacked symptoms">
        <thead>
          <tr><th scope="col">What the client sees</th><th scope="col">What it means, the most frequent cause first</th><th scope="col">Where to look next</th></tr>
        </thead>
        <tbody>
          ${symptoms.map(
            ({ name, seen, means, claims: ids, next }) => markup`
              <tr id=${symptomId(name)}>
                <th scope="row">
                  <p><b>${prose(name)}</b></p>
                  <p>${prose(seen)}</p>
                  <p class="small">Shown in: ${ids.filter((id) => claims.some((claim) => claim.id === id)).map((id, index) => markup`${index === 0 ? '' : ', '}<a href=${anchor(id)}>${id}</a>`)}</p>
                </th>
                <td><ol class="bullets">${means.map(meaning)}</ol></td>
                <td><ol class="steps">${next.map(({ question, command }) => markup`<li>${prose(question)}<pre class="passage shell" tabindex="0">${command}</pre></li>`)}</ol></td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </section>
  `;
}

/** Returns the address of the symptom that a connection with this ending is; undefined where the table has none. */
export function symptomOf(ending: string): { name: string; address: string } | undefined {
  const found = symptoms.find((symptom) => symptom.ending === ending);
  return found === undefined ? undefined : { name: found.name, address: `#${symptomId(found.name)}` };
}

function symptomId(name: string): string {
  return `symptom-${name.replaceAll(/[^a-z]+/gi, '-').replaceAll(/^-|-$/g, '')}`;
}

// ---- The truth of one claim: what the run showed, what rests on a source, and why it is so.

/** Returns the truth of a claim, its cause, and which sentences of it the run showed and which are cited. */
export function truthOf(claim: ClaimReport, cluster: Report['cluster']): Markup | null {
  const { verdict, truth, because, outcome } = claim;
  const { cited } = shownAndCited(claim, cluster);
  const confirmed = outcome === 'confirmed';
  // A claim that simply holds needs no second statement of itself.
  const sources = cited.filter(({ says }) => says !== (truth ?? claim.says));
  if (truth === undefined && because === undefined && sources.length === 0) return null;
  const title = verdict === 'refuted' ? 'What is true instead' : verdict === 'corrected' ? 'The correction' : undefined;
  return markup`
    <div class="truth">
      ${truth === undefined ? null : markup`<h5>${title}</h5><p>${prose(truth)} ${confirmed ? markup`<span class="basis">shown in this run</span>` : markup`<span class="basis">cited, not shown in this run</span>`}</p>`}
      ${shownAndCited(claim, cluster)
        .shown.filter((says) => says !== (truth ?? claim.says))
        .map((says) => markup`<p>${prose(says)} <span class="basis">shown in this run</span></p>`)}
      ${sources.map(({ says, sources: from }) => markup`<p>${prose(says)} <span class="basis">cited: ${from.map(webLink)}</span></p>`)}
      ${because === undefined ? null : markup`<h5>Why</h5><p>${prose(because)}</p>`}
    </div>
  `;
}
