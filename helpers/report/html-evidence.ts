import { type ExplainedRule, explainRules } from './explain-rules.ts';
import type { ClaimReport, Evidence, FactResult, Look } from './format.ts';
import { distributionOf, type Run, runsOf, sightOf } from './looks.ts';
import { counted, duration, type Markup, markup, prose } from './markup.ts';
import { objectLines, podsByAddress } from './object-lines.ts';

// ---- Marks: every ending has a shape and a colour of its own, and its word beside it.

const shapes: Readonly<Record<string, Markup>> = {
  answered: markup`<circle r="5.5" />`,
  resolved: markup`<circle class="hollow" r="4.5" />`,
  refused: markup`<rect x="-5" y="-5" width="10" height="10" />`,
  'timed out': markup`<path d="M-5.5-6h11L-5.5 6h11z" />`,
  unresolved: markup`<path class="hollow" d="M0-6 6 0 0 6-6 0z" />`,
  unreachable: markup`<path d="M0-6.5 6.5 5h-13z" />`,
  broken: markup`<path class="stroke" d="M-5-5 5 5M5-5-5 5" />`,
  command: markup`<path class="stroke" d="M-4-5 3 0-4 5" />`,
  seen: markup`<path class="stroke" d="M0-6V6" />`,
};

function markOf(ending: string): string {
  if (ending in shapes) return ending.replace(' ', '-');
  return ending.startsWith('exit ') ? 'command' : 'seen';
}

/** The shapes that the page's pictures are made of, once. */
export function marks(): Markup {
  return markup`
    <svg width="0" height="0" class="sprite" aria-hidden="true" focusable="false">
      <defs>
        ${Object.entries(shapes).map(([ending, shape]) => markup`<g id=${`mark-${markOf(ending)}`}>${shape}</g>`)}
      </defs>
    </svg>
  `;
}

function mark(ending: string): Markup {
  const name = markOf(ending);
  return markup`<svg class=${`mark ${name}`} width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true"><use href=${`#mark-${name}`} /></svg>`;
}

// ---- The looks of one fact: a lane on the claim's time axis, and the same in words.

function percent(part: number, whole: number): string {
  return `${((Math.min(part, whole) / Math.max(whole, 1)) * 100).toFixed(2)}%`;
}

function lane(looks: readonly Look[], whole: number): Markup {
  return markup`
    <svg class="lane" width="100%" height="24" aria-hidden="true">
      <line class="axis" x1="0" x2="100%" y1="12" y2="12" />
      ${looks.map((look) => {
        const { ending, ms = 0 } = sightOf(look);
        const name = markOf(ending);
        const took =
          ms > whole / 200
            ? markup`<line class="took" x1=${percent(Math.max(look.at - ms, 0), whole)} x2=${percent(look.at, whole)} y1="12" y2="12" />`
            : null;
        return markup`
          <g class=${name}>
            ${took}
            <use href=${`#mark-${name}`} x=${percent(look.at, whole)} y="12"><title>${`${duration(look.at)}: ${ending}`}</title></use>
          </g>
        `;
      })}
    </svg>
  `;
}

function range(numbers: readonly number[]): string {
  const [least, most] = [duration(Math.min(...numbers)), duration(Math.max(...numbers))];
  if (least === most) return most;
  // 1.84–2.40 s, but 80 ms–1.20 s
  const [number = '', unit = ''] = least.split(' ');
  return most.endsWith(` ${unit}`) ? `${number}–${most}` : `${least}–${most}`;
}

/** What the looks of a run come to, each thing once and not too long. */
function gistOf(looks: readonly Look[]): string {
  if (looks.some((look) => distributionOf(look) !== undefined)) return '';
  const all = new Set(looks.map((look) => (sightOf(look).gist ?? '').replaceAll(/\s+/g, ' ').trim()));
  const line = [...all].filter((gist) => gist !== '').join(', then ');
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}

