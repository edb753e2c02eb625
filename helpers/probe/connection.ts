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
  // A body need not end its line, so that the next answer may begin in the middle of one.
  const answers = `$(grep -o 'HTTP/1[.]1 ' ${base}.out | wc -l)`;
  // The sleeping process keeps the pipe open for writing between requests.
  await client.run(
    `mkfifo ${base}.in; : >${base}.out; ` +
      `(sleep 3600 >${base}.in & echo $! >${base}.pid; nc ${quote(address)} ${port} <${base}.in >${base}.out 2>/dev/null; : >${base}.ended; kill $(cat ${base}.pid)) >/dev/null 2>&1 &`,
  );
  return {
    request: async (path = '/hostname', limit = timeouts.attempt) => {
      // Without a reader, the write to the pipe would wait for ever.
      const steps = Math.ceil(limit / 50);
      const { output } = await client.run(
        `before=${answers}; ` +
          `[ -e ${base}.ended ] || printf 'GET %s HTTP/1.1\\r\\nHost: connection\\r\\n\\r\\n' ${quote(path)} >>${base}.in; ` +
          `left=${steps}; while [ $left -gt 0 ] && [ ! -e ${base}.ended ] && ! { [ ${answers} -gt $before ] && tail -c 1 ${base}.out | grep -q '[^[:space:]]'; }; do sleep 0.05; left=$((left - 1)); done; ` +
          `if [ ${answers} -gt $before ]; then printf 'answered '; tail -n 1 ${base}.out; elif [ -e ${base}.ended ]; then printf closed; else printf silent; fi`,
      );
      const [ending = 'silent', response = ''] = output.trim().split(/ (.*)/s);
      return { from: client.name, to: `open connection to ${to}`, ending: ending as Reply['ending'], response };
    },
    ended: async () => (await client.run(`[ -e ${base}.ended ]`)).exitCode === 0,
    close: async () => {
      await client.run(`kill $(cat ${base}.pid) 2>/dev/null; rm -f ${base}.in`);
    },
  };
}
