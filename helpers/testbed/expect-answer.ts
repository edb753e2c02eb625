import type { Shell } from '../kube/shell.ts';
import { dig, type DnsAnswer, type DnsQuery } from '../probe/dig.ts';
import type { RecordType } from '../probe/resolve.ts';
import { settle } from '../probe/settle.ts';

/** How a name is asked for, and for how long in ms; by default timeouts.settled. */
export type AwaitedAnswer = DnsQuery & { readonly within?: number };

/** Asks for a full name until the answer of the name server is as awaited, and returns that answer. Throws NotSettled, and what dig throws. */
export type ExpectAnswer = (
  client: Shell | Promise<Shell>,
  name: string,
  waitingFor: string,
  accept: (answer: DnsAnswer) => boolean,
  query?: AwaitedAnswer,
) => Promise<DnsAnswer | undefined>;

/** Returns the function that asks for records of a type, where no other is named. */
export function expectAnswerOf(type: RecordType): ExpectAnswer {
  return async (client, name, waitingFor, accept, { within, ...query } = {}) => {
    const shell = await client;
    const [answer] = await settle(() => dig(shell, name, { type, ...query }), {
      waitingFor: `${waitingFor} for ${query.type ?? type} of ${name}`,
      accept: ([first]) => first !== undefined && accept(first),
      ...(within === undefined ? {} : { within }),
    });
    return answer;
  };
}

/** Whether the name server says that there is no such name. */
export function isNoName({ status, answer }: DnsAnswer): boolean {
  return status === 'NXDOMAIN' && answer.length === 0;
}
