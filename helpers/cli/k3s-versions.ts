import { nightlyVersions } from '../cluster/k3s-versions.ts';
import { profiles } from '../cluster/profiles.ts';

// The matrix of the nightly run: every version with every profile that leaves the version open, in the form in which GitHub Actions reads a step's output.
// Nothing here needs a package, so it runs before `npm ci`.
console.log(`k3s=${JSON.stringify(Object.entries(nightlyVersions()).map(([minor, version]) => ({ minor, version })))}`);
console.log(`profiles=${JSON.stringify(profiles.filter(({ minor }) => minor === undefined).map(({ name }) => name))}`);
