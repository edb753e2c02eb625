import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../base/message-of.ts';
import { UsageError } from '../base/usage-error.ts';

/** How Docker's configuration names Docker Hub. */
const dockerHub = 'https://index.docker.io/v1/';

/** What the engine needs to log in to a registry: a user with a password, or an identity token. */
export type Credentials = { username: string; password: string; email?: string } | { identitytoken: string };

/**
 * Throws a UsageError when the user's Docker configuration cannot be read. testcontainers reads it while it loads, and would end this process with a
 * stack trace.
 */
export function checkDockerConfig(): void {
  const file = join(process.env.DOCKER_CONFIG || join(homedir(), '.docker'), 'config.json');
  const inEnvironment = process.env.DOCKER_AUTH_CONFIG;
  if (!inEnvironment && !existsSync(file)) return;
  try {
    const config: unknown = JSON.parse(inEnvironment || readFileSync(file, 'utf8'));
    if (config === null || typeof config !== 'object') throw new Error('it is no JSON object');
  } catch (error) {
    throw new UsageError(
      `Docker's configuration in ${inEnvironment ? 'DOCKER_AUTH_CONFIG' : file} cannot be read: ${messageOf(error)}. Correct it, or ` +
        'set DOCKER_CONFIG to another folder. The suite takes credentials for registries from it.',
    );
  }
}

/**
 * Returns the credentials for the registry of an image, or undefined when there are none. They come from the user's Docker configuration, which may name
 * a credential helper: config.json in DOCKER_CONFIG or ~/.docker, or the text in DOCKER_AUTH_CONFIG. Throws when the helper fails.
 */
export async function credentialsFor(image: string): Promise<Credentials | undefined> {
  const { getAuthConfig, ImageName } = await import('testcontainers/build/container-runtime/index.js');
  const { registry } = ImageName.fromString(image);
  const found = await getAuthConfig(registry === undefined || registry === 'docker.io' ? dockerHub : registry);
  if (found === undefined) return undefined;
  if ('identityToken' in found) return { identitytoken: found.identityToken };
  return { username: found.username, password: found.password, ...(found.email === undefined ? {} : { email: found.email }) };
}
