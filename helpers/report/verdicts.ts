import type { Passage } from '../ledger/passages.ts';
import type { Claim, Excluded, Origin } from '../ledger/row.ts';
import { code, inline } from './markdown-text.ts';
import { capitalised, documentsOf, markedLines, sectionsOf } from './words.ts';

/** Returns a passage in one line: its text, or for a file the lines that the other passage lacks. */
export function passageLine({ kind, text, file = '' }: Passage, other: Passage | undefined): string {
  if (kind !== 'yaml') return text.split('\n').map(code).join(' and ');
  if (other?.kind !== 'yaml') return `the file ${code(file)}`;
  const lines = markedLines(text, other.text).filter(({ differs }) => differs);
  return `${lines.map((line) => code(line.text)).join(', ')} in ${code(file)}`;
}

function claimLines(id: string, claim: Claim): string[] {
  const {
    origin,
    says,
    why,
    verdict,
    cited = [],
    printed,
    instead,
    suite,
    checks,
    endings = {},
    needs = [],
    kubernetes,
    sources = [],
  } = claim;
  const file = `suites/${suite}.test.ts`;
  return [
    `### ${id}`,
    '',
    `- ${capitalised(origin.document)} says: ${inline(says)}`,
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
    ...Object.entries(endings).map(([check, byMode]) => {
      const modes = Object.entries(byMode).map(([mode, ending]) => `${ending} in ${mode} mode`);
      return `- Ending of ${code(check)}: ${modes.join(', ')}`;
    }),
    `- Suite: [${file}](../${file})`,
    ...(needs.length === 0 ? [] : [`- Needs: ${needs.join(', ')}`]),
    ...(kubernetes === undefined ? [] : [`- Kubernetes: ${code(kubernetes)}`]),
    ...sources.map((source) => `- Source: <${source}>`),
    '',
  ];
}

/** Returns one line for each public document that claims come from. */
function addresses(origins: readonly Origin[]): string[] {
  const known = new Map(origins.flatMap(({ document, address }) => (address === undefined ? [] : [[document, address] as const])));
  if (known.size === 0) return [];
  return [...[...known].map(([document, address]) => `- ${capitalised(document)}: <${address}>`), ''];
}

/** Returns the ledger as Markdown: docs/verdicts.md. Every field has a line of its own, so that a changed verdict is a changed line. */
export function renderVerdicts(ledger: Readonly<Record<string, Claim>>, excluded: readonly Excluded[]): string {
  const rows = Object.entries(ledger).map(([id, claim]) => ({ id, claim, origin: claim.origin }));
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
    ...addresses(rows.map(({ origin }) => origin)),
    'Claims that need k3s are unobserved on the stand-in. What was seen on a k3s is in',
    '[assumptions.md](assumptions.md#observed-on-a-k3s-built-from-its-source).',
    '',
    ...sectionsOf(rows).flatMap(({ heading, rows: claims }) => [
      `## ${inline(heading)}`,
      '',
      ...claims.flatMap(({ id, claim }) => claimLines(id, claim)),
    ]),
    '## Excluded',
    '',
    'Sentences that no cluster can decide.',
    '',
    ...excluded.map(({ origin, says, why }) => `- ${inline(says)} (${inline(origin.section)}): ${inline(why)}`),
    '',
  ].join('\n');
}
