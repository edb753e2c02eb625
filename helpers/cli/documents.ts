import { loadMutants } from '../../mutants/load.ts';
import { unkillable } from '../../mutants/unkillable.ts';
import { claims, excluded } from '../ledger/claims.ts';
import { e2eTests } from '../ledger/e2e.ts';
import { renderCoverage } from '../report/coverage.ts';
import { renderErrata } from '../report/errata.ts';
import { renderExistingClusters } from '../report/existing-clusters.ts';
import { renderHandout } from '../report/handout.ts';
import { renderSymptoms } from '../report/symptoms.ts';
import { renderVerdicts } from '../report/verdicts.ts';
import { reportSchema } from '../report/format.ts';
import { brokenClusters } from './broken-clusters.ts';
import { readBroken } from './broken-clusters-file.ts';
import { readObserved } from './observed-file.ts';

const mutants = await loadMutants();

/** What `npm run docs` writes: documents that are drawn from the code and from what is recorded of runs, by their path in the repository. */
export const documents: Readonly<Record<string, () => string>> = {
  'docs/broken-clusters.md': () => brokenClusters(mutants, unkillable, readBroken(mutants)),
  'docs/coverage.md': () => renderCoverage(claims, e2eTests),
  'docs/errata.md': () => renderErrata(claims, readObserved()),
  'docs/lesson.md': () => renderHandout(claims, excluded),
  'docs/existing-clusters.md': () => renderExistingClusters(claims),
  'docs/report.schema.json': reportSchema,
  'docs/symptoms.md': renderSymptoms,
  'docs/verdicts.md': () => renderVerdicts(claims, excluded),
};
