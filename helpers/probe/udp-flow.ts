import { randomUUID } from 'node:crypto';
import { quote } from '../base/quote.ts';
import { timeouts } from '../base/timeouts.ts';
import type { Shell } from '../kube/shell.ts';
import type { Reply } from './connection.ts';

/** A UDP socket that keeps its source port, so that the kernel takes all its datagrams for one flow. */
export interface UdpFlow {
  /** Sends one datagram and waits for the next answer, which may be a late one to an earlier datagram; `limit` in ms. Throws when the shell is lost. */
  send(message?: string, limit?: number): Promise<Reply>;
  /** Closes the socket. */
  close(): Promise<void>;
}

/** Opens a UDP socket in a Pod that sends to one address and port, by nc. Throws when the shell is lost. */
export async function openUdpFlow(client: Shell, address: string, port: number): Promise<UdpFlow> {
  const base = `/tmp/flow-${randomUUID()}`;
  // The sleeping process keeps the pipe open for writing between datagrams.
  await client.run(
    `mkfifo ${base}.in; : >${base}.out; ` +
      `(sleep 3600 >${base}.in & echo $! >${base}.pids; nc -u ${quote(address)} ${port} <${base}.in >${base}.out & echo $! >>${base}.pids; ` +
      `wait $!; : >${base}.ended; kill $(cat ${base}.pids)) >/dev/null 2>&1 &`,
  );
  return {
    send: async (message = 'hostname', limit = timeouts.attempt) => {
      const steps = Math.ceil(limit / 50);
      const { output } = await client.run(
        `before=$(wc -c <${base}.out); ` +
          // Without a reader, the write to the pipe would wait for ever.
          `[ -e ${base}.ended ] || printf %s ${quote(message)} >>${base}.in; ` +
          `left=${steps}; while [ $left -gt 0 ] && [ ! -e ${base}.ended ] && [ $(wc -c <${base}.out) -le $before ]; do sleep 0.05; left=$((left - 1)); done; ` +
          `if [ $(wc -c <${base}.out) -gt $before ]; then printf 'answered '; tail -c +$((before + 1)) ${base}.out; elif [ -e ${base}.ended ]; then printf closed; else printf silent; fi`,
      );
      return replyIn(output, { from: client.name, to: `udp flow to ${address}:${port}` });
    },
    close: async () => {
      await client.run(`kill $(cat ${base}.pids) 2>/dev/null; rm -f ${base}.in`);
    },
  };
}

/** Returns the reply in what the command printed: the ending, and after a space the answer. */
export function replyIn(printed: string, { from, to }: Pick<Reply, 'from' | 'to'>): Reply {
  const [ending = 'silent', response = ''] = printed.trim().split(/ (.*)/s);
  return { from, to, ending: ending as Reply['ending'], response };
}
