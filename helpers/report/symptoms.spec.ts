import { expect, test } from '@jest/globals';
import { symptoms } from '../ledger/symptoms.ts';
import { renderSymptoms, symptomTable } from './symptoms.ts';

const text = renderSymptoms();

test('the document has a section for each symptom, and a table above that leads to it', () => {
  expect(text.match(/^## .*$/gm)).toEqual([
    '## Refused at once',
    '## Times out',
    '## No route to host',
    '## Name not found',
    '## No DNS answer',
    '## Other answer',
    '## `<none>`',
    '## Blank',
  ]);
  expect(text).toContain('| [Refused at once](#refused-at-once) |');
  expect(text).toContain('| [`<none>`](#none) |');
});

test('a section has what is seen, what it means, the claims that show it, and commands to paste', () => {
  const section = text.split('## Times out')[1]?.split('## No route')[0] ?? '';
  expect(section).toContain('You see: nothing until the limit of the client; curl exits 28.\n');
  expect(section).toContain('- In iptables mode, the Service does not list the port');
  expect(section).toContain('[no-pods-time-out](verdicts.md#no-pods-time-out)');
  expect(section).toContain('   ```sh\n   kubectl get services -A -o wide --field-selector spec.clusterIP=ADDRESS\n   ```\n');
});

test('every symptom has a row in the table of a report, with each of its commands', () => {
  const rows = symptomTable('iptables').split('\n').slice(2);
  expect(rows).toHaveLength(symptoms.length);
  symptoms.forEach(({ next }, index) => {
    for (const { command } of next) for (const line of command.split('\n')) expect(rows[index]).toContain(line);
  });
});

test('a row of the table has four cells, whatever the commands contain', () => {
  for (const row of symptomTable('unknown').split('\n')) expect(row.match(/(?<!\\)\|/g)).toHaveLength(5);
});