function runInWords({ what, ending, looks }: Run): Markup {
  const took = looks.map((look) => sightOf(look).ms).filter((ms) => ms !== undefined);
  const gist = gistOf(looks);
  return markup`
    <li>
      ${mark(ending)} <span class="at">${range(looks.map(({ at }) => at))}</span>
      <span>
        <strong>${ending}${looks.length > 1 ? ` ×${looks.length}` : ''}</strong>
        ${took.length > 0 ? ` after ${range(took)}` : ''}${gist === '' ? '' : markup`: <q>${gist}</q>`}${' '}
        <span class="quiet">${what}</span>
      </span>
    </li>
  `;
}

/** Bars of how often each Pod answered; the line is where an equal share ends. */
function distribution(what: string, counts: Readonly<Record<string, number>>): Markup {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const equal = percent(1, Object.keys(counts).length);
  return markup`
    <table class="bars">
      <caption>${`${what}: ${total} in all; dashed, an equal share`}</caption>
      <tbody>
        ${Object.entries(counts).map(
          ([pod, count]) => markup`
            <tr>
              <th scope="row">${pod}</th>
              <td class="bar">
                <svg width="100%" height="20" aria-hidden="true">
                  <rect class="all" width="100%" height="20" rx="3" />
                  <rect class="share" width=${percent(count, total)} height="20" rx="3" />
                  <line x1=${equal} x2=${equal} y1="0" y2="20" />
                </svg>
              </td>
              <td class="number">${count}</td>
              <td class="number">${`${((count / Math.max(total, 1)) * 100).toFixed(1)} %`}</td>
            </tr>
          `,
        )}
      </tbody>
    </table>
  `;
}

/** What was counted last for each thing that a fact looked at. */
function distributions(looks: readonly Look[]): Markup[] {
  const last = new Map(looks.map((look) => [look.what, distributionOf(look)]));
  return [...last].flatMap(([what, counts]) => (counts === undefined ? [] : [distribution(what, counts)]));
}

const factMarks: Readonly<Record<FactResult['outcome'], string>> = { passed: '✔', drifted: '✘', broken: '!' };

function shownFact(fact: FactResult, looks: readonly Look[], whole: number): Markup {
  return markup`
    <li class=${`fact ${fact.outcome}`}>
      <p class="fact-title">
        <span class="badge"><span aria-hidden="true">${factMarks[fact.outcome]}</span> ${fact.outcome}</span>
        <span>${prose(fact.title)}</span>
        <span class="quiet ms">${duration(fact.ms)}</span>
      </p>
      ${fact.error === undefined ? null : markup`<pre class="error">${fact.error}</pre>`}
      ${looksOfFact(looks, whole)}
    </li>
  `;
}

function looksOfFact(looks: readonly Look[], whole: number): Markup | null {
  if (looks.length === 0) return null;
  return markup`
    <div class="looks">
      ${lane(looks, whole)}
      <ul class="runs">${runsOf(looks).map(runInWords)}</ul>
      ${distributions(looks)}
    </div>
  `;
}

/** Round numbers of ms from 0 to the end, six at most. */
export function ticks(whole: number): number[] {
  const step = [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000].find((it) => whole / it <= 6) ?? 300_000;
  return Array.from({ length: Math.floor(whole / step) + 1 }, (_, index) => index * step);
}

function timeAxis(whole: number): Markup {
  return markup`
    <svg class="ticks" width="100%" height="22" aria-hidden="true">
      ${ticks(whole).map((at, index) => {
        const x = percent(at, whole);
        const anchor = index === 0 ? 'start' : at / whole > 0.95 ? 'end' : 'middle';
        return markup`<line x1=${x} x2=${x} y1="0" y2="5" /><text x=${x} y="18" text-anchor=${anchor}>${`${at / 1000} s`}</text>`;
      })}
    </svg>
  `;
}

function facts({ facts: all, looks, ms }: Evidence): Markup {
  const whole = Math.max(ms, ...looks.map(({ at }) => at), 1);
  const of = (id: string) => looks.filter((look) => look.fact === id);
  const others = looks.filter(({ fact }) => !all.some(({ id }) => id === fact));
  return markup`
    <section class="facts">
      <h5>What was shown</h5>
      <ol>
        ${
          others.length === 0
            ? null
            : markup`<li class="fact"><p class="fact-title"><span class="quiet">before and beside the facts</span></p>${looksOfFact(others, whole)}</li>`
        }
        ${all.map((fact) => shownFact(fact, of(fact.id), whole))}
      </ol>
      ${
        looks.length === 0
          ? null
          : markup`
            ${timeAxis(whole)}
            <details>
              <summary>${`All ${counted(looks.length, 'look')} as a table`}</summary>
              ${lookTable(looks)}
            </details>
          `
      }
    </section>
  `;
}

