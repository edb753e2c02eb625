import { loadMutants } from '../../mutants/load.ts';
import { UsageError } from '../base/usage-error.ts';
import { openCluster, ownClusterOnly } from '../cluster/cluster.ts';
import { readSettings } from '../cluster/settings.ts';
import { givenArguments } from './given-arguments.ts';
import { main, say } from './main.ts';
import { runMutants } from './run-mutants.ts';

const usage =
  'npm run mutants -- [NAME …] [--all-claims] breaks clusters in all ways, or in those named, and shows the claims that each names, or all.';

await main(async ({ signal }) => {
  const { values, positionals: wanted } = givenArguments(usage, { 'all-claims': { type: 'boolean', default: false } });
  const names = Object.keys(await loadMutants());
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new UsageError(`There is no mutant ${unknown.join(', ')}. There are ${names.join(', ')}.`);
  const settings = readSettings();
  await ownClusterOnly(settings, 'npm run mutants');
  const cluster = await openCluster(settings, { keep: false, say });
  try {
    // In the order in which they are named.
    const results = await runMutants(wanted.length > 0 ? wanted : names, cluster, { signal, say, allClaims: values['all-claims'] });
    const unexpected = Object.values(results).reduce((sum, result) => sum + Object.keys(result.unexpected).length, 0);
    say(`${Object.keys(results).length} mutants, ${unexpected} unexpected results`);
    return unexpected === 0 ? 0 : 1;
  } finally {
    await cluster.stop();
  }
});
