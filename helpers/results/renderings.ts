import { join } from 'node:path';
import { messageOf } from '../base/message-of.ts';
import { writeWhole } from '../base/write-whole.ts';
import type { Report } from '../report/format.ts';
import { renderHtml } from '../report/html.ts';
import { renderJunit } from '../report/junit.ts';
import { renderMarkdown } from '../report/markdown.ts';

/** The renderings of a report, by the name of the file. */
const renderings: Readonly<Record<string, (report: Report) => string>> = {
  'report.html': renderHtml,
  'report.md': renderMarkdown,
  'junit.xml': renderJunit,
};

/** Writes every rendering of a report into a folder. Returns the files written, and a line for each that could not be. */
export function writeRenderings(report: Report, folder: string): { written: string[]; failed: string[] } {
  const written: string[] = [];
  const failed: string[] = [];
  for (const [name, render] of Object.entries(renderings)) {
    const file = join(folder, name);
    try {
      writeWhole(file, render(report));
      written.push(file);
    } catch (error) {
      failed.push(`${file} could not be written: ${messageOf(error)}`);
    }
  }
  return { written, failed };
}
