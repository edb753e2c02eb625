import type { CheckResult, Evidence, Observation } from '../evidence/format.ts';
import { type ExplainedRule, explainRules } from './explain-rules.ts';
import type { ClaimReport } from './format.ts';
import { duration, type Markup, markup, prose } from './markup.ts';
import { kindNames, objectLines, podsByAddress } from './object-lines.ts';
import { distributionOf, inWords, type Streak, streaksOf } from './observations.ts';
import { counted, signs } from './words.ts';

// ---- Marks: every ending has a shape and a colour of its own, with its word beside it.

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

/** Returns the shapes that the pictures of the page refer to. The page needs them once. */
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

// ---- The observations of one check: a lane on the claim's time axis, and the same in words.

function percent(part: number, whole: number): string {
  return `${((Math.min(part, whole) / Math.max(whole, 1)) * 100).toFixed(2)}%`;
}

function lane(observations: readonly Observation[], whole: number): Markup {
  return markup`
    <svg class="lane" width="100%" height="24" aria-hidden="true">
      <line class="axis" x1="0" x2="100%" y1="12" y2="12" />
      ${observations.map((observation) => {
        const { at } = observation;
        const { ending, ms = 0 } = inWords(observation);
        const name = markOf(ending);
        const took =
          ms > whole / 200
            ? markup`<line class="took" x1=${percent(Math.max(at - ms, 0), whole)} x2=${percent(at, whole)} y1="12" y2="12" />`
            : null;
        return markup`
          <g class=${name}>
            ${took}
            <use href=${`#mark-${name}`} x=${percent(at, whole)} y="12"><title>${`${duration(at)}: ${ending}`}</title></use>
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

/** Returns what the observations of a streak found, each finding once and at most 90 characters in all. */
function gistOf(observations: readonly Observation[]): string {
  if (observations.some((observation) => distributionOf(observation) !== undefined)) return '';
  const all = new Set(observations.map((observation) => (inWords(observation).gist ?? '').replaceAll(/\s+/g, ' ').trim()));
  const line = [...all].filter((gist) => gist !== '').join(', then ');
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}

function streakInWords({ what, ending, observations }: Streak): Markup {
  const took = observations.map((observation) => inWords(observation).ms).filter((ms) => ms !== undefined);
  const gist = gistOf(observations);
  return markup`
    <li>
      ${mark(ending)} <span class="at">${range(observations.map(({ at }) => at))}</span>
      <span>
        <strong>${ending}${observations.length > 1 ? ` ×${observations.length}` : ''}</strong>
        ${took.length > 0 ? ` after ${range(took)}` : ''}${gist === '' ? '' : markup`: <q>${gist}</q>`}${' '}
        <span class="quiet">${what}</span>
      </span>
    </li>
  `;
}

/** Returns bars of how often each Pod answered. The dashed line is where an equal share ends. */
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

/** Returns the last counts for each thing that a check looked at. */
function distributions(observations: readonly Observation[]): Markup[] {
  const last = new Map(observations.map((observation) => [observation.what, distributionOf(observation)]));
  return [...last].flatMap(([what, counts]) => (counts === undefined ? [] : [distribution(what, counts)]));
}

function checkItem({ title, outcome, ms, error }: CheckResult, observations: readonly Observation[], whole: number): Markup {
  return markup`
    <li class=${`check ${outcome}`}>
      <p class="check-title">
        <span class="badge"><span aria-hidden="true">${signs[outcome]}</span> ${outcome}</span>
        <span>${prose(title)}</span>
        <span class="quiet ms">${duration(ms)}</span>
      </p>
      ${error === undefined ? null : markup`<pre class="error">${error}</pre>`}
      ${observationsOf(observations, whole)}
    </li>
  `;
}

function observationsOf(observations: readonly Observation[], whole: number): Markup | null {
  if (observations.length === 0) return null;
  return markup`
    <div class="observations">
      ${lane(observations, whole)}
      <ul class="streaks">${streaksOf(observations).map(streakInWords)}</ul>
      ${distributions(observations)}
    </div>
  `;
}

/** Returns round numbers of ms from 0 to the end, in steps that divide the whole into six parts or fewer. */
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

function checks({ checks: all, observations, ms }: Evidence): Markup {
  const whole = Math.max(ms, ...observations.map(({ at }) => at), 1);
  const of = (id: string) => observations.filter(({ check }) => check === id);
  const others = observations.filter(({ check }) => !all.some(({ id }) => id === check));
  return markup`
    <section class="checks">
      <h5>What was shown</h5>
      <ol>
        ${
          others.length === 0
            ? null
            : markup`<li class="check"><p class="check-title"><span class="quiet">setup, outside the checks</span></p>${observationsOf(others, whole)}</li>`
        }
        ${all.map((check) => checkItem(check, of(check.id), whole))}
      </ol>
      ${
        observations.length === 0
          ? null
          : markup`
            ${timeAxis(whole)}
            <details>
              <summary>${`All ${counted(observations.length, 'observation')} as a table`}</summary>
              ${observationTable(observations)}
            </details>
          `
      }
    </section>
  `;
}

function observationTable(observations: readonly Observation[]): Markup {
  return markup`
    <table class="stacked observations-table">
      <thead>
        <tr><th scope="col">At</th><th scope="col">Check</th><th scope="col">Looked at</th><th scope="col">Ended</th><th scope="col">Seen</th></tr>
      </thead>
      <tbody>
        ${observations.map((observation) => {
          const { ending, ms, text } = inWords(observation);
          return markup`
            <tr>
              <td class="number">${`${observation.at} ms`}</td>
              <td>${observation.check}</td>
              <td>${observation.what}</td>
              <td>${ending}${ms === undefined ? '' : ` after ${ms} ms`}</td>
              <td class="mono">${text}</td>
            </tr>
          `;
        })}
      </tbody>
    </table>
  `;
}

// ---- The objects: a line for each, and all of it as JSON.

function objects({ objects: all }: Evidence): Markup | null {
  const present = Object.entries(all).filter(([, list]) => list.length > 0);
  if (present.length === 0) return null;
  return markup`
    <section>
      <h5>Objects when the claim ended</h5>
      <ul class="objects">
        ${present.flatMap(([kind, list]) => objectLines(kind, list).map((line) => markup`<li><b>${kindNames[kind] ?? kind}</b> ${line}</li>`))}
      </ul>
      ${present.map(([kind, list]) => {
        const json = JSON.stringify(list.length === 1 ? list[0] : list, null, 2);
        return markup`
          <details class="raw">
            <summary>${`${counted(list.length, kindNames[kind] ?? kind)} as JSON`}</summary>
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
    return markup`<div class="rules"><h6>Service ${service}</h6><p>The kernel had no rule for its ClusterIP when the claim ended.</p></div>`;
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
      <h5>The kernel's rules, from the ClusterIP to the Pod</h5>
      ${services.map(([service, lines]) => rulesOf(service, lines, names))}
    </section>
  `;
}

/** Returns the evidence of a claim: checks with their observations, objects, rules, and diagnostics where it is red. */
export function evidenceOf({ evidence }: ClaimReport): Markup | null {
  if (evidence === undefined) return null;
  const { incomplete, diagnostics, namespace } = evidence;
  return markup`
    ${
      diagnostics === undefined
        ? null
        : markup`<section><h5>Diagnostics of namespace ${namespace}</h5><pre class="diagnostics">${diagnostics}</pre></section>`
    }
    ${incomplete === undefined ? null : markup`<p class="why">Objects and rules could not be collected: ${incomplete}</p>`}
    ${checks(evidence)} ${objects(evidence)} ${rules(evidence)}
  `;
}
