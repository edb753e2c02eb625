import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { renderAnnotations } from '../report/annotations.ts';
import { exampleReport } from '../report/example.ts';
import { renderLesson } from '../report/lesson.ts';
import { publish } from './publish.ts';

const onGitHub = process.env.GITHUB_ACTIONS;
let folder: string;
let printed: string[];
beforeEach(() => {
  delete process.env.GITHUB_ACTIONS;
  folder = mkdtempSync(join(tmpdir(), 'publish-'));
  printed = [];
  for (const stream of ['log', 'error'] as const) jest.spyOn(console, stream).mockImplementation((text: string) => void printed.push(text));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
  if (onGitHub === undefined) delete process.env.GITHUB_ACTIONS;
  else process.env.GITHUB_ACTIONS = onGitHub;
});

const lesson = renderLesson(exampleReport, { colour: process.stdout.isTTY });

test('the report and all its renderings are written, the lesson is printed, and the files are named', () => {
  publish(exampleReport, folder);
  expect(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))).toEqual(exampleReport);
  expect(printed).toEqual([lesson, expect.stringMatching(/^Written: /)]);
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(['report.html', 'report.json', 'report.md', 'junit.xml']));
  for (const name of readdirSync(folder)) expect(printed[1]).toContain(name);
});

test.each(['report.json', 'report.md', 'junit.xml'])('when %s cannot be written the rest is, and a line names it', (name) => {
  mkdirSync(join(folder, name));
  publish(exampleReport, folder);
  expect(printed).toEqual([lesson, expect.not.stringContaining(name), expect.stringMatching(`/${name} could not be written: `)]);
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(['report.html', 'report.json', 'report.md', 'junit.xml']));
});

test('when nothing at all can be written the lesson is printed all the same', () => {
  publish(exampleReport, join(folder, 'nowhere'));
  expect(printed[0]).toBe(lesson);
  expect(printed.length).toBeGreaterThan(1);
  expect(printed.slice(1).filter((line) => !line.includes('could not be written'))).toEqual([]);
});

test('on GitHub the annotations of red claims follow the lesson, and nowhere else', () => {
  const annotations = renderAnnotations(exampleReport);
  expect(annotations.length).toBeGreaterThan(0);
  process.env.GITHUB_ACTIONS = 'true';
  publish(exampleReport, folder);
  expect(printed.slice(2)).toEqual(annotations);
});
