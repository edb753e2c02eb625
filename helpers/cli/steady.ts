import { UsageError } from '../base/usage-error.ts';
import { ownClusterOnly } from '../cluster/cluster.ts';
import { readSettings } from '../cluster/settings.ts';
import { counted } from '../report/words.ts';
import { givenArguments } from './given-arguments.ts';
import { main, say } from './main.ts';
import { conditionNames, flakes, repeat } from './steadiness.ts';

const [fresh, ...shared] = conditionNames;
const usage = `npm run steady -- N [--only=CONDITION,…] repeats the suite N times under each condition: ${fresh} (a new cluster each time), ${shared.join(', ')}.`;

await main(async ({ signal }) => {
  const { values, positionals } = givenArguments(usage, { only: { type: 'string' } });
  const times = Number(positionals[0] ?? '1');
  const names = values.only?.split(',') ?? conditionNames;
  const unknown = names.filter((name) => !conditionNames.includes(name));
  if (!Number.isInteger(times) || times < 1 || positionals.length > 1 || unknown.length > 0) throw new UsageError(usage);
  const settings = readSettings();
  await ownClusterOnly(settings, 'npm run steady');
  const runs = await repeat(settings, { times, names, signal, say });
  const found = flakes(runs);
  console.log(`\n${counted(runs.length, 'run')}, ${found.length === 0 ? 'no flake' : `flakes:\n  ${found.join('\n  ')}`}`);
  return found.length === 0 ? 0 : 1;
});
