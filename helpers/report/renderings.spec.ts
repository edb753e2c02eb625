import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { exampleReport } from './example.ts';
import { renderMarkdown } from './markdown.ts';
import { writeRenderings } from './renderings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'renderings-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('every rendering is written into the folder, and named', () => {
  const { written, failed } = writeRenderings(exampleReport, folder);
  expect(failed).toEqual([]);
  expect(written.sort()).toEqual(
    readdirSync(folder)
      .map((name) => join(folder, name))
      .sort(),
  );
  expect(readFileSync(join(folder, 'report.md'), 'utf8')).toBe(renderMarkdown(exampleReport));
});

test('one that cannot be written is told in a line, leaves nothing half-written, and keeps none of the others back', () => {
  // A folder in its place, since the tests may run as root, whom permissions do not stop.
  mkdirSync(join(folder, 'report.md'));
  const { written, failed } = writeRenderings(exampleReport, folder);
  expect(failed).toEqual([expect.stringMatching(/report\.md could not be written: [^\n]+$/)]);
  expect(written).toContain(join(folder, 'junit.xml'));
  expect(written).not.toContain(join(folder, 'report.md'));
  expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([]);
});
