import { readSettings } from '../cluster/settings.ts';
import { main, say } from './main.ts';
import { claimsFor } from './selection.ts';
import { requestOf } from './test-arguments.ts';

await main(async ({ signal }) => {
  const asked = requestOf(process.argv.slice(2));
  const settings = readSettings();
  const request = { ...asked, claims: claimsFor(settings.profile, asked.claims) };
  // Loaded late, so that bad input is reported at once: the clients of engine and cluster take a second to load.
  const { showClaims } = await import('./run-claims.ts');
  const report = await showClaims(settings, request, { signal, say });
  if (settings.keep)
    say(
      settings.adopt === undefined
        ? 'kept: the cluster, and the namespaces of red claims; npm run cluster:stop removes it'
        : `kept: the namespaces of red claims; CONFORMANCE_CONTEXT=${settings.adopt.context} npm run clean removes them`,
    );
  return report?.exitStatus ?? 3;
});
