import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findChromium } from './chromium.ts';
import { exampleBeyond, exampleReport as report } from './example.ts';
import { renderHtml } from './html.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'report-html-'));
const file = join(folder, 'report.html');
const address = pathToFileURL(file).href;
const all = report.claims.map(({ id }) => id);

// axe checks every element, which takes a few seconds on a slow machine.
jest.setTimeout(60_000);

let browser: Browser;
let complaints: string[];

beforeAll(async () => {
  writeFileSync(file, renderHtml(report));
  const executablePath = findChromium() ?? '';
  const quiet = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', ...quiet] });
});

afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

// In every test the page logs nothing and requests nothing from the network.
afterEach(() => {
  expect(complaints).toEqual([]);
});

/** Opens the page, and collects its console messages, errors, dialogs and requests in `complaints`. */
async function open(hash = '', options: BrowserContextOptions = {}): Promise<Page> {
  complaints = [];
  const page = await browser.newPage(options);
  page.on('console', (message) => complaints.push(`console ${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url().split('#')[0] !== address && request.url() !== 'data:,') complaints.push(`request: ${request.url()}`);
  });
  await page.goto(`${address}${hash}`);
  return page;
}

/** Returns the ids of the visible claims. */
async function seen(page: Page): Promise<string[]> {
  const shown = page.locator('article.claim:visible');
  return shown.evaluateAll((articles) => articles.map((article) => article.id));
}

async function count(page: Page): Promise<string | null> {
  return page.getByRole('status').textContent();
}

test('every claim of the report is on the page, under headings that skip no level', async () => {
  const page = await open();
  expect(await seen(page)).toEqual(all);
  const levels = await page.locator('h1, h2, h3, h4, h5, h6').evaluateAll((them) => them.map(({ tagName }) => Number(tagName.slice(1))));
  expect(levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1)).toEqual([]);
});

test('a claim opens by keyboard, and closes again', async () => {
  const page = await open();
  const claim = page.locator('#bare-url > details');
  await claim.locator('> summary').focus();
  await page.keyboard.press('Enter');
  await claim.getByText('It means port 80.').waitFor({ state: 'visible' });
  expect(await claim.getByText('curl adds the port of the scheme').isVisible()).toBe(true);
  await page.keyboard.press('Enter');
  expect(await claim.getByText('It means port 80.').isVisible()).toBe(false);
});

test('the first stop of the Tab key leads to the claims', async () => {
  const page = await open();
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to the claims' });
  expect(await skip.evaluate((link) => link === link.ownerDocument.activeElement && link.getBoundingClientRect().top >= 0)).toBe(true);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${address}#part-claims`);
});

test('verdicts, outcomes and words narrow the claims; the count says how many, and the address holds it', async () => {
  const page = await open();
  expect(await count(page)).toBe('All 6 claims are shown.');
  await page.getByRole('checkbox', { name: 'sentence holds', exact: true }).check();
  expect(await seen(page)).toEqual(['port-exposed', 'pod-range', 'not-asked', 'clean-up']);
  await page.getByRole('checkbox', { name: 'verdict confirmed here' }).check();
  await page.getByRole('checkbox', { name: 'broken' }).check();
  expect(await seen(page)).toEqual(['port-exposed', 'clean-up']);
  await page.getByRole('searchbox', { name: 'Text' }).fill('EXPOSED port');
  expect(await seen(page)).toEqual(['port-exposed']);
  expect(await count(page)).toBe('1 of 6 claims are shown.');
  expect(await page.getByRole('heading', { name: 'Summary' }).count()).toBe(0);
  const hash = new URL(page.url()).hash;
  expect(hash).toBe('#verdict=holds&outcome=confirmed%2Cbroken&text=EXPOSED+port');

  const again = await open(hash);
  expect(await seen(again)).toEqual(['port-exposed']);
  expect(await again.getByRole('checkbox', { name: 'broken' }).isChecked()).toBe(true);
  await again.getByRole('button', { name: 'Clear' }).click();
  await again.locator('#time-out').waitFor({ state: 'visible' });
  expect(await seen(again)).toEqual(all);
});

test('with claims beyond the chapter, each part can be chosen alone; an empty part has no heading', async () => {
  writeFileSync(file, renderHtml({ ...report, claims: [...report.claims, exampleBeyond] }));
  try {
    const page = await open('#part=beyond');
    expect(await seen(page)).toEqual(['slices']);
    expect(await page.getByRole('heading', { name: 'The chapter', exact: true, level: 2 }).count()).toBe(0);
    await page.getByRole('checkbox', { name: 'The chapter', exact: true }).check();
    expect(await seen(page)).toEqual([...all, 'slices']);
    const levels = await page.locator('h1, h2, h3, h4, h5, h6').evaluateAll((them) => them.map(({ tagName }) => Number(tagName.slice(1))));
    expect(levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1)).toEqual([]);
  } finally {
    writeFileSync(file, renderHtml(report));
  }
});

test('a link to a claim opens it, also where a filter hides it', async () => {
  const page = await open('#time-out');
  await page.locator('#time-out').getByText('They are refused.').waitFor({ state: 'visible' });
  await page.getByRole('checkbox', { name: 'sentence refuted' }).check();
  expect(await seen(page)).toEqual(['bare-url']);
  await page.locator('section.red').getByRole('link', { name: 'All is gone.' }).click();
  await page.locator('#clean-up').getByText('not shown: nothing-left').waitFor({ state: 'visible' });
  expect(await seen(page)).toEqual(all);
});

