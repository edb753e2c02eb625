import { join, relative } from 'node:path';
import { messageOf } from '../base/message-of.ts';
import { root } from '../base/paths.ts';
import { writeWhole } from '../base/write-whole.ts';
import { renderAnnotations } from '../report/annotations.ts';
import type { Report } from '../report/format.ts';
import { renderLesson } from '../report/lesson.ts';
import { writeRenderings } from './renderings.ts';

/**
 * Writes the report of a run into a folder and prints the lesson, then writes the renderings and, on GitHub, marks what is red. What cannot be written is
 * reported in a line, and the rest is done all the same.
 */
export function publish(report: Report, folder: string): void {
  const file = join(folder, 'report.json');
  let problem: string | undefined;
  try {
    writeWhole(file, `${JSON.stringify(report, null, 2)}\n`);
  } catch (error) {
    problem = `${file} could not be written: ${messageOf(error)}`;
  }
  console.log(renderLesson(report, { colour: process.stdout.isTTY }));
  const { written, failed } = writeRenderings(report, folder);
  const all = problem === undefined ? [file, ...written] : written;
  if (all.length > 0) console.log(`Written: ${all.map((name) => relative(root, name)).join(', ')}`);
  for (const line of [...(problem === undefined ? [] : [problem]), ...failed]) console.error(line);
  if (process.env.GITHUB_ACTIONS === 'true') for (const line of renderAnnotations(report)) console.log(line);
}
