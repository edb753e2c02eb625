import { type Symptom, symptoms } from '../ledger/symptoms.ts';
import type { ClaimReport, PassageReport, Report } from './format.ts';
import { anchor, outcomeBadge, type Verdict, verdicts, webLink } from './html-badges.ts';
import { type Markup, markup, prose } from './markup.ts';
import { capitalised, counted, documentsOf, joined, markedLines, places, shownAndCited } from './words.ts';

// What a reader takes away from a report: what is wrong in the document, what is true and why, and what to paste instead of what is printed.

// ---- Errata

function erratum({ id, origin, says, truth, outcome }: ClaimReport): Markup {
  return markup`
    <tr>
      <td><p>${prose(says)}</p><p class="quiet small">${origin.section}</p></td>
      <td><p>${prose(truth ?? '')}</p></td>
      <td>${outcomeBadge(outcome)}<p><a href=${anchor(id)}>${outcome === 'confirmed' ? 'Evidence' : 'Details'}<span class="unseen"> of ${id}</span></a></p></td>
    </tr>
  `;
}

function errataOf(verdict: Verdict, claims: readonly ClaimReport[]): Markup | null {
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

/** Returns what is wrong in the documents: refuted sentences first, then those that need a correction, each with a link to its evidence. */
export function errata({ claims }: Report): Markup | null {
  const wrong = claims.filter(({ verdict }) => verdict !== 'holds');
  if (wrong.length === 0) return null;
  const confirmed = wrong.filter(({ outcome }) => outcome === 'confirmed').length;
  return markup`
    <section aria-labelledby="part-errata">
      <h2 id="part-errata">Errata of ${documentsOf(wrong)}</h2>
      <p class="quiet">${`All that the ledger has, ${counted(wrong.length, 'sentence')}. The counts above have only the ${confirmed} that this run confirmed.`}</p>
      ${errataOf('refuted', claims)} ${errataOf('corrected', claims)}
    </section>
  `;
}

// ---- The document's own characters

function passageTitle({ kind, file, where }: PassageReport): string {
  if (kind === 'yaml') return file === undefined ? 'a file' : `the file ${file}`;
  if (kind === 'output') return 'what is printed';
  return where === undefined ? 'a command' : places[where];
}

function marked(text: string, other: string | undefined, wrong: boolean): Markup {
  return markup`
    <pre class=${`passage ${wrong ? 'wrong' : 'right'}`} tabindex="0">${markedLines(text, other ?? text).map(
      ({ text: line, differs }, index) => {
        const end = index === 0 ? '' : '\n';
        if (!differs) return `${end}  ${line}`;
        return markup`${end}${wrong ? markup`<del><span aria-hidden="true">✘ </span>${line}</del>` : markup`<ins><span aria-hidden="true">✔ </span>${line}</ins>`}`;
      },
    )}</pre>
  `;
}

/** Returns the characters that the document prints beside those that work, with the lines marked in which they differ. */
export function passages({ printed, instead }: ClaimReport): Markup | null {
  if (printed === undefined && instead === undefined) return null;
  return markup`
    <section>
      <h5>The document's own characters</h5>
      <div class="beside">
        ${printed === undefined ? null : markup`<figure><figcaption>As printed: ${passageTitle(printed)}</figcaption>${marked(printed.text, instead?.text, true)}</figure>`}
        ${instead === undefined ? null : markup`<figure><figcaption>What works: ${passageTitle(instead)}</figcaption>${marked(instead.text, printed?.text, false)}</figure>`}
      </div>
    </section>
  `;
}

interface Pasted {
  readonly id: string;
  readonly passage: PassageReport;
}

/** Returns what can be pasted, in the documents' order: each file and each command once. */
function pasted(claims: readonly ClaimReport[]): Pasted[] {
  const all = claims.flatMap(({ id, instead }): Pasted[] =>
    instead === undefined || instead.kind === 'output' ? [] : [{ id, passage: instead }],
  );
  const key = ({ passage: { kind, text, where } }: Pasted) => JSON.stringify([kind, text, where]);
  return all.filter((one, index) => all.findIndex((other) => key(other) === key(one)) === index);
}

function copyButton(what: string): Markup {
  return markup`<button type="button" class="copy" hidden>Copy<span class="unseen"> ${what}</span></button>`;
}

/** Returns one box with every corrected file and command, ready to be copied. */
export function pasteBox({ claims }: Report): Markup | null {
  const all = pasted(claims);
  if (all.length === 0) return null;
  const [files, commands] = [all.filter(({ passage }) => passage.kind === 'yaml'), all.filter(({ passage }) => passage.kind === 'shell')];
  const item = ({ id, passage }: Pasted, index: number) => {
    const title = capitalised(passage.kind === 'yaml' ? `save as ${passage.file ?? 'a file'}` : passageTitle(passage));
    return markup`
      <li>
        <p class="paste-title"><span>${`${index + 1}. ${title}`} <a class="small" href=${anchor(id)}>why<span class="unseen">: ${id}</span></a></span> ${copyButton(`${title}, ${index + 1}`)}</p>
        <pre class="passage" tabindex="0">${passage.text}</pre>
      </li>
    `;
  };
  return markup`
    <section class="paste" aria-labelledby="part-paste">
      <h2 id="part-paste">Paste this instead</h2>
      <p class="quiet">${`Of ${documentsOf(claims)}: ${joined([
        ...(files.length === 0 ? [] : [counted(files.length, 'corrected file')]),
        ...(commands.length === 0 ? [] : [counted(commands.length, 'corrected command')]),
      ])}. What is printed there does not work as it stands.`}</p>
      <ol>${[...files, ...commands].map(item)}</ol>
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
                  <p class="small">Shown in: ${ids.filter((id) => claims.some((claim) => claim.id === id)).map((id) => markup`<a href=${anchor(id)}>${id}</a> `)}</p>
                </th>
                <td><ol class="bullets">${means.map(meaning)}</ol></td>
                <td><ol class="steps">${next.map(({ question, command }) => markup`<li>${prose(question)}<pre class="passage" tabindex="0">${command}</pre></li>`)}</ol></td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </section>
  `;
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
