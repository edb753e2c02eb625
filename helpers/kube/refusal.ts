import type { ApiException, V1Status } from '@kubernetes/client-node';

/** Returns why the API server refused a request: code and message of its Status, or the whole body. Throws any other error again. */
export function refusal(error: unknown): { code: number; message: string } {
  const { code, body } = error as ApiException<string>;
  if (typeof code !== 'number' || typeof body !== 'string') throw error;
  try {
    return { code, message: (JSON.parse(body) as V1Status).message ?? body };
  } catch {
    return { code, message: body };
  }
}
