import type { Ending } from '../base/endings.ts';
import { quote } from '../base/quote.ts';
import { timeouts } from '../base/timeouts.ts';
import type { Shell } from '../kube/shell.ts';
import { answersIn } from './dig.ts';

/** The type of a DNS record that has an address. */
export type RecordType = 'A' | 'AAAA';

/** Returns the type of the records with addresses of a family. */
export function recordType(family: 'IPv4' | 'IPv6'): RecordType {
  return family === 'IPv4' ? 'A' : 'AAAA';
}

/** One query of a resolution. */
export interface Query {
  /** The full name that was asked for, such as `web.default.svc.cluster.local.`. */
  readonly name: string;
  readonly server: string;
  /** The status in the answer, such as NXDOMAIN, or why there was none, such as `timed out`. */
  readonly status: string;
  readonly addresses: readonly string[];
}

/** What became of a name. */
export interface Resolution {
  readonly from: string;
  readonly name: string;
  /** `unresolved` means that name servers themselves gave no address. Silence and failure of a name server are `no DNS answer`. */
  readonly ending: Extract<Ending, 'answered' | 'unresolved' | 'no DNS answer'>;
  readonly addresses: readonly string[];
  /** In words: who answered which name with what. */
  readonly response: string;
  /** Every query, in order: one for each name that the search list makes, until one has an address. */
  readonly queries: readonly Query[];
}

/** Returns true if a name server answered that it has no address for the name. */
export function isDenied({ status, addresses }: Query): boolean {
  return ['NXDOMAIN', 'NOERROR'].includes(status) && addresses.length === 0;
}

/** Returns the queries in what dig printed with +qr and +showsearch: first each query as it is sent, then its answer or what kept it away. */
export function queriesIn(printed: string): Query[] {
  return answersIn(printed).map(({ name, server, status, answer }) => ({
    name,
    server,
    status,
    addresses: answer.filter(({ type }) => type === 'A' || type === 'AAAA').map(({ data }) => data),
  }));
}

/** Returns which server gave which name an address, or else every name without one, with the reason. */
function inWords(name: string, queries: readonly Query[]): string {
  const found = queries.find(({ addresses }) => addresses.length > 0);
  if (found === undefined)
    return queries.map((query) => `${query.name} ${query.status} (by ${query.server || 'no name server'})`).join(', ');
  const made = found.name === `${name.replace(/\.$/, '')}.` ? '' : ', a name that the search list makes';
  return `${found.name} is ${found.addresses.join(', ')} (by ${found.server}${made})`;
}

/**
 * Asks for the addresses of a name from a Pod, by default those of IPv4. Uses the name servers and the search list of its /etc/resolv.conf. dig resolves
 * by itself, so the C library of the client does not matter. Throws when the shell is lost, or has no dig.
 */
export async function resolve(client: Shell, name: string, type: RecordType = 'A'): Promise<Resolution> {
  const seconds = Math.ceil(timeouts.query / 1000);
  const { exitCode, output } = await client.run(
    `dig +qr +showsearch +noall +comments +question +answer +stats +tries=1 +timeout=${seconds} ${quote(name)} ${type} 2>&1`,
  );
  const queries = queriesIn(output);
  if (queries.length === 0) throw new Error(`dig asked nothing in ${client.name} (exit code ${exitCode}): ${output.trim()}`);
  const addresses = [...new Set(queries.flatMap((query) => query.addresses))];
  const ending = addresses.length > 0 ? 'answered' : queries.every(isDenied) ? 'unresolved' : 'no DNS answer';
  return { from: client.name, name, ending, addresses, response: inWords(name, queries), queries };
}
