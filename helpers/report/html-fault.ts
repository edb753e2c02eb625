import type { Report } from './format.ts';
import { type Markup, markup, prose } from './markup.ts';
import { faultInWords } from './words.ts';

/**
 * Returns what a report opens with where a part of the cluster's network does not work: the layer at fault, what to look at, what works, and what was not run.
 * Returns null where all of it works.
 */
export function faultFirst(report: Report): Markup | null {
  const words = faultInWords(report);
  if (report.fault === undefined || words === undefined) return null;
  const { stopped, layers, layer } = report.fault;
  return markup`
    <section class="red" aria-labelledby="part-fault">
      <h2 id="part-fault">${stopped ? 'Stopped' : 'Incomplete'}</h2>
      <p class="lead">${stopped ? 'The run was stopped, because the network of the cluster does not work.' : `${layer} of the cluster does not work, so the claims that need it were skipped.`}</p>
      <p>${prose(words.atFault)} ${words.notRun}</p>
      <h3>What to do</h3>
      <ol class="steps">
        ${words.lookAt.map((place) => markup`<li>Look at: ${prose(place)}</li>`)}
        <li>Then run again. ${stopped ? 'Nothing is known about the claims that were not run.' : `Nothing is known about the claims that need ${layer}.`}</li>
      </ol>
      <h3>What was tried</h3>
      <ul class="layers">
        ${layers.map(({ name, works, seen }) => markup`<li><b class=${works ? 'works' : 'fails'}><span aria-hidden="true">${works ? '✔' : '✘'}</span> ${name} ${works ? 'works' : 'does not work'}</b> <span>${prose(seen)}</span></li>`)}
      </ul>
    </section>
  `;
}
