import { readFileSync } from 'node:fs';
import { reportFile } from '../cluster/description.ts';
import { renderLesson } from '../report/lesson.ts';
import type { Report } from '../report/report.ts';
import { UsageError } from '../usage-error.ts';
import { main } from './main.ts';

await main(() => {
  const file = process.argv[2] ?? reportFile;
  let report: Omit<Report, 'format'> & { format: number };
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as typeof report;
  } catch {
    throw new UsageError(`${file} is no report of a run. Run npm test first, or name one: npm run lesson -- FILE`);
  }
  if (report.format !== 1) throw new UsageError(`${file} is not of format 1, the only one that this version reads.`);
  console.log(renderLesson({ ...report, format: 1 }, { colour: process.stdout.isTTY }));
  return Promise.resolve(0);
});
