import { claims, excluded } from '../ledger/claims.ts';
import { renderVerdicts } from '../report/verdicts.ts';
import { reportSchema } from '../report/format.ts';

/** What `npm run docs` writes: documents that are drawn from the code alone, by their path in the repository. */
export const documents: Readonly<Record<string, () => string>> = {
  'docs/report.schema.json': reportSchema,
  'docs/verdicts.md': () => renderVerdicts(claims, excluded),
};
