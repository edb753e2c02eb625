import { homedir } from 'node:os';
import { join } from 'node:path';

/** Returns the folder for what this user's later runs need again. XDG_CACHE_HOME moves it. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'clusterip-conformance');
}
