import type { Profile } from '../cluster/profiles.ts';

/** Returns two lines for each profile: its name and question, then its arguments for k3s and about how many seconds a run takes. */
export function profileListing(profiles: readonly Profile[]): string {
  return profiles
    .map(({ name, asks, k3sArgs, seconds }) => {
      const how = k3sArgs.length === 0 ? 'passes no argument' : `passes ${k3sArgs.join(' ')}`;
      return `${name.padEnd(12)} ${asks}\n${''.padEnd(13)}${how}${seconds === undefined ? '' : `; about ${seconds} s`}`;
    })
    .join('\n');
}
