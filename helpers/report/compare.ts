import { type ClaimInRuns, type Difference, differencesOf, type Run } from './compare-checks.ts';
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
  /** Claims that some runs were narrowed to leave out, and on which the other runs agree. */
  readonly leftOut: readonly Row[];
  readonly same: readonly Row[];
}

/** Stands where a run does not have a claim. */
export const none = '–';

/** Returns the runs that were asked for a claim, by their numbers. A run that was stopped had asked for more than it has. */
function askedFor(runs: readonly Run[], claims: ClaimInRuns): number[] {
  return [...runs.keys()].filter((index) => claims[index]?.outcome !== 'not asked for' || runs[index]?.report.fault?.stopped === true);
}

/** Compares runs claim by claim, in the order of the first run's ledger. Claims that only later runs have come last. */
export function compareReports(runs: readonly Run[]): Comparison {
  const ids = [...new Set(runs.flatMap(({ report }) => report.claims.map(({ id }) => id)))];
  const rows = ids.map((id) => {
    const claims = runs.map(({ report }) => report.claims.find((claim) => claim.id === id));
    const verdicts = new Set(claims.flatMap((claim) => claim?.verdict ?? []));
    const cells = claims.map((claim) => {
      if (claim === undefined) return none;
      return verdicts.size > 1 ? `${claim.verdict}, ${claim.outcome}` : claim.outcome;
    });
    const differences = differencesOf(runs, claims);
    const why = whyTheyMayDiffer(runs, claims, differences);
    const row: Row = { id, says: claims.find((claim) => claim !== undefined)?.says ?? '', cells, differences, why };
    const asked = verdicts.size > 1 ? [...runs.keys()] : askedFor(runs, claims);
    const [ofRuns, ofClaims] = [runs, claims].map((all) => asked.map((index) => all[index])) as [Run[], ClaimInRuns];
    return {
      row,
      differs: new Set(asked.map((index) => cells[index])).size > 1,
      seenDifferently: differencesOf(ofRuns, ofClaims).length > 0,
      leftOut: asked.length > 0 && asked.length < runs.length,
    };
  });
  const alike = rows.filter(({ differs }) => !differs);
  const seenAlike = alike.filter(({ seenDifferently }) => !seenDifferently);
  const rowsOf = (those: typeof rows) => those.map(({ row }) => row);
  return {
    runs,
    differing: rowsOf(rows.filter(({ differs }) => differs)),
    seenDifferently: rowsOf(alike.filter(({ seenDifferently }) => seenDifferently)),
    leftOut: rowsOf(seenAlike.filter(({ leftOut }) => leftOut)),
    same: rowsOf(seenAlike.filter(({ leftOut }) => !leftOut)),
  };
}

/** Returns whether the runs differ in an outcome or a verdict. `npm run compare` then exits with status 1. */
export function differsInOutcome({ differing }: Comparison): boolean {
  return differing.length > 0;
}
