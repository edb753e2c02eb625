import { type Difference, differencesOf, type Run } from './compare-checks.ts';
import { type Why, whyTheyMayDiffer } from './compare-why.ts';

/** A claim in the runs that are compared. */
export interface Row {
  readonly id: string;
  readonly says: string;
  /** Its verdict and outcome in each run, in a few words. */
  readonly cells: readonly string[];
  readonly differences: readonly Difference[];
  /** Why the runs may differ here. */
  readonly why: readonly Why[];
}

/** Runs side by side, with the claims in which they differ and those in which they agree. */
export interface Comparison {
  readonly runs: readonly Run[];
  /** Claims whose outcome or verdict differs. */
  readonly differing: readonly Row[];
  /** Claims of the same outcome and verdict that were seen differently: a check or a connection of theirs ended differently, or the reason differs. */
  readonly seenDifferently: readonly Row[];
  readonly same: readonly Row[];
}

/** Stands where a run does not have a claim. */
export const none = '–';

/** Compares runs claim by claim, in the order of the first run's ledger. Claims that only later runs have come last. */
export function compareReports(runs: readonly Run[]): Comparison {
  const ids = [...new Set(runs.flatMap(({ report }) => report.claims.map(({ id }) => id)))];
  const rows = ids.map((id): Row => {
    const claims = runs.map(({ report }) => report.claims.find((claim) => claim.id === id));
    const verdicts = new Set(claims.flatMap((claim) => claim?.verdict ?? []));
    const cells = claims.map((claim) => {
      if (claim === undefined) return none;
      return verdicts.size > 1 ? `${claim.verdict}, ${claim.outcome}` : claim.outcome;
    });
    const differences = differencesOf(runs, claims);
    const why = whyTheyMayDiffer(runs, claims, differences);
    return { id, says: claims.find((claim) => claim !== undefined)?.says ?? '', cells, differences, why };
  });
  const differs = ({ cells }: Row) => new Set(cells).size > 1;
  return {
    runs,
    differing: rows.filter(differs),
    seenDifferently: rows.filter((row) => !differs(row) && row.differences.length > 0),
    same: rows.filter((row) => !differs(row) && row.differences.length === 0),
  };
}

/** Returns whether the runs differ in an outcome or a verdict. `npm run compare` then exits with status 1. */
export function differsInOutcome({ differing }: Comparison): boolean {
  return differing.length > 0;
}
