import { nightlyVersions } from '../cluster/k3s-versions.ts';

// As GitHub Actions reads a step's output; nothing here needs a package, so it runs before `npm ci`.
console.log(`k3s=${JSON.stringify(Object.values(nightlyVersions()))}`);
