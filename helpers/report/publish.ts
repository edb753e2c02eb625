import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from '../cluster/settings.ts';
import { placesOf, renderAnnotations } from './annotations.ts';
import type { Report } from './format.ts';
import { renderLesson } from './lesson.ts';
import { writeWhole } from '../write-whole.ts';
import { writeRenderings } from './renderings.ts';

/**
 * Writes the report of a run into a folder and tells the lesson, then draws the renderings and, on GitHub, marks what is red. Nothing that
 * cannot be written keeps back the rest: it is told in a line.
 */
export function publish(report: Report, folder: string): void {
  const file = join(folder, 'report.json');
  let problem: string | undefined;
  try {
    writeWhole(file, `${JSON.stringify(report, null, 2)}\n`);
  } catch (error) {
    problem = `${file} could not be written: ${(error as Error).message}`;
  }
  console.log(renderLesson(report, { colour: process.stdout.isTTY }));
  const { written, failed } = writeRenderings(report, folder);
  const all = problem === undefined ? [file, ...written] : written;
  if (all.length > 0) console.log(`Written: ${all.map((name) => relative(root, name)).join(', ')}`);
  for (const line of [...(problem === undefined ? [] : [problem]), ...failed]) console.error(line);
  if (process.env.GITHUB_ACTIONS === 'true') for (const line of renderAnnotations(report, placesOf(suiteFiles()))) console.log(line);
}

function suiteFiles(): Record<string, string> {
  const files = readdirSync(join(root, 'suites')).filter((file) => file.endsWith('.test.ts'));
  return Object.fromEntries(files.map((file) => [`suites/${file}`, readFileSync(join(root, 'suites', file), 'utf8')]));
}
