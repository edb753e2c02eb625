import { nightlyVersions } from '../cluster/k3s-versions.ts';
import { profiles } from '../cluster/profiles.ts';
import { noArguments } from './given-arguments.ts';
import { main } from './main.ts';

// The matrix of the nightly run: every version with every profile that leaves the version open, in the form in which GitHub Actions reads a step's output.
// Nothing here needs a package, so it runs before `npm ci`.
await main(() => {
  noArguments('npm run k3s:versions prints the matrix of the nightly run, and takes no arguments.');
  console.log(`k3s=${JSON.stringify(Object.entries(nightlyVersions()).map(([minor, version]) => ({ minor, version })))}`);
  console.log(`profiles=${JSON.stringify(profiles.filter(({ minor }) => minor === undefined).map(({ name }) => name))}`);
  return 0;
});
