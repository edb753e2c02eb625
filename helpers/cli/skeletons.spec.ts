import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { check, resolveConfig } from 'prettier';
import { root } from '../base/paths.ts';
import { UsageError } from '../base/usage-error.ts';
import { errorsIn } from './errors-in.ts';
import { filesFor, mutantSkeleton, placeFor, topicSkeleton, withClaim, withRow } from './skeletons.ts';

// What `npm run new-claim` writes compiles. So does a file that had claims before, and prettier finds nothing to change.

const id = 'skeleton-of-a-claim';
const read = (file: string) => readFileSync(join(root, file), 'utf8');

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

test('a row beyond the chapter compiles, beside others and as the first one of its topic', () => {
  const suite = { 'suites/beyond/skeleton.test.ts': withClaim('', id) };
  expect(errorsIn({ ...rowIn('endpoints'), ...suite })).toEqual([]);
  const place = placeFor('udp', known);
  const first = withRow(topicSkeleton('udp'), id, place);
  expect(first).toContain("import { on } from './pages.ts';\n\nconst topic = 'Udp';\nconst suite = 'beyond/udp';\n");
  expect(errorsIn({ [place.rows]: first, ...suite })).toEqual([]);
}, 60_000);

test.each([
  ['a topic of the chapter', 'dns', 'chapter/dns', 'helpers/ledger/chapter.ts'],
  ['a topic beyond it', 'udp', 'beyond/udp', 'helpers/ledger/beyond/udp.ts'],
  ['a topic of both, with its part', 'beyond/ports', 'beyond/ports', 'helpers/ledger/beyond/ports.ts'],
  ['a topic of both, with the other part', 'chapter/ports', 'chapter/ports', 'helpers/ledger/chapter.ts'],
  ['a new topic', 'hairpin', 'chapter/hairpin', 'helpers/ledger/chapter.ts'],
  ['a new topic beyond the chapter', 'beyond/hairpin', 'beyond/hairpin', 'helpers/ledger/beyond/hairpin.ts'],
])('%s has its place', (_, topic, suite, rows) => {
  expect(placeFor(topic, known)).toMatchObject({ suite, rows });
});

test.each([
  ['of a topic of the chapter', 'dns'],
  ['of a new topic of the chapter', 'skeleton'],
  ['of a topic beyond it', 'udp'],
  ['of a topic that imports much', 'endpoints'],
  ['of a new topic beyond it', 'beyond/new-topic'],
])(
  'a claim %s compiles, and its files are formatted',
  async (_, topic) => {
    const place = placeFor(topic, known);
    const files = await filesFor(id, place, (file) => (existsSync(join(root, file)) ? read(file) : undefined));
    expect(errorsIn(files)).toEqual([]);
    for (const [file, text] of Object.entries(files)) {
      const filepath = join(root, file);
      expect([file, await check(text, { ...(await resolveConfig(filepath)), filepath })]).toEqual([file, true]);
    }
  },
  60_000,
);

test('a new topic beyond the chapter has a file of rows, a heading, and the last line of the list', async () => {
  const files = await filesFor(id, placeFor('beyond/new-topic', known), (file) => (existsSync(join(root, file)) ? read(file) : undefined));
  expect(Object.keys(files)).toEqual([
    'helpers/ledger/beyond/new-topic.ts',
    'helpers/ledger/beyond.ts',
    'suites/beyond/new-topic.test.ts',
    `mutants/${id}.ts`,
  ]);
  expect(files['helpers/ledger/beyond/new-topic.ts']).toContain("const topic = 'New topic';\nconst suite = 'beyond/new-topic';\n");
  const list = files['helpers/ledger/beyond.ts'] ?? '';
  expect(list).toMatch(/\n {2}\.\.\.newTopic,\n\};\n$/);
  const added = list.split('\n').filter((line) => !read('helpers/ledger/beyond.ts').split('\n').includes(line));
  expect(added).toEqual(["import { newTopic } from './beyond/new-topic.ts';", '  ...newTopic,']);
});

test('a topic of both parts must name one of them', () => {
  expect(() => placeFor('ports', known)).toThrow(new UsageError('Both parts have a topic ports: say chapter/ports or beyond/ports.'));
});

test.each(['pages', '9p'])('a topic beyond the chapter cannot be called %s', (name) => {
  expect(() => placeFor(`beyond/${name}`, known)).toThrow(`helpers/ledger/beyond/${name}.ts cannot hold claims: choose a name`);
});

test('the compiler reports tests and a mutant of a claim without a row', () => {
  const errors = errorsIn({ 'suites/chapter/skeleton.test.ts': withClaim('', id), [`mutants/${id}.ts`]: mutantSkeleton(id) });
  expect(errors.join('\n')).toMatch(/suites\/chapter\/skeleton\.test\.ts: .*\n(.*\n)*.*mutants\/skeleton-of-a-claim\.ts: /);
}, 60_000);

test('a file without the end of the rows is refused, with what to do', () => {
  const told = 'helpers/ledger/chapter.ts has none: end its rows with it, as the other files of rows do.';
  expect(() => withRow('export const rows = {};', id, placeFor('skeleton', known))).toThrow(UsageError);
  expect(() => withRow('export const rows = {};', id, placeFor('skeleton', known))).toThrow(told);
});
