import { setTimeout } from 'node:timers/promises';
import { type PromiseHttpLibrary, type ResponseContext } from '@kubernetes/client-node';

/** Returns after how many ms the API server wants the request again, or undefined when it does not: as a busy one does that limits its clients. */
function wantedAfter({ httpStatusCode, headers }: ResponseContext): number | undefined {
  const seconds = headers['retry-after'] ?? '';
  return (httpStatusCode === 429 || httpStatusCode >= 500) && /^\d+$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

/** Whether the other side ended a connection before it answered: as a load balancer does when it takes an API server out of service. */
function lostConnection(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
  return code === 'ECONNRESET' || code === 'UND_ERR_SOCKET';
}

/**
 * Returns an HTTP client that sends a request again where kubectl would. After 429 and 5xx it does so when the response says after how many seconds, and
 * after 1 s when the connection of a GET was lost. After that many retries, it returns or throws what it got last.
 * https://github.com/kubernetes/client-go/blob/v0.36.0/rest/with_retry.go
 */
export function withRetries(http: PromiseHttpLibrary, retries: number): PromiseHttpLibrary {
  return {
    send: async (request) => {
      for (let left = retries; ; left--) {
        let after: number | undefined;
        try {
          const response = await http.send(request);
          after = wantedAfter(response);
          if (left === 0 || after === undefined) return response;
          // An unread body keeps its connection.
          await response.body.text();
        } catch (error) {
          if (left === 0 || request.getHttpMethod() !== 'GET' || !lostConnection(error)) throw error;
        }
        await setTimeout(after ?? 1000);
      }
    },
  };
}
