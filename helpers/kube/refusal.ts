import type { ApiException, V1Status } from '@kubernetes/client-node';

/** The API server's own words for why it refused a request: code and message of its Status, or all it said. Rethrows anything else. */
export function refusal(error: unknown): { code: number; message: string } {
  const { code, body } = error as ApiException<string>;
  if (typeof code !== 'number' || typeof body !== 'string') throw error;
  try {
    return { code, message: (JSON.parse(body) as V1Status).message ?? body };
  } catch {
    return { code, message: body };
  }
}
