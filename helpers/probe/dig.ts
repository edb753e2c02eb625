import { isIP } from 'node:net';
import { quote } from '../base/quote.ts';
import { timeouts } from '../base/timeouts.ts';
import type { Shell } from '../kube/shell.ts';

/** One resource record of a DNS message. */
export interface DnsRecord {
  /** The full name, with its final dot. */
  readonly name: string;
  /** In s. */
  readonly ttl: number;
  /** Such as A, CNAME or SRV. */
  readonly type: string;
  /** As dig prints it: an address, a name with its final dot, or `<priority> <weight> <port> <name>` of SRV. */
  readonly data: string;
}

/** The answer of a name server to one query, or why there was none. */
export interface DnsAnswer {
  /** The full name that was asked for, with its final dot. */
  readonly name: string;
  /** The address of the name server; empty where it is unknown. */
  readonly server: string;
  /** The response code, such as NOERROR or NXDOMAIN, or why there was no answer, such as `timed out`. */
  readonly status: string;
  /** Such as qr, aa, rd, ra, and tc where the answer was cut to the size of the message. */
  readonly flags: readonly string[];
  readonly answer: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
}

/** How a query is sent. */
export interface DnsQuery {
  /** Default A. With PTR, the name may be an address, whose reverse name is asked for. */
  readonly type?: string;
  /** The address of the name server; by default the client's own. */
  readonly server?: string;
  /** Over TCP. Default UDP, without EDNS, so that an answer has at most 512 bytes; one that was cut is not asked for again over TCP. */
  readonly tcp?: boolean;
  /** How many times it is sent, one after the other. Default 1. */
  readonly times?: number;
}

function recordsIn(printed: string, section: string): DnsRecord[] {
  const [, text = ''] = printed.split(`;; ${section} SECTION:\n`);
  const lines = (text.split(/\n(?:\n|;;)/)[0] ?? '').split('\n');
  return lines.flatMap((line) => {
    const [, name, ttl, type, data] = /^([^;\s]\S*)\s+(\d+)\s+IN\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return name === undefined || type === undefined || data === undefined ? [] : [{ name, ttl: Number(ttl), type, data: data.trim() }];
  });
}

/**
 * Returns the answers in what dig printed with +qr: before each answer, the query as it is sent. One over TCP is not printed where there was no connection.
 */
export function answersIn(printed: string): DnsAnswer[] {
  return printed
    .split(/^(?=;; (?:Sending:|Connection to ))/m)
    .filter((part) => /^;; (?:Sending:|Connection to )/.test(part))
    .map((sent) => {
      const [query = '', answer = ''] = sent.split(/^;; Got answer:$/m);
      const [, unconnected, why] = /^;; Connection to .* for (\S+) failed: (.*?)\.?$/m.exec(query) ?? [];
      const [, silent, failure = why] = /^;; communications error to ([^#\s]+)#\d+: (.*)$/m.exec(sent) ?? [];
      return {
        name: unconnected ?? /^;(\S+)\s+IN\s+\S+$/m.exec(query)?.[1] ?? '',
        server: silent ?? /^;; SERVER: ([^#\s]+)/m.exec(answer)?.[1] ?? '',
        status: /status: (\w+)/.exec(answer)?.[1] ?? failure ?? 'no answer',
        flags: (/^;; flags: ([^;]*);/m.exec(answer)?.[1] ?? '').split(' ').filter((flag) => flag !== ''),
        answer: recordsIn(answer, 'ANSWER'),
        authority: recordsIn(answer, 'AUTHORITY'),
        additional: recordsIn(answer, 'ADDITIONAL'),
      };
    });
}

/**
 * Sends queries for a full name from a Pod with dig, without its search list, and returns the answer to each. Throws when the shell is lost, or has no dig.
 */
export async function dig(
  client: Shell,
  name: string,
  { type = 'A', server, tcp = false, times = 1 }: DnsQuery = {},
): Promise<DnsAnswer[]> {
  const seconds = Math.ceil(timeouts.query / 1000);
  const options = `+qr +noedns ${tcp ? '+tcp' : '+ignore'} +tries=1 +timeout=${seconds}`;
  const question = type === 'PTR' && isIP(name) !== 0 ? `-x ${quote(name)}` : `${quote(name)} ${quote(type)}`;
  const query = `${question} ${options}`;
  // Without +nocmd, dig first prints its own arguments, and where they are long it cuts them off without a line end.
  const { exitCode, output } = await client.run(
    `dig +nocmd ${server === undefined ? '' : quote(`@${server}`)} ${Array.from({ length: times }, () => query).join(' ')} 2>&1`,
  );
  const answers = answersIn(output);
  if (answers.length !== times)
    throw new Error(`dig sent ${answers.length} of ${times} queries in ${client.name} (exit code ${exitCode}): ${output.trim()}`);
  return answers;
}
