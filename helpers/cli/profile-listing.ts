import type { Profile } from '../cluster/profiles.ts';

/** Returns how a profile starts its cluster. */
function how({ k3sArgs, nodes, minor }: Profile): string {
  return [
    ...(nodes === 1 ? [] : [`${nodes} nodes`]),
    ...(minor === undefined ? [] : ['a node of the minor version before']),
    k3sArgs.length === 0 ? 'passes no argument' : `passes ${k3sArgs.join(' ')}`,
  ].join(', ');
}

/**
 * Returns for each profile its name and question, how it starts its cluster, and the capabilities that it gives. A profile that is not for all claims lists
 * its own. About how many seconds a run takes comes last.
 */
export function profileListing(profiles: readonly Profile[]): string {
  return profiles
    .map((profile) => {
      const { name, asks, gives, claims, seconds } = profile;
      return [
        `${name.padEnd(14)} ${asks}`,
        `${how(profile)}; about ${seconds} s`,
        ...(gives.length === 0 ? [] : [`gives: ${gives.join(', ')}`]),
        ...(claims === undefined ? [] : [`only for: ${claims.join(', ')}`]),
      ].join(`\n${''.padEnd(15)}`);
    })
    .join('\n');
}
