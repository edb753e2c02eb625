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

type List = Exclude<keyof Comparison, 'runs'>;

/** Returns in which list a claim belongs. Only runs that were asked for it count; one that was stopped had asked for more than it has. */
function listOf(runs: readonly Run[], claims: ClaimInRuns, { cells, differences }: Row): List {
  if (new Set(claims.flatMap((claim) => claim?.verdict ?? [])).size > 1) return 'differing';
  const asked = (index: number) => claims[index]?.outcome !== 'not asked for' || runs[index]?.report.fault?.stopped === true;
  const ofAsked = <T>(all: readonly T[]) => all.filter((_, index) => asked(index));
  const several = new Set(ofAsked(cells)).size;
  if (several > 1) return 'differing';
  const everyRun = ofAsked(runs).length === runs.length;
  const seen = everyRun ? differences : differencesOf(ofAsked(runs), ofAsked(claims));
  if (seen.length > 0) return 'seenDifferently';
  return everyRun || several === 0 ? 'same' : 'leftOut';
}

/** Compares runs claim by claim, in the order of the first run's ledger. Claims that only later runs have come last. */
export function compareReports(runs: readonly Run[]): Comparison {
  const ids = [...new Set(runs.flatMap(({ report }) => report.claims.map(({ id }) => id)))];
  const lists: Record<List, Row[]> = { differing: [], seenDifferently: [], leftOut: [], same: [] };
  for (const id of ids) {
    const claims = runs.map(({ report }) => report.claims.find((claim) => claim.id === id));
    const verdicts = new Set(claims.flatMap((claim) => claim?.verdict ?? []));
    const cells = claims.map((claim) => {
      if (claim === undefined) return none;
      return verdicts.size > 1 ? `${claim.verdict}, ${claim.outcome}` : claim.outcome;
    });
    const differences = differencesOf(runs, claims);
    const why = whyTheyMayDiffer(runs, claims, differences);
    const row: Row = { id, says: claims.find((claim) => claim !== undefined)?.says ?? '', cells, differences, why };
    lists[listOf(runs, claims, row)].push(row);
  }
  return { runs, ...lists };
}

/** Returns whether the runs differ in an outcome or a verdict. `npm run compare` then exits with status 1. */
export function differsInOutcome({ differing }: Comparison): boolean {
  return differing.length > 0;
}
