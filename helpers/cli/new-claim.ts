import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../base/paths.ts';
import { UsageError } from '../base/usage-error.ts';
import { ledger } from '../ledger/claims.ts';
import { givenArguments } from './given-arguments.ts';
import { main } from './main.ts';
import { mutantSkeleton, withClaim, withRow } from './skeletons.ts';

const usage =
  'npm run new-claim -- ID TOPIC writes the skeleton of a claim: its row, its tests and its mutant. An ID is like no-pods-time-out, a TOPIC is the name of a suite file, like ports.';

await main(() => {
  const { positionals } = givenArguments(usage, {});
  const [id, topic] = positionals;
  if (id === undefined || topic === undefined || positionals.length > 2) throw new UsageError(usage);
  for (const word of [id, topic])
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(word)) throw new UsageError(`${word} is no name in lower case. ${usage}`);
  if (ledger[id] !== undefined) throw new UsageError(`The ledger has a claim ${id} already: ids are never used twice.`);
  const rows = join(root, 'helpers/ledger/chapter.ts');
  const suite = join(root, `suites/chapter/${topic}.test.ts`);
  const mutant = join(root, `mutants/${id}.ts`);
  if (existsSync(mutant)) throw new UsageError(`${mutant} exists already: choose another ID, or delete the file.`);

  writeFileSync(rows, withRow(readFileSync(rows, 'utf8'), id, `chapter/${topic}`));
  mkdirSync(dirname(suite), { recursive: true });
  writeFileSync(suite, withClaim(existsSync(suite) ? readFileSync(suite, 'utf8') : '', id));
  writeFileSync(mutant, mutantSkeleton(id));
  console.log(
    `Wrote a row at the end of helpers/ledger/chapter.ts (move it to its place), tests in suites/chapter/${topic}.test.ts, and mutants/${id}.ts.\n` +
      'They compile. docs/adding-a-claim.md says what to fill in; npm run docs and npm run check report what is missing.',
  );
  return 0;
});
