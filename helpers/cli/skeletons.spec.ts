import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import ts from 'typescript';
import { root } from '../base/paths.ts';
import { UsageError } from '../base/usage-error.ts';
import { mutantSkeleton, placeFor, withClaim, withRow } from './skeletons.ts';

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

const known = { chapter: ['dns', 'ports'], beyond: ['endpoints', 'ports', 'udp'] };
const rowIn = (topic: string) => {
  const place = placeFor(topic, known);
  return { [place.rows]: withRow(read(place.rows), id, place) };
};
const row = rowIn('skeleton');
const suites = globSync('suites/{chapter,beyond}/*.test.ts', { cwd: root });

test('a row, a mutant, and the tests in a new suite file or in any existing one compile', () => {
  const existing = Object.fromEntries(suites.map((file) => [file, withClaim(read(file), id)]));
  expect(suites.length).toBeGreaterThan(5);
  expect(
    errorsIn({ ...row, ...existing, 'suites/chapter/skeleton.test.ts': withClaim('', id), [`mutants/${id}.ts`]: mutantSkeleton(id) }),
  ).toEqual([]);
}, 60_000);

const emptyTopic =
  "import type { Claim } from '../row.ts';\n\n/** Claims of this topic. */\nexport const udp = {} as const satisfies Record<string, Claim>;\n";

test('a row beyond the chapter compiles, beside others and as the first one of its topic', () => {
  const suite = { 'suites/beyond/skeleton.test.ts': withClaim('', id) };
  expect(errorsIn({ ...rowIn('endpoints'), ...suite })).toEqual([]);
  const place = placeFor('udp', known);
  const first = withRow(emptyTopic, id, place);
  expect(first).toContain("import { on } from './pages.ts';\n\nconst topic = 'Udp';\nconst suite = 'beyond/udp';\n");
  expect(errorsIn({ [place.rows]: first, ...suite })).toEqual([]);
}, 60_000);

test.each([
  ['a topic of the chapter', 'dns', 'chapter/dns', 'helpers/ledger/chapter.ts'],
  ['a topic beyond it', 'udp', 'beyond/udp', 'helpers/ledger/beyond/udp.ts'],
  ['a topic of both, with its part', 'beyond/ports', 'beyond/ports', 'helpers/ledger/beyond/ports.ts'],
  ['a topic of both, with the other part', 'chapter/ports', 'chapter/ports', 'helpers/ledger/chapter.ts'],
  ['a new topic', 'hairpin', 'chapter/hairpin', 'helpers/ledger/chapter.ts'],
])('%s has its place', (_, topic, suite, rows) => {
  expect(placeFor(topic, known)).toMatchObject({ suite, rows });
});

test('a topic of both parts must name one of them, and a new one beyond the chapter is refused with those that there are', () => {
  expect(() => placeFor('ports', known)).toThrow(new UsageError('Both parts have a topic ports: say chapter/ports or beyond/ports.'));
  expect(() => placeFor('beyond/hairpin', known)).toThrow('Topics beyond the chapter are endpoints, ports, udp;');
});

test('the compiler reports tests and a mutant of a claim without a row', () => {
  const errors = errorsIn({ 'suites/chapter/skeleton.test.ts': withClaim('', id), [`mutants/${id}.ts`]: mutantSkeleton(id) });
  expect(errors.join('\n')).toMatch(/suites\/chapter\/skeleton\.test\.ts: .*\n(.*\n)*.*mutants\/skeleton-of-a-claim\.ts: /);
}, 60_000);

test('a file without the end of the rows is refused', () => {
  expect(() => withRow('export const rows = {};', id, placeFor('skeleton', known))).toThrow('has no line');
});
