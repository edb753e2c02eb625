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
  write('cut.json', JSON.stringify(exampleReport).slice(0, 500));
  write('foreign.json', { name: 'jest', testResults: [] });
  write('newer.json', { ...exampleReport, format: 2 });
  write('no.json', 'PK\u0003\u0004');
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

const files: [string, string[], string][] = [
  ['a missing file', ['nowhere.json'], 'nowhere.json does not exist'],
  ['a file that is cut short', ['cut.json'], 'cut.json is not JSON from beginning to end: it was cut short'],
  ['a file of another program', ['foreign.json'], 'foreign.json is no report of this suite'],
  ['a file of a newer format', ['newer.json'], 'newer.json is of format 2'],
  ['a file that is no JSON', ['no.json'], 'no.json is not JSON'],
  ['a folder', ['one'], 'one cannot be read'],
];
const wrong: [string, string, string[], string][] = [
  ...['report', 'lesson'].flatMap((command): [string, string, string[], string][] => [
    ...files.map(([what, args, says]): [string, string, string[], string] => [command, what, args, says]),
    [command, 'two files', ['same.json', 'one/report.json'], `npm run ${command} -- [report.json] takes one file`],
    [command, 'an option', ['--html'], `npm run ${command} -- [report.json] takes one file`],
  ]),
  ...files.map(([what, args, says]): [string, string, string[], string] => ['compare', what, ['same.json', ...args], says]),
  ['compare', 'no file', [], 'npm run compare -- A.json B.json'],
  ['compare', 'one file', ['same.json'], 'npm run compare -- A.json B.json'],
  ['compare', 'a file named twice', ['same.json', './same.json'], './same.json is named twice'],
  ['compare', 'an unknown option', ['same.json', 'one/report.json', '--html'], "Unknown option '--html'"],
  ['compare', 'an option without its value', ['same.json', 'one/report.json', '--output'], "'--output <value>'"],
  [
    'compare',
    'an output that is one of the reports',
    ['same.json', 'one/report.json', '--output', './same.json'],
    'would overwrite a report',
  ],
  [
    'compare',
    'an output in no folder',
    ['same.json', 'one/report.json', '--output', 'no/where.md'],
    '--output no/where.md cannot be written',
  ],
];

test.each(wrong)('%s of %s: one line, exit status 2', (command, _, args, says) => {
  const { status, stderr } = run(command, ...args);
  expect(stderr.trim()).toContain(says);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(status).toBe(2);
});

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
  expect(stdout).toContain('port-exposed  confirmed  drifted');
  expect(status).toBe(1);
});

test('compare prints or writes Markdown when asked to', () => {
  expect(run('compare', 'one/report.json', 'other/report.json', '--markdown').stdout).toMatch(/^# Comparison of runs\n/);
  const { stdout } = run('compare', 'one/report.json', 'other/report.json', '--output', 'comparison.md');
  expect(stdout).toContain('wrote comparison.md');
  expect(readFileSync(join(folder, 'comparison.md'), 'utf8')).toMatch(/^# Comparison of runs\n/);
});
