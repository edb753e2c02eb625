import type { ClaimReport, Outcome } from './format.ts';
import { type Markup, markup } from './markup.ts';
import { placeOf } from './words.ts';

// Verdicts and outcomes on the page. The verdict is about the sentence of the document, the outcome about the verdict. Each has a sign and words of its own, so
// that neither is taken for the other and no meaning rests on colour alone. A tick beside "refuted" would read as praise, so there is none.

/** What a person found to be true of a sentence. */
export type Verdict = ClaimReport['verdict'];

interface Wording {
  readonly sign: string;
  /** One word, for the tiles of the overview. */
  readonly short: string;
  /** The words of the badge. */
  readonly words: string;
  /** As the predicate of several claims. */
  readonly many: string;
  readonly meaning: string;
}

/** The sign and the words of each verdict. */
export const verdicts: Readonly<Record<Verdict, Wording>> = {
  holds: { sign: '=', short: 'holds', words: 'sentence holds', many: 'hold', meaning: 'The sentence is true as it stands.' },
  corrected: {
    sign: '≈',
    short: 'corrected',
    words: 'sentence holds with a correction',
    many: 'hold with a correction',
    meaning: 'The sentence is true only with what the correction says.',
  },
  refuted: {
    sign: '≠',
    short: 'refuted',
    words: 'sentence refuted',
    many: 'refuted',
    meaning: 'The sentence is not true. What is true stands beside it.',
  },
};

/** The sign and the words of each outcome. */
export const outcomeWords: Readonly<Record<Outcome, Omit<Wording, 'many'>>> = {
  confirmed: {
    sign: '●',
    short: 'confirmed',
    words: 'verdict confirmed here',
    meaning: 'Confirmed: every check of this run agreed with the verdict.',
  },
  drifted: {
    sign: '✘',
    short: 'drifted',
    words: 'verdict contradicted here: drifted',
    meaning: 'Drifted: this cluster does something different. Red.',
  },
  broken: {
    sign: '!',
    short: 'broken',
    words: 'verdict not judged: broken',
    meaning: 'Broken: the suite or its surroundings failed, so nothing is known. Red.',
  },
  unobserved: {
    sign: '○',
    short: 'not observed',
    words: 'verdict not observed here',
    meaning: 'Unobserved: this cluster cannot show it. The verdict rests on its sources.',
  },
  'not asked for': {
    sign: '·',
    short: 'not asked for',
    words: 'not asked for in this run',
    meaning: 'Not asked for: the run was narrowed to other claims, or stopped before this one.',
  },
};

/** Returns a word as the name of a class: `timed out` is `timed-out`. */
export function className(word: string): string {
  return word.replaceAll(' ', '-');
}

/** Returns the badge of a verdict: what a person found to be true of the sentence. */
export function verdictBadge(verdict: Verdict): Markup {
  const { sign, words } = verdicts[verdict];
  return markup`<span class=${`verdict ${verdict}`}><span class="sign" aria-hidden="true">${sign}</span> ${words}</span>`;
}

/** Returns the badge of an outcome: what this run found of the verdict. */
export function outcomeBadge(outcome: Outcome): Markup {
  const { sign, words } = outcomeWords[outcome];
  return markup`<span class=${`outcome ${className(outcome)}`}><span class="sign" aria-hidden="true">${sign}</span> ${words}</span>`;
}

/** Returns the address of a part of the page. */
export function anchor(id: string): string {
  return `#${encodeURIComponent(id)}`;
}

/** Returns a link where the address is one of the web, otherwise plain text. */
export function webLink(address: string): Markup {
  if (!/^https?:\/\//.test(address)) return markup`<span>${address}</span>`;
  return markup`<a href=${address} rel="noreferrer">${address.replace(/^https?:\/\//, '')}</a>`;
}

/** Returns where the sentence of a claim stands: a link to the page where it is a public document, otherwise its heading. */
export function placeLink({ topic, origin }: Pick<ClaimReport, 'topic' | 'origin'>): Markup {
  const { address = '', section } = origin;
  if (topic === undefined) return markup`<span>${section}</span>`;
  if (!/^https?:\/\//.test(address)) return markup`<span>${placeOf(origin)}</span>`;
  return markup`<a href=${address} rel="noreferrer">${placeOf(origin)}</a>`;
}

/** Returns a term with its description, for a list of such pairs. */
export function pair(term: unknown, description: unknown): Markup {
  return markup`<div><dt>${term}</dt><dd>${description}</dd></div>`;
}
