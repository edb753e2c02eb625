import type { Claim, Excluded } from '../ledger/row.ts';
import { symptoms } from '../ledger/symptoms.ts';
import { fenced, inline, passageBlock, placeLink, printedAndInstead } from './markdown-text.ts';
import { pasteInstead } from './paste.ts';
import { counted, documentsOf, joined, namesParts, type Part, partsOf } from './words.ts';

interface Row {
  readonly id: string;
  readonly claim: Claim;
  readonly origin: Claim['origin'];
  readonly topic?: string | undefined;
}

function link(source: string): string {
  return `([source](<${source}>))`;
}

/**
 * Returns links to the verdict of a claim, to the place of its sentence where that is a public document, and to those of its sources that its sentences do
 * not name.
 */
function links({ id, topic, origin, claim: { sources = [], cited = [] } }: Row): string {
  const rest = sources.filter((source) => cited.every((sentence) => sentence.source !== source));
  const toSources = rest.map((source, index) => `[source${rest.length > 1 ? ` ${index + 1}` : ''}](<${source}>)`);
  const place = topic === undefined ? [] : [placeLink(origin)];
  return `(${[`[checks](verdicts.md#${id})`, ...place, ...toSources].join(', ')})`;
}

/**
 * Returns the sentences that rest on a source, without those that belong to an earlier claim too. Sentences that say the same of each proxy mode become one,
 * because the checks show them in the mode of their cluster.
 */
function citedSentences({ cited = [] }: Claim, earlier: Set<string>): string[] {
  const modes = cited.filter(({ shownIn }) => shownIn !== undefined);
  const same =
    modes.length > 1 ? [`This is so ${joined(modes.map(({ shownIn = '', source }) => `in ${shownIn} mode ${link(source)}`))}.`] : [];
  const others = cited.filter((sentence) => modes.length < 2 || !modes.includes(sentence));
  const fresh = others.filter(({ says }) => !earlier.has(says));
  for (const { says } of fresh) earlier.add(says);
  return [...same, ...fresh.map(({ says, source }) => `${inline(says)} ${link(source)}`)];
}

/** Returns what a claim is in truth: what the document says where that is not right, a paragraph, and the printed characters beside those that work. */
function paragraphs(row: Row, earlier: Set<string>): string[] {
  const { claim } = row;
  const { says, why, printed, instead } = claim;
  const wrong = claim.verdict === 'holds' ? [] : [`> ${claim.verdict === 'refuted' ? 'Wrong' : 'Not quite'}: _${inline(says)}_`, ''];
  const truth = claim.verdict === 'holds' ? says : claim.truth;
  const beside = printed === undefined ? [] : instead === undefined ? [passageBlock(printed)] : printedAndInstead(printed, instead);
  return [
    ...wrong,
    [`**${inline(truth)}**`, inline(why), ...citedSentences(claim, earlier), links(row)].join(' '),
    '',
    ...(beside.length === 0 ? [] : [...beside, '']),
  ];
}

/** Returns what the handout follows, in sentences. */
function introduction(parts: readonly Part<Row>[]): string[] {
  const followed = parts.filter(({ beyond }) => !beyond).flatMap(({ rows }) => rows);
  const further = parts.find(({ beyond }) => beyond);
  return [
    ...(followed.length === 0
      ? []
      : [`This handout follows ${documentsOf(followed)} from heading to heading, and says of each sentence what a cluster does.`]),
    ...(further === undefined
      ? []
      : [`Beyond the chapter, it goes on by topic with what ${further.documents} promises about ClusterIP Services.`]),
  ];
}

function leftOut(heading: string, excluded: readonly Excluded[]): string[] {
  const here = excluded.filter(({ origin }) => origin.section === heading);
  if (here.length === 0) return [];
  return [`No cluster can decide: ${here.map(({ says, why }) => `${inline(says).replace(/\.$/, '')} (${why})`).join('; ')}.`, ''];
}

/**
 * Returns docs/lesson.md: the chapter retold as it is true, in its order, then what other documents add by topic, for people who learn from it. It needs no
 * cluster and no report, so it says of nothing that a run has shown it.
 */
export function renderHandout(ledger: Readonly<Record<string, Claim>>, excluded: readonly Excluded[]): string {
  const rows = Object.entries(ledger).map(([id, claim]): Row => ({ id, claim, origin: claim.origin, topic: claim.topic }));
  const parts = partsOf(rows);
  const level = namesParts(parts) ? '###' : '##';
  const count = (verdict: Claim['verdict']) => rows.filter(({ claim }) => claim.verdict === verdict).length;
  const instead = rows.flatMap(({ claim }) => (claim.instead === undefined ? [] : [claim.instead]));
  const earlier = new Set<string>();
  return [
    '# ClusterIP Services, as they are true',
    '',
    '<!-- Written by `npm run docs` from helpers/ledger: change it there. -->',
    '',
    ...introduction(parts),
    `Of ${counted(rows.length, 'sentence')}, ${count('holds')} hold, ${count('corrected')} are not quite right, and ${count('refuted')} are wrong. Where a sentence is wrong, it stands here beside the truth,`,
    'so that you recognise it when you meet it again.',
    '',
    'Five components do all the work. Keep them in mind, and most sentences below follow from them:',
    '',
    '- The **API server** stores each Service and gives it an address, the ClusterIP.',
    '- The **EndpointSlice controller** writes down which Pods are behind a Service: its endpoints.',
    '- **kube-proxy**, on each node, turns Services and endpoints into rules.',
    "- The node's **kernel** follows these rules: it rewrites the destination of each new connection from the ClusterIP to one Pod.",
    '- **CoreDNS** resolves the name of a Service to its ClusterIP.',
    '',
    'A quoted line is what a document says and what is not so. The bold sentence after it is true. The link _checks_ leads to the tests that show it on a real',
    'cluster, and _source_ to a document that says it.',
    ...(parts.some(({ beyond }) => beyond)
      ? [
          'Beyond the chapter, a link with the title of a page leads to where the sentence itself stands, and names the version that was read.',
        ]
      : []),
    '',
    ...parts.flatMap(({ name, beyond, documents, sections }) => [
      ...(namesParts(parts) ? [`## ${inline(beyond ? `${name}: what ${documents} promises` : name)}`, ''] : []),
      ...sections.flatMap(({ heading, rows: claims }) => [
        `${level} ${inline(heading)}`,
        '',
        ...claims.flatMap((row) => paragraphs(row, earlier)),
        ...(beyond ? [] : leftOut(heading, excluded)),
      ]),
    ]),
    '## Paste this instead',
    '',
    'All commands and files that work, in one box. It needs kubectl, a cluster to play with, and its namespace `default`.',
    '',
    fenced('sh', pasteInstead(instead)),
    '',
    'The commands of [step 4](#step-4-clean-up) remove the Pod and the Service again.',
    '',
    '## When it does not work',
    '',
    `[Symptoms](symptoms.md) says what each symptom means and where to look next: ${joined(symptoms.map(({ name }) => inline(name)))}.`,
    '',
    '## How to see it yourself',
    '',
    '`npm test` tests the sentences on a disposable cluster, and prints what it saw and which sentences need another cluster. `npm run claims -- --checks` lists',
    'all sentences with the checks that show them. Sentences about what k3s itself chooses are shown on k3s only: see [what was seen there](assumptions.md#observed-on-a-k3s-built-from-its-source).',
    '',
  ].join('\n');
}
