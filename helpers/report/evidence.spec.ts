import { expect, test } from '@jest/globals';
import { beginEvidence, beginFact, recordLook } from './evidence.ts';
import { exampleReport } from './example.ts';
import { reportFormat } from './format.ts';

test('a look that saw nothing leaves a report that can be read', () => {
  const [first, ...rest] = exampleReport.claims;
  if (first?.evidence === undefined) throw new Error('the example has no evidence');
  const evidence = { ...first.evidence, looks: [] };
  beginEvidence(evidence);
  beginFact('port');
  recordLook('the allocated NodePort', undefined);
  const written: unknown = JSON.parse(JSON.stringify({ ...exampleReport, claims: [{ ...first, evidence }, ...rest] }));
  expect(reportFormat.parse(written).claims[0]?.evidence?.looks).toMatchObject([{ fact: 'port', seen: null }]);
});
