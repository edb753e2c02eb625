import { ownClusterOnly } from '../cluster/cluster.ts';
import { readSettings } from '../cluster/settings.ts';
import { counted } from '../report/words.ts';
import { steadyArguments } from './command-arguments.ts';
import { main, say } from './main.ts';
import { flakes, repeat } from './steadiness.ts';

await main(async ({ signal }) => {
  const { times, names } = steadyArguments();
  const settings = readSettings();
  await ownClusterOnly(settings, 'npm run steady');
  const runs = await repeat(settings, { times, names, signal, say });
  const found = flakes(runs);
  console.log(`\n${counted(runs.length, 'run')}, ${found.length === 0 ? 'no flake' : `flakes:\n  ${found.join('\n  ')}`}`);
  return found.length === 0 ? 0 : 1;
});
