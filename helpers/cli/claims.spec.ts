import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from '../base/paths.ts';
import { claims, ledger } from '../ledger/claims.ts';
import { fakeContext, fakeJest, fakeKube } from '../testbed/fakes.ts';
import { openTestbed } from '../testbed/open-testbed.ts';

function printed(...args: string[]): string[] {
  return execFileSync(process.execPath, [join(root, 'helpers/cli/claims.ts'), ...args], { encoding: 'utf8' }).split('\n');
}

/** The titles among printed lines, by claim. */
function titlesIn(lines: readonly string[]): Record<string, string[]> {
  const titles: Record<string, string[]> = {};
  let id = '';
  for (const line of lines) {
    id = /^ {2}(?:holds|corrected|refuted) +([a-z0-9-]+)$/.exec(line)?.[1] ?? id;
    const title = /^ +– (.*)$/.exec(line)?.[1];
    if (title !== undefined) (titles[id] ??= []).push(title);
  }
  return titles;
}

test('--checks prints for every claim the titles that Jest would run, without a cluster', async () => {
  const file = fakeJest();
  globalThis.openTestbed = () => openTestbed(file, fakeContext(fakeKube().kube), { owner: 'owner', stopEarly: false });
  await import('../../suites/claims.test.ts');
  const found = titlesIn(printed('--checks'));
  expect(Object.keys(found)).toEqual(Object.keys(ledger));
  for (const id of Object.keys(ledger)) {
    const registered = file.tests.filter(({ block }) => block.startsWith(`${id}:`)).map(({ title }) => title);
    expect(found[id]?.sort()).toEqual(registered.sort());
  }
});

test('what is printed stands beside what works instead, and a file that works is whole', () => {
  const all = printed().join('\n');
  expect(all).toContain('Printed: `curl <http://nnappone-service:8080>`\n            Instead: `curl http://nnappone-service:8080`');
  expect(all).toMatch(/Printed: `meta` in `pod-for-service.yaml`\n +Instead: `metadata:` in `pod-for-service.yaml`\n[^–]*\n +metadata:\n/);
});

test('without --checks it lists every claim with its reason and no titles', () => {
  const lines = printed();
  expect(titlesIn(lines)).toEqual({});
  for (const { why } of Object.values(claims)) expect(lines).toContain(`            Why: ${why}`);
});
