import { createRequire } from 'node:module';

/** Returns the parser of YAML. It loads only when it is needed: every command reads the settings, and few of them name a file of YAML. */
export function yaml(): typeof import('yaml') {
  return createRequire(import.meta.url)('yaml') as typeof import('yaml');
}