function lookTable(looks: readonly Look[]): Markup {
  return markup`
    <table class="stacked looks-table">
      <thead>
        <tr><th scope="col">At</th><th scope="col">Fact</th><th scope="col">Looked at</th><th scope="col">Ended</th><th scope="col">Seen</th></tr>
      </thead>
      <tbody>
        ${looks.map((look) => {
          const { ending, ms, text } = sightOf(look);
          return markup`
            <tr>
              <td class="number">${`${look.at} ms`}</td>
              <td>${look.fact}</td>
              <td>${look.what}</td>
              <td>${ending}${ms === undefined ? '' : ` after ${ms} ms`}</td>
              <td class="mono">${text}</td>
            </tr>
          `;
        })}
      </tbody>
    </table>
  `;
}

// ---- The objects, in a line each, and whole.

const kinds: Readonly<Record<string, string>> = { services: 'Service', endpointSlices: 'EndpointSlice', pods: 'Pod' };

function objects({ objects: all }: Evidence): Markup | null {
  const there = Object.entries(all).filter(([, list]) => list.length > 0);
  if (there.length === 0) return null;
  return markup`
    <section>
      <h5>Objects when the claim ended</h5>
      <ul class="objects">
        ${there.flatMap(([kind, list]) => objectLines(kind, list).map((line) => markup`<li><b>${kinds[kind] ?? kind}</b> ${line}</li>`))}
      </ul>
      ${there.map(([kind, list]) => {
        const json = JSON.stringify(list.length === 1 ? list[0] : list, null, 2);
        return markup`
          <details class="raw">
            <summary>${`${counted(list.length, kinds[kind] ?? kind)} as JSON`}</summary>
            <pre>${json}</pre>
          </details>
        `;
      })}
    </section>
  `;
}

// ---- The kernel's rules, line by line.

function rule({ line, chain, explanation }: ExplainedRule, index: number, all: readonly ExplainedRule[]): Markup {
  const begins = index > 0 && chain !== all[index - 1]?.chain;
  return markup`
    <li class=${begins ? 'begins' : undefined}>
      ${explanation === undefined ? null : markup`<p>${explanation}</p>`}
      <code>${line}</code>
    </li>
  `;
}

function rulesOf(service: string, lines: readonly string[], pods: Readonly<Record<string, string>>): Markup {
  if (lines.length === 0)
    return markup`<div class="rules"><h6>Service ${service}</h6><p>The kernel had no rule for its ClusterIP at that moment.</p></div>`;
  return markup`
    <div class="rules">
      <h6>Service ${service}</h6>
      <ol>${explainRules(lines, pods).map(rule)}</ol>
    </div>
  `;
}

function rules({ rules: byService, objects: { pods } }: Evidence): Markup | null {
  const services = Object.entries(byService);
  if (services.length === 0) return null;
  const names = podsByAddress(pods);
  return markup`
    <section>
      <h5>The kernel's own rules, from the ClusterIP to the Pod</h5>
      ${services.map(([service, lines]) => rulesOf(service, lines, names))}
    </section>
  `;
}

/** Everything that a claim left behind: facts with their looks, objects, rules, and diagnostics where it is red. */
export function evidenceOf({ evidence }: ClaimReport): Markup | null {
  if (evidence === undefined) return null;
  const { incomplete, diagnostics, namespace } = evidence;
  return markup`
    ${
      diagnostics === undefined
        ? null
        : markup`<section><h5>Diagnostics of its namespace ${namespace}</h5><pre class="diagnostics">${diagnostics}</pre></section>`
    }
    ${incomplete === undefined ? null : markup`<p class="why">Objects and rules could not be collected: ${incomplete}</p>`}
    ${facts(evidence)} ${objects(evidence)} ${rules(evidence)}
  `;
}
