import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../base/paths.ts';
import { UsageError } from '../base/usage-error.ts';
import { ledger } from '../ledger/claims.ts';
import { readReport } from '../report/format.ts';
import { withReport } from '../report/observed.ts';
import { counted } from '../report/words.ts';
import { documents } from './documents.ts';
import { observedArguments } from './command-arguments.ts';
import { main } from './main.ts';
import { observedFile, readObserved } from './observed-file.ts';

await main(() => {
  const files = observedArguments();
  const reports = files.map((file) => ({ file, report: readReport(file) }));
  const faulty = reports.find(({ report }) => report.fault !== undefined);
  if (faulty !== undefined)
    throw new UsageError(`${faulty.file} is of a cluster whose network does not work: such a report is not recorded.`);
  const observed = reports.reduce((before, { report }) => withReport(before, report, ledger), readObserved());
  writeFileSync(observedFile, `${JSON.stringify(observed, null, 1)}\n`);
  writeFileSync(join(root, 'docs/errata.md'), documents['docs/errata.md']?.() ?? '');
  for (const { node, kubernetes, proxyMode, profile, claims } of observed.runs)
    console.log(
      `${node} ${kubernetes}, ${proxyMode} mode, profile ${profile}: ${counted(Object.keys(claims).length, 'claim that does not hold', 'claims that do not hold')}`,
    );
  console.log('wrote docs/observed.json and docs/errata.md');
  return Promise.resolve(0);
});
