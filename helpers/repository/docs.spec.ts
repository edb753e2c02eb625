import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { root } from '../base/paths.ts';

const documents = globSync(['*.md', 'docs/**/*.md', '.github/**/*.md'], { cwd: root }).sort();
const text = (file: string) => readFileSync(join(root, file), 'utf8');

/** Returns the prose of a document, without code and comments. */
function prose(markdown: string): string {
  return markdown
    .replaceAll(/^```.*?^```$/gms, '')
    .replaceAll(/<!--.*?-->/gs, '')
    .replaceAll(/^ {4}.*$/gm, '')
    .replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()]/g, ''));
}

/** Returns the anchors that GitHub gives to the headings of a document. */
function anchors(markdown: string): string[] {
  const headings = prose(markdown).matchAll(/^#+ +(.+)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

const links = documents.flatMap((file) =>
  [...prose(text(file)).matchAll(/\]\(<?([^)\s>]+)>?\)/g)].map(([, target = '']) => ({ file, target })),
);
const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };

test('there are documents, with links', () => {
  expect(documents).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs/assumptions.md']));
  expect(links.length).toBeGreaterThan(documents.length);
});

describe.each(links.filter(({ target }) => !/^[a-z]+:/.test(target)))('$file', ({ file, target }) => {
  const [path = '', anchor] = target.split('#');
  const found = path === '' ? file : relative(root, join(root, dirname(file), path));

  test(`has a link to ${target} that leads somewhere`, () => {
    expect(existsSync(join(root, found))).toBe(true);
    if (anchor !== undefined) expect(anchors(text(found))).toContain(anchor);
  });
});

test('every other link is to the web, encrypted', () => {
  for (const { target } of links.filter(({ target }) => /^[a-z]+:/.test(target))) expect(new URL(target).protocol).toBe('https:');
});

const naming = [...documents, ...globSync(['.github/**/*.yml', '.ci/run'], { cwd: root })];
test.each(naming)('%s names only commands that there are', (file) => {
  const named = [...text(file).matchAll(/npm run (?:--silent )?([a-z][\w:-]*)/g)].map(([, script = '']) => script);
  expect(named.filter((script) => scripts[script] === undefined)).toEqual([]);
});
