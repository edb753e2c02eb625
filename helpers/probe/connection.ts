import { randomUUID } from 'node:crypto';
import { quote } from '../base/quote.ts';
import { timeouts } from '../base/timeouts.ts';
import type { Shell } from '../kube/shell.ts';

/** What became of one request on an open connection. */
export interface Reply {
  readonly from: string;
  readonly to: string;
  /** `closed`: the connection has ended. `silent`: it is open, and no answer came within the limit. */
  readonly ending: 'answered' | 'closed' | 'silent';
  /** The body of the answer; empty without one. */
  readonly response: string;
}

/** A TCP connection that stays open between requests. */
export interface OpenConnection {
  /** Sends one HTTP request on it; `limit` in ms. Throws when the shell is lost. */
  request(path?: string, limit?: number): Promise<Reply>;
  /** Returns true if the connection has ended. */
  ended(): Promise<boolean>;
  /** Ends the connection. */
  close(): Promise<void>;
}

/**
 * Opens a TCP connection from a Pod to an address and port, by nc. It stays open until it is closed, or the other side or the network ends it. Throws when
 * the shell is lost. A connection that is not established ends at once, or is silent.
 */
export async function openConnection(client: Shell, address: string, port: number): Promise<OpenConnection> {
  const base = `/tmp/connection-${randomUUID()}`;
  const to = `${address}:${port}`;
  // The sleeping process keeps the pipe open for writing between requests.
  await client.run(
    `mkfifo ${base}.in; : >${base}.out; ` +
      `(sleep 3600 >${base}.in & echo $! >${base}.pid; nc ${quote(address)} ${port} <${base}.in >${base}.out & echo $! >${base}.nc; ` +
      `wait $!; : >${base}.ended; kill $(cat ${base}.pid)) >/dev/null 2>&1 &`,
  );
  // nc goes on when the other side has ended its part of the connection. The kernel then calls the state of the socket CLOSE-WAIT.
  const ended = `{ [ -e ${base}.ended ] || ss -Htnp state close-wait | grep -q "pid=$(cat ${base}.nc),"; }`;
  return {
    request: async (path = '/hostname', limit = timeouts.attempt) => {
      // Without a reader, the write to the pipe would wait for ever. A status line follows the body before it, which need not end with a line feed.
      const steps = Math.ceil(limit / 50);
      const { output } = await client.run(
        `before=$(grep -c 'HTTP/1[.]' ${base}.out); ` +
          `if ${ended}; then left=0; else left=${steps}; printf 'GET %s HTTP/1.1\\r\\nHost: connection\\r\\n\\r\\n' ${quote(path)} >>${base}.in; fi; ` +
          `while [ $left -gt 0 ] && [ ! -e ${base}.ended ] && ! { [ $(grep -c 'HTTP/1[.]' ${base}.out) -gt $before ] && tail -c 1 ${base}.out | grep -q '[^[:space:]]'; }; do sleep 0.05; left=$((left - 1)); done; ` +
          `if [ $(grep -c 'HTTP/1[.]' ${base}.out) -gt $before ]; then printf 'answered '; tail -n 1 ${base}.out; elif ${ended}; then printf closed; else printf silent; fi`,
      );
      const [ending = 'silent', response = ''] = output.trim().split(/ (.*)/s);
      return { from: client.name, to: `open connection to ${to}`, ending: ending as Reply['ending'], response };
    },
    ended: async () => (await client.run(ended)).exitCode === 0,
    close: async () => {
      await client.run(`kill $(cat ${base}.pid ${base}.nc) 2>/dev/null; rm -f ${base}.in`);
    },
  };
}
