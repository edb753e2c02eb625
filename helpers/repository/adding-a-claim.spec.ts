import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { check, resolveConfig } from 'prettier';
import { root } from '../base/paths.ts';
import { errorsIn } from '../cli/errors-in.ts';
import { placeFor } from '../cli/skeletons.ts';
import { ledger } from '../ledger/claims.ts';
import { type Claim, titleOf } from '../ledger/row.ts';
import { exampleEvidence, exampleReport } from '../report/example.ts';
import { renderLesson } from '../report/lesson.ts';
import { id, mutant, newClaims, page, patterns, row, says, suite, further, topic, verdict } from './tutorial.ts';

// docs/adding-a-claim.md can be followed: its code compiles, and what it prints is what the code prints.

const topicsIn = (pattern: string, end: string) => globSync(pattern, { cwd: root }).map((file) => basename(file, end));
const known = {
  chapter: topicsIn('suites/chapter/*.test.ts', '.test.ts'),
  beyond: topicsIn('helpers/ledger/beyond/*.ts', '.ts').filter((name) => name !== 'pages'),
};
const place = placeFor(topic, known);
const suiteFile = `suites/${place.suite}.test.ts`;
const mutantFile = `mutants/${id}.ts`;
const rowsEnd = '} as const satisfies Record<string, Claim>;';
// In a scratch copy in which somebody follows the page, npm run check must pass too.
const followed = ledger[id]?.says === says && ledger[id]?.suite === place.suite;
const rows = readFileSync(join(root, place.rows), 'utf8');
const files = {
  [place.rows]: followed ? rows : rows.replace(rowsEnd, `${row}${rowsEnd}`),
  [suiteFile]: suite,
  [mutantFile]: mutant,
};

test('no claim that the page adds is in the ledger, nor are the files of its example there, unless somebody follows the page', () => {
  expect(newClaims.length).toBeGreaterThan(1);
  expect(newClaims.filter((claim) => claim.id in ledger && !(followed && claim.id === id))).toEqual([]);
  if (!followed) for (const file of [suiteFile, mutantFile]) expect([file, existsSync(join(root, file))]).toEqual([file, false]);
});

test('the page names the files that new-claim writes', () => {
  for (const file of [place.rows, suiteFile, mutantFile]) expect(page).toContain(file);
  expect(row).toContain(`suite: '${place.suite}',`);
});

test.each([...new Set(patterns)])('-t %s matches the claim of the example and no row of the ledger', (pattern) => {
  const example = { ...ledger['random-pod'], says, verdict } as Claim;
  const matching = Object.entries({ ...ledger, [id]: example }).filter(([of, claim]) => new RegExp(pattern, 'i').test(titleOf(of, claim)));
  expect(matching.map(([of]) => of)).toEqual([id]);
});

test('the page has patterns, and no other code than the row, the tests and the mutant', () => {
  expect(patterns.length).toBeGreaterThan(2);
  expect(further).toEqual([]);
});

test('the row, the tests and the mutant of the page compile, and are formatted', async () => {
  expect(errorsIn(files)).toEqual([]);
  for (const [file, text] of Object.entries(files)) {
    const filepath = join(root, file);
    expect([file, await check(text, { ...(await resolveConfig(filepath)), filepath })]).toEqual([file, true]);
  }
}, 60_000);

test('the compiler reports the mistake that the page names', () => {
  expect(page).toContain("`check('answers-itselv', …)`");
  const wrong = suite.replace("check('answers-itself'", "check('answers-itselv'");
  expect(errorsIn({ ...files, [suiteFile]: wrong }).join('\n')).toContain('\'"answers-itselv"\' is not assignable');
}, 60_000);

test('the page prints what a green run prints of the claim', () => {
  const titles = [...suite.matchAll(/^ {2}check\('([^']+)', '([^']+)'/gm)].map(([, of = '', title = '']) => ({ id: of, title }));
  expect(titles.length).toBeGreaterThan(1);
  const checks = titles.map((each) => ({ ...each, outcome: 'passed' as const, ms: 1 }));
  const claim = { id, says, verdict: 'holds' as const, outcome: 'confirmed' as const, sources: [], reproduce: '' };
  const origin = { document: 'the chapter', section: 'How ClusterIP Services Work' };
  const lesson = renderLesson(
    { ...exampleReport, claims: [{ ...claim, origin, because: 'Why.', evidence: exampleEvidence(id, checks) }] },
    { colour: false },
  );
  const [block = ''] = new RegExp(`^  ✔ .*\\n(?: {6}.*\\n)+`, 'm').exec(lesson) ?? [];
  expect(block).toContain(id);
  expect(page).toContain(block.replaceAll(/^/gm, '    ').trimEnd());
});