/** Opens the page with a clipboard, or without one where a browser gives none to a local file. Returns the page and what was copied last. */
async function openWithClipboard(gives: boolean): Promise<{ page: Page; copied: () => Promise<unknown> }> {
  const page = await open();
  const write = gives ? '(text) => { window.copied = text; return Promise.resolve(); }' : '() => Promise.reject(new Error("denied"))';
  await page.evaluate(`Object.defineProperty(navigator, 'clipboard', { value: { writeText: ${write} } })`);
  return { page, copied: () => page.evaluate('window.copied') };
}

test('the whole script and a single file are copied by keyboard, without the marks, and the button says so', async () => {
  for (const [name, text] of [
    ['Copy the whole script', /^# The files\.[^]*metadata:[^]*curl http:\/\/web:8080/],
    ['Copy what works: the file web.yaml', /^kind: Pod\nmetadata:\n {2}name: web$/],
  ] as const) {
    const { page, copied } = await openWithClipboard(true);
    await page.locator('section.paste').getByRole('button', { name }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Copied' }).waitFor({ state: 'visible' });
    expect(await copied()).toMatch(text);
    await page.close();
  }
});

test('where the clipboard is closed to the page, the text is selected and the button says what to press', async () => {
  const { page } = await openWithClipboard(false);
  await page.getByRole('button', { name: 'Copy the whole script' }).click();
  await page.getByRole('button', { name: 'Selected: press Ctrl+C' }).waitFor({ state: 'visible' });
  expect(await page.evaluate('String(getSelection())')).toContain('curl http://web:8080');
});

test('errata, red claims, symptoms and tiles each lead to a claim, which opens', async () => {
  for (const [part, link] of [
    ['section:has(> #part-errata)', 'Evidence of bare-url'],
    ['section.red', 'All is gone.'],
    ['section:has(> #part-symptoms)', 'port-exposed'],
    ['nav.glance', 'corrected drifted time-out'],
  ] as const) {
    const page = await open();
    const found = page.locator(part).getByRole('link', { name: link }).first();
    const id = decodeURIComponent(((await found.getAttribute('href')) ?? '').slice(1));
    await found.focus();
    await page.keyboard.press('Enter');
    await page.locator(`[id="${id}"] > details[open]`).waitFor();
    await page.close();
  }
});

test('the words of the page are explained where a reader opens them', async () => {
  const page = await open();
  const explanation = page.getByText('What a person found to be true of the sentence.');
  expect(await explanation.isVisible()).toBe(false);
  await page.getByText('What the words on this page mean').click();
  await explanation.waitFor({ state: 'visible' });
});

test('all open and close at once', async () => {
  const page = await open();
  await page.getByRole('button', { name: 'Open all' }).click();
  expect(await page.locator('article.claim > details[open]').count()).toBe(all.length);
  await page.getByRole('button', { name: 'Close all' }).click();
  expect(await page.locator('article.claim > details[open]').count()).toBe(0);
});

test('without scripts all is there but the filter', async () => {
  const page = await open('', { javaScriptEnabled: false });
  for (const id of all) expect(await page.locator(`[id="${id}"]`).isVisible()).toBe(true);
  expect(await page.locator('#part-filter').isVisible()).toBe(false);
  await page.locator('#bare-url > details > summary').click();
  expect(await page.locator('#bare-url').getByText('What is true instead').isVisible()).toBe(true);
});

test('on paper the claims are open and the filter is gone', async () => {
  const page = await open();
  await page.emulateMedia({ media: 'print' });
  const inClaims = ['It means port 80.', 'Every connection goes to 10.42.0.5:80', 'a client is refused', 'It never came 3 times in a row.'];
  for (const text of inClaims) expect(await page.locator('article.claim').getByText(text).first().isVisible()).toBe(true);
  for (const text of [
    'What is true instead',
    'Every corrected file and command',
    'No Pod is an endpoint',
    'What a person found to be true',
  ])
    expect(await page.getByText(text).first().isVisible()).toBe(true);
  expect(await page.locator('button').filter({ visible: true }).count()).toBe(0);
  expect(await page.locator('#part-filter').isVisible()).toBe(false);
});

const openEverything = 'for (const details of document.querySelectorAll("details")) details.open = true';

test('on a telephone, 360 px wide, with everything open, nothing scrolls sideways', async () => {
  const page = await open('', { viewport: { width: 360, height: 740 } });
  await page.evaluate(openEverything);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
});

test('nothing scrolls sideways on a projector either, with the words of the tiles in large letters', async () => {
  const page = await open('', { viewport: { width: 1280, height: 720 } });
  await page.evaluate(openEverything);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(1280);
  const sizes = await page.locator('nav.glance b').evaluateAll((words) => words.map((word) => parseFloat(getComputedStyle(word).fontSize)));
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(20);
});

test.each(
  (['light', 'dark'] as const).flatMap((colorScheme) => [360, 1280].map((width) => ({ colorScheme, viewport: { width, height: 900 } }))),
)('axe finds nothing to object to: $colorScheme, $viewport.width px', async (options) => {
  const page = await open('', options);
  for (const act of ['', openEverything]) {
    await page.evaluate(act);
    await page.evaluate(axe);
    const { violations, passes } = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[]; passes: unknown[] }>(
      'axe.run(document)',
    );
    expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([]);
    expect(passes.length).toBeGreaterThan(20);
  }
});
