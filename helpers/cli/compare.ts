import { writeFileSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { compareReports, differsInOutcome } from '../report/compare.ts';
import { comparisonAsMarkdown, renderComparison } from '../report/compare-text.ts';
import { readReport } from '../report/format.ts';
import { UsageError } from '../base/usage-error.ts';
import { compareArguments } from './command-arguments.ts';
import { main } from './main.ts';

/** Returns the shortest ends of the paths that distinguish the files. */
function namesOf(files: readonly string[]): string[] {
  const parts = files.map((file) => resolve(file).split(sep));
  for (let length = 1; ; length++) {
    const names = parts.map((part) => part.slice(-length).join(sep));
    if (new Set(names).size === files.length || parts.every((part) => part.length <= length)) return names;
  }
}

await main(() => {
  const { files, markdown: asMarkdown, output } = compareArguments();
  const names = namesOf(files);
  const comparison = compareReports(files.map((file, index) => ({ name: names[index] ?? file, report: readReport(file) })));
  const markdown = comparisonAsMarkdown(comparison);
  // Wider lines are hard to read, narrower ones break the tables.
  const width = Math.min(Math.max(process.stdout.columns || 100, 80), 120);
  console.log(asMarkdown ? markdown : renderComparison(comparison, width));
  if (output !== undefined) {
    try {
      writeFileSync(output, markdown);
    } catch (error) {
      throw new UsageError(`--output ${output} cannot be written: ${(error as Error).message}`);
    }
    console.log(`wrote ${output}`);
  }
  return Promise.resolve(differsInOutcome(comparison) ? 1 : 0);
});
