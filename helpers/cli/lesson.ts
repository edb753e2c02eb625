import { reportFile } from '../artifacts.ts';
import { readReport } from '../report/format.ts';
import { renderLesson } from '../report/lesson.ts';
import { main } from './main.ts';

await main(() => {
  console.log(renderLesson(readReport(process.argv[2] ?? reportFile), { colour: process.stdout.isTTY }));
  return Promise.resolve(0);
});
