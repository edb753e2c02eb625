import { z } from 'zod';

/** What the launcher asks of the Jest process that it starts. Handed on in the variable CONFORMANCE_RUN. */
export interface RunRequest {
  /** The launcher's process, as ownerOf names it: everything ends with it. */
  readonly owner: string;
  /** The arguments of the command as a person typed them. */
  readonly typed: readonly string[];
  /** The ids of the claims to show. */
  readonly claims: readonly string[];
  /** Whether the run stops where the cluster's network does not work at all. Off where the cluster is broken on purpose. */
  readonly stopEarly: boolean;
}

const variable = 'CONFORMANCE_RUN';
const schema = z.object({ owner: z.string(), typed: z.array(z.string()), claims: z.array(z.string()), stopEarly: z.boolean() });

/** Returns the environment by which Jest gets a request. */
export function environmentOf(request: RunRequest): Record<string, string> {
  return { [variable]: JSON.stringify(request) };
}

/** Returns the request of this process, or undefined where none was made, as in Jest started by hand. Throws when it is not one. */
export function currentRequest(environment: NodeJS.ProcessEnv = process.env): RunRequest | undefined {
  const text = environment[variable];
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}
