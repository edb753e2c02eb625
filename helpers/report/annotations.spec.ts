import { expect, test } from '@jest/globals';
import { renderAnnotations } from './annotations.ts';
import { exampleBeyond, exampleReport as report } from './example.ts';
import type { ClaimReport } from './format.ts';

test('each red claim has one line, at its place in the suites where there is evidence of it', () => {
  expect(renderAnnotations(report)).toEqual([
    '::error title=time-out drifted,file=suites/chapter/no-endpoints.test.ts,line=59::' +
      'Connections time out. [corrected] In truth: They are refused.%0A' +
      'refused: waited 30001 ms for a refusal%0A  {"ending":"timed out"}%0AReproduce: npm test -- -t time-out',
    '::error title=clean-up broken::All is gone. [holds]%0Anot shown: nothing-left%0AReproduce: npm test -- -t clean-up',
  ]);
});

test('characters that would end a property or a line are escaped', () => {
  const claim = { ...(report.claims[4] as ClaimReport), id: 'a: b, 50%', says: '100%\r\n::error::no', evidence: undefined };
  const [line] = renderAnnotations({ ...report, claims: [claim] });
  expect(line).toContain('::error title=a%3A b%2C 50%25 drifted::100%25%0D%0A::error::no [corrected]');
  expect(line).not.toMatch(/[\r\n]/);
});

test('a green run has none', () => {
  const confirmed = report.claims.filter(({ outcome }) => outcome !== 'drifted' && outcome !== 'broken');
  expect(renderAnnotations({ ...report, claims: confirmed })).toEqual([]);
});

test('errors that belong to no claim come first', () => {
  expect(renderAnnotations({ ...report, errors: ['SyntaxError'] })[0]).toBe('::error title=a suite file did not run::SyntaxError');
});

test.each([
  [10, 10, '::error title=c9 drifted,'],
  [11, 10, '::error title=2 more are red::c9, c10'],
  [47, 10, '::error title=38 more are red::c9, c10'],
])('of %i red claims there are %i lines, and the last one names the rest', (red, lines, last) => {
  const many = Array.from({ length: red }, (_, index) => ({ ...(report.claims[4] as ClaimReport), id: `c${index}` }));
  const drawn = renderAnnotations({ ...report, claims: many });
  expect(drawn).toHaveLength(lines);
  expect(drawn.at(-1)?.startsWith(last)).toBe(true);
});

test('a red claim beyond the chapter says where its sentence stands', () => {
  const claims = [{ ...exampleBeyond, outcome: 'drifted' as const, why: 'no' }];
  expect(renderAnnotations({ ...report, claims }).join()).toContain(
    'In truth: It may have more. Where: EndpointSlices, "Ports" (version read: 1.35) https://example.test/page#ports%0Ano',
  );
});
