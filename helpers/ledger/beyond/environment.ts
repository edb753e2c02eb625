import type { Claim } from '../row.ts';

/** Claims of this topic. Ids are never changed; verdicts are what a person found to be true. */
export const environment = {} as const satisfies Record<string, Claim>;
