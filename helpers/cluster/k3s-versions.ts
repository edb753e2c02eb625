import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../manifests/nightly');

/** Returns the k3s releases of the nightly run by minor version, oldest first, as manifests/nightly pins them. Throws when a file there pins none. */
export function nightlyVersions(): Readonly<Record<string, string>> {
  const minors = readdirSync(folder).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return Object.fromEntries(
    minors.map((minor) => {
      const file = join(folder, minor, 'Dockerfile');
      const version = /^FROM rancher\/k3s:(\S+)$/m.exec(readFileSync(file, 'utf8'))?.[1];
      if (version === undefined) throw new Error(`${file} names no k3s release`);
      return [minor, version];
    }),
  );
}
