import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Returns the path of the first Chromium or Chrome on PATH; undefined when there is none. */
export function findChromium(path = process.env.PATH ?? ''): string | undefined {
  const files = names.flatMap((name) => path.split(delimiter).map((folder) => join(folder, name)));
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs as Jest's global setup of the browser test. Without a browser it prints one paragraph and exits with status 2, so that this cannot be mistaken for a pass. */
export default function requireChromium(): void {
  if (findChromium() !== undefined) return;
  console.error(
    `\nThe browser test is NOT RUN: there is no Chromium or Chrome on PATH (looked for ${names.join(', ')}). On Debian, as root: .ci/setup --browser, or apt-get install --no-install-recommends chromium. Elsewhere install Chrome and put it on PATH by one of these names.\n`,
  );
  process.exit(2);
}
