import type { Claim, Hurts } from '../ledger/row.ts';
import { code, inline, placeLink } from './markdown-text.ts';
import { type Observed, seenIn } from './observed.ts';
import { passageLine } from './verdicts.ts';
import { capitalised, counted, type Part, partsOf } from './words.ts';

type Wrong = Claim & { readonly verdict: 'corrected' | 'refuted' };

interface Row {
  readonly id: string;
  readonly claim: Wrong;
  readonly origin: Claim['origin'];
  readonly topic?: string | undefined;
}

// In the order of the document.
const ranks: readonly { readonly hurts: Hurts | undefined; readonly means: string }[] = [
  { hurts: 'traffic', means: 'Believing it hurts traffic' },
  { hurts: 'judgement', means: 'Believing it hurts judgement' },
  { hurts: 'nobody', means: 'Believing it hurts nobody' },
  { hurts: undefined, means: 'Not ranked yet' },
];

function observedLines({ id, claim }: Row, observed: Observed): string[] {
  const { confirmed, drifted } = seenIn(observed, id, claim.verdict);
  return [
    ...(confirmed.length + drifted.length === 0 ? ['- Observed: not recorded'] : []),
    ...confirmed.map((where) => `- Observed: ${inline(where)}`),
    ...drifted.map((where) => `- **Something else** was observed: ${inline(where)}`),
  ];
}

function entry(row: Row, observed: Observed): string[] {
  const { id, claim, origin, topic } = row;
  const { says, silent, verdict, truth, why, cited = [], printed, instead, checks, kubernetes, sources, suite } = claim;
  const titles = observed.checks[id] ?? {};
  return [
    `#### ${id}`,
    '',
    `- Where: ${topic === undefined ? `${inline(capitalised(origin.document))}, "${inline(origin.section)}"` : placeLink(origin)}`,
    `- It says, in our words: ${inline(says)}${silent ? ' The document does not mention what is corrected here.' : ''}`,
    `- Verdict: **${verdict}**`,
    `- True: ${inline(truth)}`,
    `- Why: ${inline(why)}`,
    ...cited.map(({ says: text, source, shownIn }) => {
      const where = shownIn === undefined ? '' : `, shown in ${shownIn} mode`;
      return `- By its source${where}: ${inline(text)} <${source}>`;
    }),
    ...(printed === undefined ? [] : [`- Printed: ${passageLine(printed, instead)}`]),
    ...(instead === undefined ? [] : [`- Instead: ${passageLine(instead, printed)}`]),
    `- Shown by, in [suites/${suite}.test.ts](../suites/${suite}.test.ts):`,
    ...checks.map((check) => `  - ${titles[check] === undefined ? code(check) : inline(titles[check])}`),
    ...(kubernetes === undefined ? [] : [`- For Kubernetes ${code(kubernetes)}`]),
    ...observedLines(row, observed),
    ...sources.map((source) => `- Source: <${source}>`),
    '',
  ];
}

function part({ documents, rows }: Part<Row>, observed: Observed): string[] {
  return [
    `## ${inline(capitalised(documents))}`,
    '',
    ...ranks.flatMap(({ hurts, means }) => {
      const those = rows.filter(({ claim }) => claim.hurts === hurts);
      return those.length === 0 ? [] : [`### ${means}`, '', ...those.flatMap((row) => entry(row, observed))];
    }),
  ];
}

/**
 * Returns every sentence that does not hold, with what is true and what shows it, as Markdown: docs/errata.md. Those of public documents come first, because
 * their maintainers can mend them.
 */
export function renderErrata(ledger: Readonly<Record<string, Claim>>, observed: Observed): string {
  const rows = Object.entries(ledger).flatMap(([id, claim]): Row[] =>
    claim.verdict === 'holds' ? [] : [{ id, claim, origin: claim.origin, topic: claim.topic }],
  );
  const parts = partsOf(rows).sort((one, other) => Number(other.beyond) - Number(one.beyond));
  return [
    '# Errata',
    '',
    'Written by `npm run docs` from the ledger in [helpers/ledger/](../helpers/ledger/), and from [observed.json](observed.json), which `npm run observed` writes from',
    'reports: change them there.',
    '',
    `Sentences about ClusterIP Services that do not hold as they stand: ${parts.map(({ documents, rows: those }) => `${counted(those.length, 'sentence')} of ${documents}`).join(', ')}.`,
    'For the maintainers of these documents: each entry has the place of the sentence, what it says in our words, what is true, and the checks that show it on a real cluster.',
    `A page may have changed since the version that was read, so compare first. \`npm test -- -t '^${parts[0]?.rows[0]?.id ?? ''}:'\`, with the id of an entry, tests it`,
    'again on a cluster of its own. Some entries need another cluster, and the run then prints which.',
    '',
    'Entries are in the order of the harm they can do:',
    '',
    '- Believing it hurts **traffic**: connections fail, go where they should not, or come in from where they must not.',
    '- Believing it hurts **judgement**: people plan wrongly or lose time, because a command fails or a search begins in the wrong place.',
    '- Believing it hurts **nobody**: the sentence is only imprecise.',
    '',
    'A person ranked them, in the row of each claim. _Observed_ names the versions of Kubernetes, the modes of kube-proxy and the [profiles](../README.md#commands) of recorded runs.',
    'The runs on [a k3s built from its source](assumptions.md#observed-on-a-k3s-built-from-its-source) are not in this record. A sentence after _By its source_ is not',
    'shown by the checks, except in a proxy mode that stands there.',
    '',
    ...parts.flatMap((one) => part(one, observed)),
  ].join('\n');
}
