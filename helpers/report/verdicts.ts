import type { Passage } from '../ledger/passages.ts';
import type { Claim, Excluded, Origin } from '../ledger/row.ts';
import { code, inline, placeLink } from './markdown-text.ts';
import { capitalised, documentation, documentsOf, markedLines, namesParts, type Part, partsOf } from './words.ts';

/** Returns a passage in one line: its text, or for a file the lines that the other passage lacks. */
export function passageLine({ kind, text, file = '' }: Passage, other: Passage | undefined): string {
  if (kind !== 'yaml') return text.split('\n').map(code).join(' and ');
  if (other?.kind !== 'yaml') return `the file ${code(file)}`;
  const lines = markedLines(text, other.text).filter(({ differs }) => differs);
  return `${lines.map((line) => code(line.text)).join(', ')} in ${code(file)}`;
}

/** Returns what is expected in each proxy mode, such as `timed out in iptables mode, refused in nftables mode`. */
function modesLine(expected: Readonly<Record<string, string>>): string {
  return Object.entries(expected)
    .map(([mode, what]) => `${what} in ${mode} mode`)
    .join(', ');
}

function claimLines(id: string, claim: Claim, level: string): string[] {
  const {
    origin,
    topic,
    says,
    why,
    verdict,
    cited = [],
    printed,
    instead,
    suite,
    checks,
    endings = {},
    byMode = {},
    needs = [],
    kubernetes,
    sources = [],
  } = claim;
  const file = `suites/${suite}.test.ts`;
  return [
    `${level} ${id}`,
    '',
    `- ${topic === undefined ? capitalised(origin.document) : documentation} says: ${inline(says)}`,
    ...(topic === undefined ? [] : [`- Where: ${placeLink(origin)}`]),
    `- Verdict: **${verdict}**`,
    ...(verdict === 'holds' ? [] : [`- In truth: ${inline(claim.truth)}`]),
    `- Why: ${inline(why)}`,
    ...cited.map(({ says: text, source, shownIn }) => {
      const where = shownIn === undefined ? '' : `, shown in ${shownIn} mode`;
      return `- By its source${where}: ${inline(text)} <${source}>`;
    }),
    ...(printed === undefined ? [] : [`- Printed: ${passageLine(printed, instead)}`]),
    ...(instead === undefined ? [] : [`- Instead: ${passageLine(instead, printed)}`]),
    `- Checks: ${checks.map(code).join(', ')}`,
    ...Object.entries(endings).map(([check, expected]) => `- Ending of ${code(check)}: ${modesLine(expected)}`),
    ...Object.entries(byMode).map(([check, expected]) => `- Seen by ${code(check)}: ${inline(modesLine(expected))}`),
    `- Suite: [${file}](../${file})`,
    ...(needs.length === 0 ? [] : [`- Needs: ${needs.join(', ')}`]),
    ...(kubernetes === undefined ? [] : [`- Kubernetes: ${code(kubernetes)}`]),
    ...sources.map((source) => `- Source: <${source}>`),
    '',
  ];
}

/** Returns one line for each public document that claims come from, with the version that was read. */
function addresses(origins: readonly Origin[]): string[] {
  const known = new Map(
    origins.flatMap(({ document, address, version }) => {
      if (address === undefined) return [];
      const read = version === undefined ? '' : ` (version read: ${version})`;
      return [[document, `- ${capitalised(document)}: <${address.replace(/#.*/, '')}>${read}`] as const];
    }),
  );
  return known.size === 0 ? [] : [...known.values(), ''];
}

interface Row {
  readonly id: string;
  readonly claim: Claim;
  readonly origin: Origin;
  readonly topic?: string | undefined;
}

/** Returns the verdicts of a part: its documents, then its claims under its headings. Headings are one level lower where the part has a name. */
function partLines({ name, documents, beyond, rows, sections }: Part<Row>, named: boolean): string[] {
  const level = named ? '###' : '##';
  const title = beyond ? `${name}: ${documents}, by topic` : name;
  return [
    ...(named ? [`## ${inline(title)}`, ''] : []),
    ...addresses(rows.map(({ origin }) => origin)),
    ...sections.flatMap(({ heading, rows: claims }) => [
      `${level} ${inline(heading)}`,
      '',
      ...claims.flatMap(({ id, claim }) => claimLines(id, claim, `${level}#`)),
    ]),
  ];
}

/** Returns the ledger as Markdown: docs/verdicts.md. Every field has a line of its own, so that a changed verdict is a changed line. */
export function renderVerdicts(ledger: Readonly<Record<string, Claim>>, excluded: readonly Excluded[]): string {
  const rows = Object.entries(ledger).map(([id, claim]) => ({ id, claim, origin: claim.origin, topic: claim.topic }));
  const parts = partsOf<Row>(rows);
  const count = (verdict: Claim['verdict']) => rows.filter(({ claim }) => claim.verdict === verdict).length;
  return [
    '# Verdicts',
    '',
    'Written by `npm run docs` from the ledger in [helpers/ledger/](../helpers/ledger/): change it there.',
    '',
    `The claims of ${documentsOf(rows)}, and what a person found to be true of them: ${count('holds')} claims hold, ${count('corrected')} hold with a correction,`,
    `${count('refuted')} are refuted. The checks show each of them in its suite. What a claim may need of a cluster is explained in`,
    '[helpers/ledger/capabilities.ts](../helpers/ledger/capabilities.ts).',
    '',
    'Claims that need k3s are unobserved on the stand-in. What was seen on a k3s is in',
    '[assumptions.md](assumptions.md#observed-on-a-k3s-built-from-its-source).',
    '',
    ...parts.flatMap((part) => partLines(part, namesParts(parts))),
    '## Excluded',
    '',
    'Sentences that no cluster can decide.',
    '',
    ...excluded.map(({ origin, says, why }) => `- ${inline(says)} (${inline(origin.section)}): ${inline(why)}`),
    '',
  ].join('\n');
}
