import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { exampleReport } from '../report/example.ts';
import { renderMarkdown } from '../report/markdown.ts';
import { writeRenderings } from './renderings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'renderings-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('every rendering is written into the folder, and its file is returned', () => {
  const { written, failed } = writeRenderings(exampleReport, folder);
  expect(failed).toEqual([]);
  expect(written.sort()).toEqual(
    readdirSync(folder)
      .map((name) => join(folder, name))
      .sort(),
  );
  expect(readFileSync(join(folder, 'report.md'), 'utf8')).toBe(renderMarkdown(exampleReport));
});

test('for one that cannot be written there is a line and no partial file, and the others are written', () => {
  // A folder in its place, since the tests may run as root, whom permissions do not stop.
  mkdirSync(join(folder, 'report.md'));
  const { written, failed } = writeRenderings(exampleReport, folder);
  expect(failed).toEqual([expect.stringMatching(/report\.md could not be written: [^\n]+$/)]);
  expect(written).toContain(join(folder, 'junit.xml'));
  expect(written).not.toContain(join(folder, 'report.md'));
  expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([]);
});
