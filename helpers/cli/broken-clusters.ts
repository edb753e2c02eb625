import { markdownTable } from 'markdown-table';
import type { Mutant } from '../../mutants/mutant.ts';
import { ledger } from '../ledger/claims.ts';
import { inline } from '../report/markdown-text.ts';
import type { CheckCell, MutantResult, Results } from './mutant-results.ts';

const signs: Readonly<Record<CheckCell['outcome'], string>> = { passed: '·', drifted: '✘', broken: '!' };

/** Returns the cell of a check in the table. It is bold where the mutant expects something else. */
function cell(result: MutantResult | undefined, claim: string, check: string): string {
  const found = result?.checks[`${claim}/${check}`];
  if (found === undefined) return '';
  const text = [signs[found.outcome], inline(found.ending).replaceAll('|', String.raw`\|`)].join(' ').trim();
  const expected =
    result?.unexpected[`${claim}/${check}`] === undefined && (found.outcome === 'passed' || result?.unexpected[claim] === undefined);
  return expected ? text : `**${text}**`;
}

/** Renders docs/broken-clusters.md: a row for each mutant, then one for each check. Mutants that were not run yet are marked so. */
export function brokenClusters(
  mutants: Readonly<Record<string, Mutant>>,
  unkillable: Readonly<Record<string, string>>,
  { about, mutants: results }: Results,
): string {
  const names = Object.keys(mutants);
  const run = names.filter((name) => results[name] !== undefined);
  const met = (name: string, what: string, label: string) => (results[name]?.unexpected[what] === undefined ? label : `**${label}**`);
  const overview = Object.entries(mutants).map(([name, { breaks, how, red, green }]) => {
    const checks = Object.entries<object>(red).flatMap(([id, expected]) =>
      Object.keys(expected).map((check) => met(name, `${id}/${check}`, `${id}/${check}`)),
    );
    const result = results[name];
    if (result === undefined) return [name, inline(`${breaks} ${how}`), 'not run yet', ''];
    return [name, inline(`${breaks} ${how}`), checks.join(', '), green.map((id) => met(name, id, id)).join(', ')];
  });
  const rows = Object.entries(ledger)
    .filter(([id]) => unkillable[id] === undefined)
    .flatMap(([id, { checks }]) => checks.map((check) => [`${id}/${check}`, ...run.map((name) => cell(results[name], id, check))]));
  return [
    '# Broken clusters',
    '',
    `Written by \`npm run mutants\` on ${about}.`,
    'Each row is a cluster that is broken in one way, by the file of that name in `mutants/`. The checks in the third column turned red there, by the ending or',
    'value that the file names. The claims in the fourth column stayed green. **Bold** marks an unexpected result.',
    '',
    markdownTable([['mutant', 'what is broken, and how a cluster gets there', 'turned red', 'stayed green'], ...overview], {
      alignDelimiters: false,
    }),
    '',
    '## Check by check',
    '',
    'An empty cell means that the check was not run on that cluster, and a dot that it ran and stayed green. ✘ means that it turned red, with what it last saw; ! means',
    'that the suite or its surroundings failed there.',
    '',
    markdownTable([['claim/check', ...run], ...rows], { alignDelimiters: false, padding: false }),
    '',
    'No mutant turns these claims red:',
    '',
    ...Object.entries(unkillable).map(([id, why]) => `- \`${id}\`: ${inline(why)}`),
    '',
  ].join('\n');
}
