import { z } from 'zod';
import type { CheckResult, Evidence, Observation } from '../evidence/format.ts';
import { type ExplainedRule, explainRules } from './explain-rules.ts';
import type { ClaimReport } from './format.ts';
import { duration, type Markup, markup, prose } from './markup.ts';
import { kindNames, objectLines, podsByAddress } from './object-lines.ts';
import { chanceRange, delayNote, distributionOf, inWords, isTyped, type Streak, type Wait, waitsOf } from './observations.ts';
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

/** Returns the time line of some observations: a mark for each, and a band where the cluster was not yet as awaited. */
function lane(observations: readonly Observation[], waits: readonly Wait[], whole: number): Markup {
  return markup`
    <svg class="lane" width="100%" height="24" aria-hidden="true">
      ${waits.map(({ delay }) =>
        delay === undefined
          ? null
          : markup`<rect class="delay" x=${percent(delay.from, whole)} width=${percent(delay.to - delay.from, whole)} y="1" height="22"><title>${`not yet: ${duration(delay.to - delay.from)}`}</title></rect>`,
      )}
      <line class="axis" x1="0" x2="100%" y1="12" y2="12" />
      ${observations
        .filter(({ partOf }) => partOf === undefined)
        .map((observation) => {
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

/** Returns what the observations of a streak found, each finding once and at most 180 characters in all. */
function gistOf(observations: readonly Observation[]): string {
  if (observations.some((observation) => distributionOf(observation) !== undefined)) return 'the counts below';
  const all = new Set(observations.map((observation) => (inWords(observation).gist ?? '').replaceAll(/\s+/g, ' ').trim()));
  const line = [...all].filter((gist) => gist !== '').join(', then ');
  return line.length > 180 ? `${line.slice(0, 179)}…` : line;
}

/** Whether what was seen was the awaited, as a sign with words. Undefined where nothing recorded it. */
type Judgement = { readonly name: 'matched' | 'not-yet' | 'never'; readonly sign: string; readonly words: string };

/** What judges observations that were made once: a check by its assertions, or the setup by going on. */
interface Judge {
  /** What was awaited, as a sentence. */
  readonly title: string;
  readonly outcome: CheckResult['outcome'];
  /** The words for an observation that was as awaited. */
  readonly matched: string;
  /** The last observation: where the judge is red, the one that it looked at when it failed. */
  readonly last: Observation | undefined;
}

function judgeOf({ title, outcome }: CheckResult, observations: readonly Observation[]): Judge {
  return { title, outcome, matched: 'as awaited', last: observations.at(-1) };
}

/** Returns whether an observation that was made once was as its judge awaited; undefined where that is not known. */
function judgementOnce(observations: readonly Observation[], { outcome, matched, last }: Judge): Judgement | undefined {
  if (outcome === 'passed') return { name: 'matched', sign: '✔', words: matched };
  if (last === undefined || !observations.includes(last)) return { name: 'not-yet', sign: '…', words: 'the check went on' };
  return outcome === 'drifted' ? { name: 'never', sign: '✘', words: 'not as awaited' } : undefined;
}

/** Returns whether a streak was what its wait awaited; undefined where that is not known, such as in reports of earlier versions. */
function judgementOf({ accepted, observations }: Streak, wait: Wait, judge: Judge | undefined): Judgement | undefined {
  const last = observations === wait.streaks.at(-1)?.observations;
  if (accepted === undefined) return judge === undefined ? undefined : judgementOnce(observations, judge);
  if (!accepted)
    return wait.settled === true ? { name: 'not-yet', sign: '…', words: 'not yet' } : { name: 'never', sign: '✘', words: 'not as awaited' };
  const alone = last && wait.settled === true && observations.length === 1;
  return { name: 'matched', sign: '✔', words: alone ? 'as awaited' : `as awaited ×${observations.length}` };
}

function judgement({ name, sign, words }: Judgement): Markup {
  return markup`<span class=${`judgement ${name}`}><span aria-hidden="true">${sign}</span> ${words}</span>`;
}

function streakInWords(streak: Streak, wait: Wait, judge: Judge | undefined): Markup {
  const { ending, observations } = streak;
  const took = observations.map((observation) => inWords(observation).ms).filter((ms) => ms !== undefined);
  const gist = gistOf(observations);
  const judged = judgementOf(streak, wait, judge);
  const notes = new Set(observations.map(delayNote).filter((note) => note !== undefined));
  return markup`
    <li>
      ${mark(ending)} <span class="at">${range(observations.map(({ at }) => at))}</span>
      <span>
        <strong>${ending}${observations.length > 1 ? ` ×${observations.length}` : ''}</strong>
        ${took.length > 0 ? ` after ${range(took)}` : ''}${gist === '' ? '' : markup`: <q>${gist}</q>`}
        ${[...notes].map((note) => markup`<span class="note">${note}</span>`)}
      </span>
      ${judged === undefined ? markup`<span></span>` : judgement(judged)}
    </li>
  `;
}

/** Returns the rule that decides a wait, such as `3 in a row`. */
function ruleOf(inARow: number): string {
  return inARow === 1 ? 'once is enough' : `${inARow} in a row decide`;
}

/** Returns how late the cluster was, and what that usually is. */
function delayInWords({ delay, streaks }: Wait): Markup | null {
  if (delay === undefined) return null;
  const endings = streaks.flatMap(({ ending, accepted }) => (accepted === true ? [] : [ending]));
  const why = endings.includes('timed out')
    ? ' Much of it is the client, which waits until its limit where nothing comes back.'
    : endings.some((ending) => ['answered', 'refused'].includes(ending))
      ? `${delay.to - delay.from > 1_500 ? ' A Pod may have had to start or to stop before.' : ''} kube-proxy writes new rules about once a second, so the first attempts may still meet the old ones.`
      : '';
  return markup`<p class="delay-words"><span class="swatch" aria-hidden="true"></span> ${`The cluster's own delay: at most ${duration(delay.to - delay.from)}.${why}`}</p>`;
}

/** Returns a line of a wait, with a label before it. */
function labelled(label: string, text: unknown): Markup {
  return markup`<p class="awaited"><span class="label">${label}</span> <span>${text}</span></p>`;
}

/** Returns what was typed, or looked at, in order to see something. */
function means(what: string, typed: boolean): Markup {
  return typed ? labelled('Typed', markup`<code>${what}</code>`) : labelled('Looked at', what);
}

/** Returns what was awaited. Without a judge, the report is of an earlier version, which did not record what was awaited. `further` says that the wait before it awaited the same. */
function awaitedInWords({ what, inARow, by, streaks }: Wait, judge: Judge | undefined, further: boolean): (Markup | null)[] {
  if (judge === undefined) return [labelled('Looked for', what)];
  if (inARow !== undefined)
    return [
      labelled('Awaited', markup`${what} <span class="quiet">${`(${ruleOf(inARow)})`}</span>`),
      ...by.map((part) => means(part.what, part.typed)),
    ];
  const typed = streaks.some(({ observations }) => observations.some(isTyped));
  return [further ? null : labelled('Awaited', prose(judge.title)), means(what, typed)];
}

/** Returns one wait: what was awaited, what was seen, and whether that matched. */
function waitInWords(wait: Wait, judge: Judge | undefined, further: boolean): Markup {
  const { inARow, streaks, settled } = wait;
  const state = settled === undefined ? '' : settled ? 'settled' : 'unsettled';
  return markup`
    <div class=${`wait ${state}${further ? ' further' : ''}`}>
      ${awaitedInWords(wait, judge, further)}
      <div class="saw">
        <span class="label">Seen</span>
        <div>
          <ul class="streaks">${streaks.map((streak) => streakInWords(streak, wait, judge))}</ul>
          ${delayInWords(wait)}
          ${settled === false && judge?.outcome !== 'passed' ? markup`<p class="delay-words bad">${`It never came ${inARow === 1 ? 'as awaited' : `${inARow ?? 0} times in a row`}.`}</p>` : null}
        </div>
      </div>
    </div>
  `;
}

/** Returns what chance allows each Pod, and whether the counts are within that. */
function chanceInWords(counts: Readonly<Record<string, number>>): string {
  const chance = chanceRange(counts);
  if (chance === undefined) return '';
  const { least, most } = chance;
  const inside = Object.values(counts).every((count) => count >= least && count <= most);
  const range = `If each connection draws a Pod at random, chance gives each between ${least} and ${most} of them in 999 of 1000 samples (the shaded part)`;
  return inside
    ? `${range}, and so it is here: the difference between the Pods is chance.`
    : `${range}. Here it is not so: this is no random draw for each.`;
}

/** Returns bars of how often each Pod answered. The dashed line is where an equal share ends, and the shaded part is what chance allows. */
function distribution(what: string, counts: Readonly<Record<string, number>>): Markup {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const equal = percent(1, Object.keys(counts).length);
  const chance = chanceRange(counts);
  const caption = `${what}: ${total} in all; dashed, an equal share. ${chanceInWords(counts)}`.trim();
  return markup`
    <table class="bars">
      <caption>${caption}</caption>
      <tbody>
        ${Object.entries(counts).map(
          ([pod, count]) => markup`
            <tr>
              <th scope="row">${pod}</th>
              <td class="bar">
                <svg width="100%" height="20" aria-hidden="true">
                  <rect class="all" width="100%" height="20" rx="3" />
                  <rect class="share" width=${percent(count, total)} height="20" rx="3" />
                  ${chance === undefined ? null : markup`<rect class="chance" x=${percent(chance.least, total)} width=${percent(chance.most - chance.least, total)} y="16" height="4" />`}
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

/** What the evidence of a claim is drawn with, besides its observations. */
interface Context {
  readonly evidence: Evidence;
  /** ms that the time line is long. */
  readonly whole: number;
  /** Whether the report recorded which observations were the awaited ones. */
  readonly judged: boolean;
}

function checkItem(check: CheckResult, observations: readonly Observation[], context: Context): Markup {
  const { title, outcome, ms, error } = check;
  return markup`
    <li class=${`check ${outcome}`}>
      <p class="check-title">
        <span class="badge"><span aria-hidden="true">${signs[outcome]}</span> ${outcome}</span>
        <span>${prose(title)}</span>
        <span class="quiet ms">${duration(ms)}</span>
      </p>
      ${error === undefined ? null : markup`<pre class="error">${error}</pre>`}
      ${observations.length === 0 ? markup`<p class="quiet small">This check recorded no observation.</p>` : observationsOf(observations, context, judgeOf(check, observations))}
      ${check.rules === undefined ? null : rulesOfCheck(check.rules, check.rulesOn, context.evidence)}
    </li>
  `;
}

function rulesOfCheck(rules: Evidence['rules'], on: string | undefined, evidence: Evidence): Markup {
  const names = podsByAddress(evidence.objects.pods);
  return markup`
    <details class="rules-then">
      <summary>${on === undefined ? "The kernel's rules when this check ended; they changed afterwards" : `The kernel's rules on node ${on} when this check ended; those below differ`}</summary>
      ${Object.entries(rules).map(([service, lines]) => rulesOf(service, lines, names, 'They had not been written when this check ended, or were gone already.'))}
    </details>
  `;
}

function observationsOf(observations: readonly Observation[], { whole, judged }: Context, judge: Judge): Markup {
  const waits = waitsOf(observations);
  const once = (wait: Wait | undefined) => judged && wait !== undefined && wait.inARow === undefined;
  return markup`
    <div class="observations">
      ${lane(observations, waits, whole)} ${waits.map((wait, index) => waitInWords(wait, judged ? judge : undefined, once(wait) && once(waits[index - 1])))}
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

function checks(evidence: Evidence, judged: boolean): Markup {
  const { checks: all, observations, ms } = evidence;
  const whole = Math.max(ms, ...observations.map(({ at }) => at), 1);
  const context = { evidence, whole, judged };
  const of = (id: string) => observations.filter(({ check }) => check === id);
  const others = observations.filter(({ check }) => !all.some(({ id }) => id === check));
  // The checks run only after the setup has succeeded.
  const setUp = all.some(({ outcome }) => outcome === 'passed') ? 'passed' : 'broken';
  const judges = new Map(all.map((check) => [check.id, judgeOf(check, of(check.id))]));
  const setup: Judge = { title: 'the setup to succeed', outcome: setUp, matched: 'the setup went on', last: others.at(-1) };
  judges.set('setup', setup);
  return markup`
    <section class="checks">
      <h5>What was shown</h5>
      <ol>
        ${
          others.length === 0
            ? null
            : markup`<li class="check"><p class="check-title"><span class="quiet">setup, outside the checks</span></p>${observationsOf(others, context, setup)}</li>`
        }
        ${all.map((check) => checkItem(check, of(check.id), context))}
      </ol>
      ${
        observations.length === 0
          ? null
          : markup`
            ${timeAxis(whole)}
            <details>
              <summary>${`All ${counted(observations.length, 'observation')} as a table`}</summary>
              ${observationTable(observations, judged ? judges : new Map())}
            </details>
          `
      }
    </section>
  `;
}

/** Returns whether an observation was the awaited one, for a cell. */
function matchedCell(observation: Observation, judge: Judge | undefined): string {
  const { accepted, inARow, partOf } = observation;
  if (partOf !== undefined) return 'judged in a row below';
  if (accepted === undefined) {
    const judgement = judge === undefined ? undefined : judgementOnce([observation], judge);
    return judgement === undefined ? '' : `${judgement.sign} ${judgement.words}`;
  }
  return `${accepted ? '✔ as awaited' : '… not as awaited'}${inARow === undefined || inARow === 1 ? '' : ` (${inARow} in a row)`}`;
}

function observationTable(observations: readonly Observation[], judges: ReadonlyMap<string, Judge>): Markup {
  return markup`
    <table class="stacked observations-table">
      <thead>
        <tr>
          <th scope="col">At</th><th scope="col">Check</th><th scope="col">Awaited or looked at</th><th scope="col">Seen</th><th scope="col">In full</th><th scope="col">Matched</th>
        </tr>
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
              <td>${matchedCell(observation, judges.get(observation.check))}</td>
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

function rulesOf(service: string, lines: readonly string[], pods: Readonly<Record<string, string>>, whyNone: string): Markup {
  if (lines.length === 0)
    return markup`<div class="rules"><h6>Service ${service}</h6><p>The kernel had no rule for its ClusterIP at that moment. ${whyNone}</p></div>`;
  return markup`
    <div class="rules">
      <h6>Service ${service}</h6>
      <ol>${explainRules(lines, pods).map(rule)}</ol>
      ${lines[0]?.startsWith('-A ') === true ? markup`<p class="quiet">These are all rules that name the address. A packet to another port of it matches none: nothing rewrites or refuses it, and it leaves the node by the default route, where this suite drops it.</p>` : null}
    </div>
  `;
}

const serviceTimes = z.object({
  metadata: z.object({ name: z.string(), creationTimestamp: z.coerce.date(), labels: z.record(z.string(), z.string()).nullish() }),
});

/** Returns why the kernel had no rule for a Service when its claim ended, as far as the evidence has it. */
export function whyNoRules({ objects, startedAt, ms }: Evidence, service: string): string {
  const found = (objects.services ?? []).map((it) => serviceTimes.safeParse(it).data?.metadata).find((it) => it?.name === service);
  if (found?.labels?.['service.kubernetes.io/service-proxy-name'] !== undefined)
    return 'Its label service.kubernetes.io/service-proxy-name leaves it to another Service proxy, so kube-proxy ignores it.';
  const age = found === undefined ? undefined : Date.parse(startedAt) + ms - found.creationTimestamp.getTime();
  // A creation time has whole seconds.
  if (age !== undefined && age < 3_000)
    return 'The claim ended within about two seconds of its creation, and kube-proxy writes new rules only about once a second. Nothing was sent to it.';
  return 'It had existed for longer than kube-proxy needs, so this needs an explanation: does kube-proxy run on this node?';
}

function rules(evidence: Evidence): Markup | null {
  const services = Object.entries(evidence.rules);
  if (services.length === 0) return null;
  const names = podsByAddress(evidence.objects.pods);
  return markup`
    <section>
      <h5>The kernel's rules${evidence.rulesOn === undefined ? null : ` on node ${evidence.rulesOn}`} when the claim ended, from the ClusterIP to the Pod</h5>
      ${services.map(([service, lines]) => rulesOf(service, lines, names, whyNoRules(evidence, service)))}
    </section>
  `;
}

/**
 * Returns the evidence of a claim: checks with their observations, objects, rules, and diagnostics where it is red. `judged` says whether the report recorded
 * which observations were the awaited ones.
 */
export function evidenceOf({ evidence }: ClaimReport, judged: boolean): Markup | null {
  if (evidence === undefined) return null;
  const { incomplete, diagnostics, namespace, nodes = {} } = evidence;
  const where = Object.entries(nodes).map(([pod, node]) => `${pod.replace(/^.*\//, '')} on ${node}`);
  return markup`
    ${
      diagnostics === undefined
        ? null
        : markup`<section><h5>Diagnostics of namespace ${namespace}</h5><pre class="diagnostics">${diagnostics}</pre></section>`
    }
    ${incomplete === undefined ? null : markup`<p class="why">Objects and rules could not be collected: ${incomplete}</p>`}
    ${where.length === 0 ? null : markup`<p class="quiet">Nodes of the clients and of the Pods that answered: ${where.join(', ')}.</p>`}
    ${checks(evidence, judged)} ${objects(evidence)} ${rules(evidence)}
  `;
}
