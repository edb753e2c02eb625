import { quote } from '../base/quote.ts';
import { timeouts } from '../base/timeouts.ts';
import type { Shell } from '../kube/shell.ts';
import { NotSettled } from './settle.ts';

const seconds = (timeouts.attempt / 1000).toFixed(1);

/** Returns the bodies in what curl printed, in groups of `size`. Throws NotSettled when they are not `count` groups. */
function groupsIn(output: string, count: number, size: number, what: string): string[][] {
  const bodies = output.split('\n').filter((line) => line !== '');
  if (bodies.length !== count * size)
    throw new NotSettled(`curl got ${bodies.length} of ${count * size} answers from ${what}`, bodies.at(-1));
  return Array.from({ length: count }, (_, index) => bodies.slice(index * size, (index + 1) * size));
}

/**
 * Requests each URL `times` times from a Pod in one run of curl, each time on a new connection, and returns the bodies by URL, in order. Throws NotSettled when
 * any is not answered.
 */
export async function seriesOfEach(client: Shell, urls: readonly string[], times = 1): Promise<string[][]> {
  const all = urls.flatMap((url) => Array.from({ length: times }, () => quote(url)));
  const { output } = await client.run(
    `curl -sg --fail --fail-early --max-time ${seconds} -H 'Connection: close' -w '\\n' ${all.join(' ')} 2>/dev/null`,
  );
  return groupsIn(output, urls.length, times, `${urls[0]} and others from ${client.name}`);
}

/**
 * Requests a URL once from each of the given addresses of the client, in one run of curl, and returns the bodies in order. Throws NotSettled when any is not
 * answered.
 */
export async function fromEach(client: Shell, addresses: readonly string[], url: string): Promise<string[]> {
  const { output } = await client.run(
    `for address in ${addresses.map(quote).join(' ')}; do printf 'url="%s"\\ninterface="%s"\\nmax-time=${seconds}\\nwrite-out="\\\\n"\\nsilent\\nfail\\nnext\\n' ${quote(url)} $address; done | curl -K - 2>/dev/null`,
  );
  return groupsIn(output, addresses.length, 1, `${url} from ${client.name}`).flat();
}
