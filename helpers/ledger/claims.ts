import { beyond } from './beyond.ts';
import { chapter, excludedFromChapter } from './chapter.ts';
import type { Claim, Excluded } from './row.ts';

/** Every claim, by its id and in the order of the chapter, then of the topics beyond it. The types know each id and its checks. */
export const claims = { ...chapter, ...beyond };

/** The id of a claim. */
export type ClaimId = keyof typeof claims;
/** The ids of the checks of a claim. */
export type CheckId<Id extends ClaimId = ClaimId> = (typeof claims)[Id]['checks'][number];

/** The same claims for code that treats all of them alike. */
export const ledger: Readonly<Record<string, Claim>> = claims;

/** Sentences that no cluster can decide. */
export const excluded: readonly Excluded[] = [...excludedFromChapter];
