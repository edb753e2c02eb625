/**
 * How a connection can end. `broken` is an ending that the suite does not recognise: then the suite is at fault, not the cluster.
 * What each means is explained in docs/reading-a-report.md.
 */
export const endings = [
  'answered',
  'other answer',
  'refused',
  'timed out',
  'unresolved',
  'no DNS answer',
  'unreachable',
  'broken',
] as const;

/** How a connection ended. */
export type Ending = (typeof endings)[number];
