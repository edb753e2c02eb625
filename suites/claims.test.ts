import { wantedSuites } from '../helpers/testbed/testbed.ts';

// The one file that Jest runs. It loads the suites that have a wanted claim, so that all claims are shown side by side in one process, and what they use is
// loaded once.
for (const suite of wantedSuites) await import(`./${suite}.test.ts`);
