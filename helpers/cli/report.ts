import { dirname } from 'node:path';
import { readReport } from '../report/format.ts';
import { writeRenderings } from '../results/renderings.ts';
import { main } from './main.ts';
import { reportArgument } from './report-argument.ts';

await main(() => {
  const file = reportArgument('report');
  const { written, failed } = writeRenderings(readReport(file), dirname(file));
  for (const name of written) console.log(`wrote ${name}`);
  for (const line of failed) console.error(line);
  return Promise.resolve(failed.length === 0 ? 0 : 3);
});
