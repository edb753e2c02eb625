import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { exampleReport } from '../report/example.ts';

// The commands on reports, started as npm starts them.

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reports-'));
  const write = (name: string, content: unknown) => {
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  };
  for (const name of ['one', 'other']) mkdirSync(join(folder, name));
  const [first, ...rest] = exampleReport.claims;
  write('one/report.json', exampleReport);
  write('other/report.json', { ...exampleReport, claims: [{ ...first, outcome: 'drifted', why: 'answers: no' }, ...rest] });
  write('same.json', exampleReport);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function run(command: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, `${command}.ts`), ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('report draws everything beside the report that it is given, and names it', () => {
  const { status, stdout } = run('report', 'one/report.json');
  expect(status).toBe(0);
  const drawn = readdirSync(join(folder, 'one')).filter((name) => name !== 'report.json');
  expect(drawn).toEqual(expect.arrayContaining(['junit.xml', 'report.md']));
  expect(stdout.trim().split('\n').sort()).toEqual(drawn.map((name) => `wrote one/${name}`).sort());
});

test('a rendering that cannot be written is a line, and exit status 3', () => {
  mkdirSync(join(folder, 'full/report.md'), { recursive: true });
  writeFileSync(join(folder, 'full/report.json'), JSON.stringify(exampleReport));
  const { status, stdout, stderr } = run('report', 'full/report.json');
  expect(stderr).toMatch(/^full\/report\.md could not be written: .+\n$/);
  expect(stdout).toContain('wrote full/junit.xml\n');
  expect(status).toBe(3);
});

test('lesson prints the lesson of the report that it is given', () => {
  const { status, stdout } = run('lesson', 'same.json');
  expect(stdout).toContain('✘ Connections time out.');
  expect(status).toBe(0);
});

test('compare of runs that came to the same has exit status 0', () => {
  const { status, stdout } = run('compare', 'same.json', 'one/report.json');
  expect(stdout).toContain('Different outcomes: 0');
  expect(status).toBe(0);
});

test('compare of runs that differ has exit status 1, and tells files of the same name apart', () => {
  const { status, stdout } = run('compare', 'one/report.json', 'other/report.json');
  expect(stdout).toMatch(/^ {2}1 +one\/report\.json /m);
  expect(stdout).toMatch(/^ {2}2 +other\/report\.json /m);
  expect(stdout).toContain('port-exposed  confirmed (1); drifted (2)');
  expect(status).toBe(1);
});

test('compare prints or writes Markdown when asked to', () => {
  expect(run('compare', 'one/report.json', 'other/report.json', '--markdown').stdout).toMatch(/^# Comparison of runs\n/);
  const { stdout } = run('compare', 'one/report.json', 'other/report.json', '--output', 'comparison.md');
  expect(stdout).toContain('wrote comparison.md');
  expect(readFileSync(join(folder, 'comparison.md'), 'utf8')).toMatch(/^# Comparison of runs\n/);
});
