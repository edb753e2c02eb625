import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../base/paths.ts';
import { noArguments } from './given-arguments.ts';
import { main } from './main.ts';

await main(async () => {
  noArguments('npm run docs writes the documents that are drawn from the code, and takes no arguments.');
  // Loaded late, because it loads all mutants, and one that cannot be loaded is reported by main().
  const { documents } = await import('./documents.ts');
  for (const [file, render] of Object.entries(documents)) writeFileSync(join(root, file), render());
  return 0;
});
