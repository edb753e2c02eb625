import type { V1Status } from '@kubernetes/client-node';

/** A request that the API server refused. Its message is one line; the client's own has the whole exchange. */
export class Refused extends Error {
  /** The HTTP status. */
  readonly code: number;
  /** A Status as JSON, or what a proxy in between answered. */
  readonly body: string;

  constructor(code: number, body: string) {
    super(`the API server answered ${code}: ${messageIn(body).replaceAll(/\s*\n\s*/g, ' ')}`);
    this.code = code;
    this.body = body;
  }
}

function messageIn(body: string): string {
  try {
    return (JSON.parse(body) as V1Status).message ?? body;
  } catch {
    return body;
  }
}

/** Returns why the API server refused a request: code and message of its Status, or the whole body. Throws any other error again. */
export function refusal(error: unknown): { code: number; message: string } {
  const { code, body } = error as Partial<Refused>;
  if (typeof code !== 'number' || typeof body !== 'string') throw error;
  return { code, message: messageIn(body) };
}
