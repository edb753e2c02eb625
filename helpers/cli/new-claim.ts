import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../base/paths.ts';
import { UsageError } from '../base/usage-error.ts';
import { ledger } from '../ledger/claims.ts';
import { newClaimArguments } from './command-arguments.ts';
import { main } from './main.ts';
import { filesFor, placeFor, topicList } from './skeletons.ts';

/** Returns the names of the files of a folder that end so, without the ending. */
const namesIn = (folder: string, end: string) =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith(end))
    .map((file) => file.slice(0, -end.length))
    .sort();

await main(async () => {
  const { id, topic } = newClaimArguments();
  if (ledger[id] !== undefined) throw new UsageError(`The ledger has a claim ${id} already: ids are never used twice.`);
  const beyond = namesIn('helpers/ledger/beyond', '.ts').filter((file) => file !== 'pages');
  const place = placeFor(topic, { chapter: namesIn('suites/chapter', '.test.ts'), beyond });
  const mutant = `mutants/${id}.ts`;
  if (existsSync(join(root, mutant))) throw new UsageError(`${mutant} exists already: choose another ID, or delete the file.`);

  const read = (file: string) => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined);
  const files = await filesFor(id, place, read);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  console.log(
    `Wrote a row at the end of ${place.rows} (move it to its place), tests in suites/${place.suite}.test.ts, and ${mutant}.\n` +
      (topicList in files
        ? `The topic is new: ${place.rows} has its heading, and ${topicList} its line (move it to its place in the order for readers).\n`
        : '') +
      'They compile. docs/adding-a-claim.md says what to fill in; npm run docs and npm run check report what is missing.',
  );
  return 0;
});
