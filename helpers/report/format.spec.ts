import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { UsageError } from '../base/usage-error.ts';
import { exampleReport } from './example.ts';
import { readReport, reportSchema } from './format.ts';

const folder = mkdtempSync(join(tmpdir(), 'report-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function written(content: string): string {
  const file = join(folder, 'report.json');
  writeFileSync(file, content);
  return file;
}

function refusalOf(content: string): unknown {
  try {
    return readReport(written(content));
  } catch (error) {
    return error;
  }
}

test('another validator finds a report valid by the schema, and one with an unknown outcome not', () => {
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(JSON.parse(reportSchema()) as object);
  expect([validate(exampleReport), validate.errors]).toEqual([true, null]);
  const [first] = exampleReport.claims;
  expect(validate({ ...exampleReport, claims: [{ ...first, outcome: 'fine' }] })).toBe(false);
});

test('a report is read as it was written', () => {
  expect(readReport(written(JSON.stringify(exampleReport)))).toEqual(exampleReport);
});

test('a later field does not keep an older suite from reading a report', () => {
  expect(readReport(written(JSON.stringify({ ...exampleReport, weather: 'fair' })))).toEqual(exampleReport);
});

const whole = JSON.stringify(exampleReport);
test.each([
  ['that is cut short', whole.slice(0, 500), 'it was cut short'],
  ['that is no JSON', 'PK\u0003\u0004', 'is not JSON'],
  [
    'of a newer format',
    JSON.stringify({ ...exampleReport, format: 3 }),
    'is of format 3, and this version of the suite reads formats 1 and 2',
  ],
  ['of format 1 with a part missing', JSON.stringify({ ...exampleReport, format: 1 }), 'is no report of this suite: cluster'],
  ['of another program', JSON.stringify({ name: 'jest', testResults: [] }), 'is no report of this suite: format'],
  ['that is no object', '[]', 'is no report of this suite: the whole'],
  ['with a part missing', JSON.stringify({ ...exampleReport, claims: undefined }), 'is no report of this suite: claims'],
])('a file %s gets one clear line', (_, content, message) => {
  const error = refusalOf(content);
  expect(error).toBeInstanceOf(UsageError);
  expect((error as Error).message).toContain(message);
  expect((error as Error).message).not.toContain('\n');
});

test('so does a file that does not exist, and a folder', () => {
  expect(() => readReport('/nowhere/report.json')).toThrow('/nowhere/report.json does not exist');
  expect(() => readReport(folder)).toThrow(`${folder} cannot be read`);
});
