import { claims, excluded } from '../suites/claims.ts';
import { renderVerdicts } from './claims/verdicts.ts';
import { reportSchema } from './report/format.ts';

/** What `npm run docs` writes: documents that are drawn from the code alone, by their path in the repository. */
export const documents: Readonly<Record<string, () => string>> = {
  'docs/report.schema.json': reportSchema,
  'docs/verdicts.md': () => renderVerdicts(claims, excluded),
};
