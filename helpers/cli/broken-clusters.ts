import { markdownTable } from 'markdown-table';
import { breakageOn, type Mutant, type MutantProfile, mutantProfiles } from '../../mutants/mutant.ts';
import { ledger } from '../ledger/claims.ts';
import { inline } from '../report/markdown-text.ts';
import { type CheckCell, type MutantResult, type Results, type ResultsOfCluster, scriptOf } from './mutant-results.ts';

type Mutants = Readonly<Record<string, Mutant>>;

const titles: Readonly<Record<MutantProfile, string>> = {
  default: 'In iptables mode',
  nftables: 'In nftables mode',
  'two-nodes': 'With two nodes',
  'dual-stack': 'With IPv4 and IPv6',
  'small-range': 'With a small Service range',
  'short-sync': 'With short sync periods',
};

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

/** Renders a table with a row for each check of a suite, and a column for each mutant under which one of them was run. Empty where none was. */
function suiteTable(suite: string, claims: readonly string[], results: ResultsOfCluster): string[] {
  const checks = claims.flatMap((id) => (ledger[id]?.suite === suite ? ledger[id].checks.map((check) => [id, check] as const) : []));
  const columns = Object.entries(results)
    .map(([name, result]) => ({ name, cells: checks.map(([id, check]) => cell(result, id, check)) }))
    .filter(({ cells }) => cells.some((text) => text !== ''));
  if (columns.length === 0) return [];
  const allGreen = ({ cells }: { cells: readonly string[] }) => cells.every((text) => text === signs.passed);
  const [whole, shown] = [columns.filter(allGreen), columns.filter((column) => !allGreen(column))];
  const rows = checks.map(([id, check], index) => [`${id}/${check}`, ...shown.map(({ cells }) => cells[index] ?? '')]);
  return [
    `### ${suite}`,
    '',
    ...(shown.length === 0
      ? []
      : [markdownTable([['claim/check', ...shown.map(({ name }) => name)], ...rows], { alignDelimiters: false, padding: false }), '']),
    ...(whole.length === 0 ? [] : [`Every check ran and stayed green on: ${whole.map(({ name }) => name).join(', ')}.`, '']),
  ];
}

/** Renders the results on the clusters of a profile. */
function section(profile: MutantProfile, mutants: Mutants, claims: readonly string[], all: ResultsOfCluster): string[] {
  const breakages = Object.entries(mutants).map(([name, mutant]) => ({ name, breakage: breakageOn(profile, mutant) }));
  const fit = breakages.flatMap(({ name, breakage }) => ('unfit' in breakage ? [] : [{ name, breakage }]));
  // Results that another script brought about say nothing of this mutant.
  const run = fit.flatMap(({ name, breakage }) => {
    const result = all[name];
    return result?.script === scriptOf(breakage) ? [{ name, breakage, result }] : [];
  });
  const notRun = fit.map(({ name }) => name).filter((name) => !run.some((it) => it.name === name));
  const overview = run.map(({ name, breakage: { red, green }, result: { unexpected } }) => {
    const met = (what: string) => (unexpected[what] === undefined ? what : `**${what}**`);
    const checks = Object.entries<object>(red).flatMap(([id, expected]) => Object.keys(expected).map((check) => met(`${id}/${check}`)));
    return [name, checks.join(', '), green.map(met).join(', ')];
  });
  const results = Object.fromEntries(run.map(({ name, result }) => [name, result]));
  const versions = [...new Set(run.map(({ result }) => result.version))].sort();
  const none = Object.entries(mutants).flatMap(([name, { nftables }]) =>
    profile === 'nftables' && typeof nftables === 'string' ? [`- ${name}: ${inline(nftables)}`] : [],
  );
  return [
    `## ${titles[profile]}`,
    '',
    ...(run.length === 0 ? [] : [`Kubernetes ${versions.join(' and ')}.`, '']),
    ...(run.length === 0 ? [] : [markdownTable([['mutant', 'turned red', 'stayed green'], ...overview], { alignDelimiters: false }), '']),
    ...(notRun.length === 0 ? [] : [`Not run yet: ${notRun.join(', ')}.`, '']),
    ...(none.length === 0 ? [] : ['A cluster in this mode cannot be broken in these ways:', '']),
    ...(none.length === 0 ? [] : [...none, '']),
    ...[...new Set(claims.map((id) => ledger[id]?.suite ?? ''))].flatMap((suite) => suiteTable(suite, claims, results)),
  ];
}

/** Renders docs/broken-clusters.md: every mutant, and then by cluster what was run, with a row for each check. */
export function brokenClusters(mutants: Mutants, unkillable: Readonly<Record<string, string>>, { clusters }: Results): string {
  const claims = Object.keys(ledger).filter((id) => unkillable[id] === undefined);
  return [
    '# Broken clusters',
    '',
    'Written by `npm run mutants` on the stand-in node. Each mutant is a cluster that is broken in one way, by the file of that name in `mutants/`:',
    '',
    markdownTable(
      [
        ['mutant', 'what is broken, and how a cluster gets there'],
        ...Object.entries(mutants).map(([name, { breaks, how }]) => [name, inline(`${breaks} ${how}`)]),
      ],
      { alignDelimiters: false },
    ),
    '',
    'The rest shows by cluster what was run. In its first table, the checks that are named turned red, by the ending or value that the file of the mutant names, and the',
    'claims stayed green. **Bold** marks an unexpected result.',
    '',
    'Then there is a table for each suite, with a row for each check. An empty cell means that the check was not run on that broken cluster, and a dot that it ran and stayed',
    'green. ✘ means that it turned red, with what it last saw; ! means that the suite or its surroundings failed there. A cluster on which no check of the suite was run',
    'has no column, and one on which all stayed green is named below the table.',
    '',
    ...mutantProfiles.flatMap((profile) => section(profile, mutants, claims, clusters[profile] ?? {})),
    '## Turned red by no mutant',
    '',
    ...Object.entries(unkillable).map(([id, why]) => `- \`${id}\`: ${inline(why)}`),
    '',
  ].join('\n');
}
