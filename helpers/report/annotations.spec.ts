import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { claims } from '../../suites/claims.ts';
import { root } from '../cluster/settings.ts';
import { placesOf, renderAnnotations } from './annotations.ts';
import { exampleReport as report } from './example.ts';
import type { ClaimReport } from './format.ts';

const places = { 'time-out': { file: 'suites/no-endpoints.test.ts', line: 59 } };

test('each red claim has a line, in its suite where that is known, on one line whatever was said', () => {
  expect(renderAnnotations(report, places)).toEqual([
    '::error title=time-out drifted,file=suites/no-endpoints.test.ts,line=59::' +
      'Connections time out. [corrected] In truth: They are refused.%0A' +
      'refused: waited 30001 ms for a refusal%0A  {"ending":"timed out"}%0AOnce more: npm test -- -t time-out',
    '::error title=clean-up broken::All is gone. [holds]%0Anot shown: nothing-left%0AOnce more: npm test -- -t clean-up',
  ]);
});

test('what would end a property or a line is escaped', () => {
  const claim = { ...(report.claims[4] as ClaimReport), id: 'a: b, 50%', says: '100%\r\n::error::no' };
  const [line] = renderAnnotations({ ...report, claims: [claim] }, {});
  expect(line).toContain('::error title=a%3A b%2C 50%25 drifted::100%25%0D%0A::error::no [corrected]');
  expect(line).not.toMatch(/[\r\n]/);
});

test('a green run has none', () => {
  const confirmed = report.claims.filter(({ outcome }) => outcome !== 'drifted' && outcome !== 'broken');
  expect(renderAnnotations({ ...report, claims: confirmed }, places)).toEqual([]);
});

test('errors that belong to no claim come first', () => {
  expect(renderAnnotations({ ...report, errors: ['SyntaxError'] }, places)[0]).toBe('::error title=a suite file did not run::SyntaxError');
});

test.each([
  [10, 10, '::error title=c9 drifted::'],
  [11, 10, '::error title=2 more are red::c9, c10'],
  [47, 10, '::error title=38 more are red::c9, c10'],
])('of %i red claims there are %i lines, and none is forgotten', (red, lines, last) => {
  const many = Array.from({ length: red }, (_, index) => ({ ...(report.claims[4] as ClaimReport), id: `c${index}` }));
  const drawn = renderAnnotations({ ...report, claims: many }, {});
  expect(drawn).toHaveLength(lines);
  expect(drawn.at(-1)?.startsWith(last)).toBe(true);
});

test('a claim is found where its block begins, also when that is broken over lines', () => {
  const text = "import x;\n\nclaim('one', () => {\n  // claim('not-this')\n});\nclaim(\n  'two',\n  () => {});\n";
  expect(placesOf({ 'suites/a.test.ts': text })).toEqual({
    one: { file: 'suites/a.test.ts', line: 3 },
    two: { file: 'suites/a.test.ts', line: 6 },
  });
});

test('every claim of the ledger is found in the suites', () => {
  const files = readdirSync(join(root, 'suites')).filter((file) => file.endsWith('.test.ts'));
  const found = placesOf(Object.fromEntries(files.map((file) => [file, readFileSync(join(root, 'suites', file), 'utf8')])));
  expect(Object.keys(found).sort()).toEqual(Object.keys(claims).sort());
});
