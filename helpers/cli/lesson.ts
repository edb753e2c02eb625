import { readReport } from '../report/format.ts';
import { renderLesson } from '../report/lesson.ts';
import { main } from './main.ts';
import { reportArgument } from './report-argument.ts';

await main(() => {
  console.log(renderLesson(readReport(reportArgument('lesson')), { colour: process.stdout.isTTY }));
  return Promise.resolve(0);
});
