import { quote } from '../base/quote.ts';
import type { Shell } from '../kube/shell.ts';
import { NotSettled } from './settle.ts';

/** What became of one datagram. */
export interface FlowReply {
  readonly from: string;
  readonly to: string;
  readonly sourcePort: number;
  /** `silent`: nothing came within the limit. `error`: the kernel reported an error to the socket, of which nc does not say what it was. */
  readonly ending: 'answered' | 'silent' | 'error';
  /** The name of the server that answered; empty without an answer. */
  readonly response: string;
}

/** Datagrams from one source port to one address and port: for the kernel, one connection. */
export interface Flow {
  /** Sends a datagram, by default "hostname", and waits up to 1 s for an answer. Throws when the shell is lost. */
  send(message?: string): Promise<FlowReply>;
}

// Below the ports that kernels choose by themselves, and below node ports. Each flow has its own: two flows with the same port to the same server would be
// told apart by another rewrite.
const sourcePorts = { first: 20_000, count: 9_000 };
let lastPort = Math.floor(Math.random() * sourcePorts.count);

/** Returns the ending of nc, which waits for 1 s: `began` and `ended` are the first fields of /proc/uptime in s. */
export function flowEnding(answer: string, began: number, ended: number): FlowReply['ending'] {
  if (answer !== '') return 'answered';
  // nc ends without a word as soon as its socket has an error.
  return ended - began < 0.9 ? 'error' : 'silent';
}

/** Returns a flow of datagrams from a Pod to an address and port, by nc, from a source port that no other flow has. Sends nothing yet. */
export function openFlow(client: Shell, address: string, port: number): Flow {
  lastPort = (lastPort + 1) % sourcePorts.count;
  const sourcePort = sourcePorts.first + lastPort;
  return {
    send: async (message = 'hostname') => {
      const { output } = await client.run(
        `read began rest </proc/uptime; answer=$(printf %s ${quote(message)} | nc -u -n -p ${sourcePort} -W 1 -w 1 ${quote(address)} ${port} 2>/dev/null); ` +
          `read ended rest </proc/uptime; echo "$began $ended $answer"`,
      );
      const [, began = '', ended = '', response = ''] = /^(\S+) (\S+) ?(.*)$/s.exec(output.trim()) ?? [];
      const ending = flowEnding(response, Number(began), Number(ended));
      return { from: client.name, to: `udp ${address} ${port}`, sourcePort, ending, response };
    },
  };
}

/**
 * Sends the datagram "hostname" `count` times from a Pod, each time from a new source port, and returns the names of the servers in order. Throws NotSettled
 * when any is not answered.
 */
export async function udpSeries(client: Shell, address: string, port: number, count: number): Promise<string[]> {
  const { output } = await client.run(
    `left=${count}; while [ $left -gt 0 ]; do answer=$(printf hostname | nc -u -n -W 1 -w 1 ${quote(address)} ${port} 2>/dev/null); ` +
      `[ -n "$answer" ] || break; echo "$answer"; left=$((left - 1)); done`,
  );
  const names = output.split('\n').filter((line) => line !== '');
  if (names.length !== count)
    throw new NotSettled(`nc from ${client.name} got ${names.length} of ${count} answers from ${address} ${port}`, names.at(-1));
  return names;
}
