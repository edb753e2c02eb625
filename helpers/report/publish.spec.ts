import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { exampleReport } from './example.ts';
import type { ClaimReport } from './format.ts';
import { renderLesson } from './lesson.ts';
import { publish } from './publish.ts';

const onGitHub = process.env.GITHUB_ACTIONS;
let folder: string;
let said: string[];
beforeEach(() => {
  delete process.env.GITHUB_ACTIONS;
  folder = mkdtempSync(join(tmpdir(), 'publish-'));
  said = [];
  for (const stream of ['log', 'error'] as const) jest.spyOn(console, stream).mockImplementation((text: string) => void said.push(text));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
  if (onGitHub === undefined) delete process.env.GITHUB_ACTIONS;
  else process.env.GITHUB_ACTIONS = onGitHub;
});

const lesson = renderLesson(exampleReport, { colour: process.stdout.isTTY });

test('the report and all that is drawn from it is written, the lesson told, and the files named', () => {
  publish(exampleReport, folder);
  expect(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))).toEqual(exampleReport);
  expect(said).toEqual([lesson, expect.stringMatching(/^Written: /)]);
  for (const name of readdirSync(folder)) expect(said[1]).toContain(name);
});

test.each(['report.json', 'report.md', 'junit.xml'])('when %s cannot be written the rest is, and a line says so', (name) => {
  mkdirSync(join(folder, name));
  publish(exampleReport, folder);
  expect(said).toEqual([lesson, expect.not.stringContaining(name), expect.stringMatching(`/${name} could not be written: `)]);
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(['report.json', 'report.md', 'junit.xml']));
});

test('when nothing at all can be written the lesson is told all the same', () => {
  publish(exampleReport, join(folder, 'nowhere'));
  expect(said[0]).toBe(lesson);
  expect(said.slice(1).every((line) => line.includes('could not be written'))).toBe(true);
});

test('on GitHub each red claim is marked where it is told', () => {
  process.env.GITHUB_ACTIONS = 'true';
  const claims = exampleReport.claims.map((claim): ClaimReport => (claim.id === 'time-out' ? { ...claim, id: 'no-pods-time-out' } : claim));
  publish({ ...exampleReport, claims }, folder);
  expect(said.filter((line) => line.startsWith('::error '))).toEqual([
    expect.stringMatching(/^::error title=no-pods-time-out drifted,file=suites\/no-endpoints\.test\.ts,line=\d+::/),
    expect.stringMatching(/^::error title=clean-up broken,file=suites\/clean-up\.test\.ts,line=\d+::/),
  ]);
});
