import { markdownTable } from 'markdown-table';
import type { Mutant } from '../../mutants/mutant.ts';
import { claims } from '../../suites/claims.ts';

/** What a claim said on a broken cluster. */
export interface Seen {
  readonly claim: string;
  readonly expected: 'red' | 'green';
  readonly outcome: string;
  /** The words of a red claim that its mutant names. */
  readonly ending: string;
  readonly ok: boolean;
}

/** What all mutants did, each in the run that was its last. */
export interface Results {
  readonly about: string;
  readonly seen: Readonly<Record<string, readonly Seen[]>>;
}

const cellText = (text: string) => text.replace(/[|<>*_`[\]\\]/g, '\\$&');

function cell({ outcome, ending, ok }: Seen): string {
  if (!ok) return `**${outcome}**`;
  return outcome === 'confirmed' ? '✔' : `✘ ${cellText(ending)}`;
}

/** Renders docs/broken-clusters.md: a row for each mutant, then one for each claim. Mutants that no run has tried say so. */
export function brokenClusters(
  mutants: Readonly<Record<string, Mutant>>,
  unkillable: Readonly<Record<string, string>>,
  results: Results,
): string {
  const names = Object.keys(mutants);
  const of = (name: string) => results.seen[name] ?? [];
  const list = (name: string, expected: Seen['expected']) =>
    of(name)
      .filter((it) => it.expected === expected)
      .map((it) => `${it.claim}${it.ok ? '' : ` **(${it.outcome})**`}`)
      .join(', ');
  const overview = Object.entries(mutants).map(([name, { breaks, how }]) => [
    name,
    `${breaks} ${how}`,
    results.seen[name] === undefined ? 'not run yet' : list(name, 'red'),
    list(name, 'green'),
  ]);
  const run = names.filter((name) => results.seen[name] !== undefined);
  const matrix = Object.keys(claims)
    .filter((id) => unkillable[id] === undefined)
    .map((id) => [
      id,
      ...run.map((name) =>
        of(name)
          .filter(({ claim }) => claim === id)
          .map(cell)
          .join(),
      ),
    ]);
  return [
    '# Broken clusters',
    '',
    `Written by \`npm run mutants\` on ${results.about}.`,
    'Each row is a cluster broken in one way; the claims in the third column turned red there, with the words that the file of that name under',
    '`mutants/` has for each, and those in the fourth stayed green. **Bold** is otherwise than expected.',
    '',
    markdownTable([['mutant', 'what is broken, and how a cluster comes to that', 'turned red', 'stayed green'], ...overview], {
      alignDelimiters: false,
      padding: true,
    }),
    '',
    '## Claim by claim',
    '',
    '✘ turned red, with the words it was known by; ✔ stayed green; blank was not asked.',
    '',
    markdownTable([['claim', ...run], ...matrix], { alignDelimiters: false }),
    '',
    'No mutant turns these red:',
    '',
    ...Object.entries(unkillable).map(([id, why]) => `- \`${id}\`: ${why}`),
    '',
  ].join('\n');
}
