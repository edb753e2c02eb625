import { join } from 'node:path';
import { writeWhole } from '../write-whole.ts';
import type { Report } from './format.ts';
import { renderHtml } from './html.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';

/** What is drawn from a report, by the name of its file. */
const renderings: Readonly<Record<string, (report: Report) => string>> = {
  'report.html': renderHtml,
  'report.md': renderMarkdown,
  'junit.xml': renderJunit,
};

/** Draws every rendering of a report into a folder. Returns the files written, and a line for each that could not be. */
export function writeRenderings(report: Report, folder: string): { written: string[]; failed: string[] } {
  const written: string[] = [];
  const failed: string[] = [];
  for (const [name, render] of Object.entries(renderings)) {
    const file = join(folder, name);
    try {
      writeWhole(file, render(report));
      written.push(file);
    } catch (error) {
      failed.push(`${file} could not be written: ${(error as Error).message}`);
    }
  }
  return { written, failed };
}
