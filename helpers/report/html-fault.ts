import type { Report } from './format.ts';
import { type Markup, markup, prose } from './markup.ts';
import { conclusion, faultLines } from './words.ts';

/** Returns the notice that a run was stopped or skipped claims, because a part of the cluster's network does not work; null where all of it does. */
export function faultNotice(report: Report): Markup | null {
  if (report.fault === undefined) return null;
  return markup`
    <aside class="notice" aria-label="The network of the cluster does not work">
      <p><strong>${conclusion(report)[0]}</strong></p>
      <ul>${faultLines(report).map((line) => markup`<li>${prose(line)}</li>`)}</ul>
    </aside>
  `;
}
