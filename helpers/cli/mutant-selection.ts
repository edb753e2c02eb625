import { breakageOn, type Mutant, type MutantProfile, mutantProfiles } from '../../mutants/mutant.ts';
import { UsageError } from '../base/usage-error.ts';

/** Returns the profile, where mutants are run on its cluster. Throws a UsageError for any other. */
export function mutantProfile(profile: string | undefined): MutantProfile {
  const found = mutantProfiles.find((name) => name === profile);
  if (found !== undefined) return found;
  throw new UsageError(
    `No mutant is written for a cluster of the profile ${profile}: unset CONFORMANCE_PROFILE, or set it to one of ${mutantProfiles.slice(1).join(', ')}.`,
  );
}

/**
 * Returns the names of the mutants to run on the cluster of a profile: those that are named, in that order, or else all that it can be broken by. Throws a
 * UsageError for a name that no mutant has, and for mutants that do not fit this cluster.
 */
export function selectMutants(mutants: Readonly<Record<string, Mutant>>, wanted: readonly string[], profile: MutantProfile): string[] {
  const names = Object.keys(mutants);
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new UsageError(`There is no mutant ${unknown.join(', ')}. There are ${names.join(', ')}.`);
  const unfit = Object.fromEntries(
    Object.entries(mutants).flatMap(([name, mutant]) => {
      const breakage = breakageOn(profile, mutant);
      return 'unfit' in breakage ? [[name, breakage.unfit]] : [];
    }),
  );
  if (wanted.length === 0) return names.filter((name) => !(name in unfit));
  const refused = wanted.filter((name) => name in unfit);
  if (refused.length > 0) {
    const lines = refused.map((name) => `${name}: ${unfit[name]}`);
    throw new UsageError(`Not every mutant that is named can be run on a cluster of the profile ${profile}.\n${lines.join('\n')}`);
  }
  return [...wanted];
}
