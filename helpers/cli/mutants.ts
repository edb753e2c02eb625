import { loadMutants } from '../../mutants/load.ts';
import { openCluster, ownClusterOnly } from '../cluster/cluster.ts';
import { readSettings } from '../cluster/settings.ts';
import { counted } from '../report/words.ts';
import { mutantsArguments } from './command-arguments.ts';
import { main, say } from './main.ts';
import { mutantProfile, selectMutants } from './mutant-selection.ts';
import { runMutants } from './run-mutants.ts';

await main(async ({ signal }) => {
  const { wanted, allClaims } = mutantsArguments();
  const mutants = await loadMutants();
  const settings = readSettings();
  // Names are checked before anything starts. A context has no profile, and is refused next.
  const names = selectMutants(mutants, wanted, settings.adopt === undefined ? mutantProfile(settings.profile) : 'default');
  await ownClusterOnly(settings, 'npm run mutants');
  const cluster = await openCluster(settings, { keep: false, say });
  try {
    const results = await runMutants(names, cluster, { signal, say, allClaims });
    const unexpected = Object.values(results).reduce((sum, result) => sum + Object.keys(result.unexpected).length, 0);
    say(`${counted(Object.keys(results).length, 'mutant')}, ${counted(unexpected, 'unexpected result')}`);
    return unexpected === 0 ? 0 : 1;
  } finally {
    await cluster.stop();
  }
});
