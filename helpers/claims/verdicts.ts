import { code, inline } from '../report/markdown.ts';
import { notOnK3sYet } from '../report/words.ts';
import type { Claim, Excluded } from './row.ts';

function claimLines(id: string, claim: Claim): string[] {
  const { says, verdict, facts, needs = [], kubernetes, sources = [] } = claim;
  return [
    `### ${id}`,
    '',
    `- The chapter says: ${inline(says)}`,
    `- Verdict: **${verdict}**`,
    ...(verdict === 'holds' ? [] : [`- In truth: ${inline(claim.truth)}`]),
    `- Shown by: ${facts.map(code).join(', ')}`,
    ...(needs.length === 0 ? [] : [`- Needs: ${needs.join(', ')}`]),
    ...(kubernetes === undefined ? [] : [`- Kubernetes: ${code(kubernetes)}`]),
    ...sources.map((source) => `- Source: <${source}>`),
    '',
  ];
}

/** The ledger as Markdown, a line for each field, so that a changed verdict is a changed line. */
export function renderVerdicts(ledger: Readonly<Record<string, Claim>>, excluded: readonly Excluded[]): string {
  const rows = Object.entries(ledger);
  const count = (verdict: Claim['verdict']) => rows.filter(([, claim]) => claim.verdict === verdict).length;
  const sections = Map.groupBy(rows, ([, { section }]) => section);
  return [
    '# Verdicts',
    '',
    'Written by `npm run docs` from the ledger, [suites/claims.ts](../suites/claims.ts): change it there.',
    '',
    `What the chapter says and what a person found to be true of it: ${count('holds')} claims hold, ${count('corrected')} hold with a correction,`,
    `${count('refuted')} are refuted. Each is shown by its facts, which are told in \`suites/\`; what it needs of a cluster is explained in`,
    '[helpers/claims/row.ts](../helpers/claims/row.ts).',
    '',
    `${notOnK3sYet} What needs k3s rests on its sources until then.`,
    '',
    ...[...sections].flatMap(([section, claims]) => [
      `## ${inline(section)}`,
      '',
      ...claims.flatMap(([id, claim]) => claimLines(id, claim)),
    ]),
    '## Excluded',
    '',
    'Sentences of the chapter that no cluster can decide.',
    '',
    ...excluded.map(({ section, says, why }) => `- ${inline(says)} (${inline(section)}): ${inline(why)}`),
    '',
  ].join('\n');
}
