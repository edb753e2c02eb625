import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from '../base/paths.ts';
import * as commands from '../cli/command-arguments.ts';
import { noArguments } from '../cli/given-arguments.ts';
import { reportArgument } from '../cli/report-argument.ts';
import { requestOf } from '../cli/test-arguments.ts';
import { readSettings } from '../cluster/settings.ts';
import { exampleReport } from '../report/example.ts';
import { renderHtml } from '../report/html.ts';
import { renderJunit } from '../report/junit.ts';
import { renderLesson } from '../report/lesson.ts';
import { renderMarkdown } from '../report/markdown.ts';
import { ledger } from '../ledger/claims.ts';
import { commandLine } from '../results/build-report.ts';
import { patterns } from './tutorial.ts';

// Every command that a document or a rendering prints can be pasted: it goes through the parser that reads it.

interface Command {
  readonly settings: Readonly<Record<string, string>>;
  readonly script: string;
  readonly args: readonly string[];
}

/** The words of a command line of sh, without its quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|\\.|[^\s'])+/g)].map(([word]) => word.replaceAll(/'([^']*)'|\\(.)/g, '$1$2'));
}

function commandsIn(text: string): Command[] {
  const lines = [
    ...text.matchAll(/((?:\b[A-Z_]+=(?:'[^']*'|[^\s'`])+ )*)npm (?:run (?:--silent )?([\w:-]+)|test)((?: (?:'[^'\n]*'|[^\s`<|&;,)']+))*)/g),
  ];
  return lines.map(([, settings = '', script = 'test', rest = '']) => ({
    settings: Object.fromEntries(wordsOf(settings).map((word) => word.split(/=(.*)/s, 2) as [string, string])),
    script,
    // Prose may go on after a command; arguments begin with two dashes.
    args: rest.startsWith(' -- ') ? wordsOf(rest.slice(4)) : [],
  }));
}

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const documents = globSync(['*.md', 'docs/**/*.md', '.github/**/*.md'], { cwd: root });
// Their fenced and indented lines and their code spans: what a reader pastes.
const pasted = documents.flatMap((file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/^(?: {4}|```)(.*npm .*)$|`([^`\n]*npm [^`\n]*)`/gm)].flatMap(([, block, span]) =>
    commandsIn(block ?? span ?? '').map((command) => ({ where: file, command })),
  ),
);
const claims = exampleReport.claims.map((claim, index) => ({
  ...claim,
  reproduce: commandLine({ CONFORMANCE_PROFILE: 'nftables' }, ['-t', `^${Object.keys(ledger)[index] ?? ''}:`]),
}));
const report = { ...exampleReport, claims, reproduce: commandLine({}, ['dns', 'ports']) };
const renderings = {
  html: renderHtml(report),
  markdown: renderMarkdown(report),
  junit: renderJunit(report),
  lesson: renderLesson(report, { colour: false }),
};
const printed = Object.entries(renderings).flatMap(([where, text]) =>
  commandsIn(text.replaceAll('&#39;', "'").replaceAll('&apos;', "'")).map((command) => ({ where, command })),
);

/** Words that stand for something else, such as FILE or TOPIC, and patterns that a shell replaces by files. */
const placeholder = /^(?:[A-Z]{2,}|N|\[.*|….*|.*\]|\*\/.*)$/;

const none = (args: readonly string[]) => {
  noArguments('', args);
};

/** Reads the arguments of each command, without running it. */
const parsers: Readonly<Record<string, (args: readonly string[]) => unknown>> = {
  test: requestOf,
  bench: commands.benchArguments,
  claims: commands.claimsArguments,
  compare: commands.compareArguments,
  images: commands.imagesArguments,
  mutants: commands.mutantsArguments,
  'new-claim': commands.newClaimArguments,
  observed: commands.observedArguments,
  profiles: commands.profilesArguments,
  steady: commands.steadyArguments,
  lesson: (args) => reportArgument('lesson', args),
  report: (args) => reportArgument('report', args),
  ...{ cluster: none, 'cluster:stop': none, clean: none, docs: none, 'k3s:versions': none, 'lint:workflows': none },
};

test('every command has a parser here', () => {
  const ours = Object.keys(scripts).filter((script) => / helpers\/cli\/[\w-]+\.ts( |$)/.test(scripts[script] ?? ''));
  expect(Object.keys(parsers).sort()).toEqual(ours.sort());
});

test('documents and renderings print commands', () => {
  expect(pasted.length).toBeGreaterThan(20);
  for (const where of Object.keys(renderings))
    expect(printed.filter((it) => it.where === where && it.command.args.length > 0)).not.toEqual([]);
});

test.each([...pasted, ...printed].map(({ where, command }) => [where, command.script, command.args.join(' '), command] as const))(
  '%s: npm %s %s',
  (_, script, __, { settings, args }) => {
    expect(scripts[script]).toBeDefined();
    const conformance = Object.entries(settings).filter(([name, value]) => name.startsWith('CONFORMANCE_') && value !== '…');
    expect(() => readSettings(Object.fromEntries(conformance), null)).not.toThrow();
    // A command without arguments may only be named. --failed reads the last report.
    if (args.length === 0 || args.some((arg) => placeholder.test(arg)) || args.includes('--failed')) return;
    // The ledger does not have the claim that docs/adding-a-claim.md adds: adding-a-claim.spec.ts matches its patterns.
    if (args.some((arg) => patterns.includes(arg))) return;
    expect(() => parsers[script]?.(args)).not.toThrow();
  },
);

test('what the parser of commands makes of a line', () => {
  expect(commandsIn("CONFORMANCE_A='x y' npm test -- -t '^a(b|c):'")).toEqual([
    { settings: { CONFORMANCE_A: 'x y' }, script: 'test', args: ['-t', '^a(b|c):'] },
  ]);
});
