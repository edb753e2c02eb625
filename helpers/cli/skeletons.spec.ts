import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import ts from 'typescript';
import { root } from '../base/paths.ts';
import { mutantSkeleton, withClaim, withRow } from './skeletons.ts';

// What `npm run new-claim` writes compiles. The compiler reads the written files from memory, and everything else from the disk.

const id = 'skeleton-of-a-claim';
const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** Returns the errors of the compiler in some files, which have the given text instead of that on the disk. */
function errorsIn(files: Readonly<Record<string, string>>): string[] {
  const written = new Map(Object.entries(files).map(([file, text]) => [join(root, file), text]));
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const host = ts.createCompilerHost(options);
  host.fileExists = (file) => written.has(file) || ts.sys.fileExists(file);
  host.readFile = (file) => written.get(file) ?? ts.sys.readFile(file);
  const program = ts.createProgram([...written.keys()], options, host);
  return [...written.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  });
}

const row = { 'helpers/ledger/chapter.ts': withRow(read('helpers/ledger/chapter.ts'), id, 'chapter/skeleton') };
const suites = globSync('suites/chapter/*.test.ts', { cwd: root });

test('a row, a mutant, and the tests in a new suite file or in any existing one compile', () => {
  const existing = Object.fromEntries(suites.map((file) => [file, withClaim(read(file), id)]));
  expect(suites.length).toBeGreaterThan(5);
  expect(
    errorsIn({ ...row, ...existing, 'suites/chapter/skeleton.test.ts': withClaim('', id), [`mutants/${id}.ts`]: mutantSkeleton(id) }),
  ).toEqual([]);
}, 60_000);

test('the compiler reports tests and a mutant of a claim without a row', () => {
  const errors = errorsIn({ 'suites/chapter/skeleton.test.ts': withClaim('', id), [`mutants/${id}.ts`]: mutantSkeleton(id) });
  expect(errors.join('\n')).toMatch(/suites\/chapter\/skeleton\.test\.ts: .*\n(.*\n)*.*mutants\/skeleton-of-a-claim\.ts: /);
}, 60_000);

test('a file without the end of the rows is refused', () => {
  expect(() => withRow('export const rows = {};', id, 'chapter/skeleton')).toThrow('has no line');
});
