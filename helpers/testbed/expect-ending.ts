import type { Ending } from '../base/endings.ts';
import { type Shell, shortNameOf } from '../kube/shell.ts';
import { type Attempt, http } from '../probe/attempt.ts';
import { settle } from '../probe/settle.ts';

/** Each ending as it completes "waited for a request …". */
const inWords: Readonly<Record<Ending, string>> = {
  answered: 'to be answered',
  'other answer': 'to be answered by something else',
  refused: 'to be refused',
  'timed out': 'to time out',
  unresolved: 'to be unresolved',
  'no DNS answer': 'to get no answer from DNS',
  unreachable: 'to be unreachable',
  broken: 'to break',
};

/** What counts as the awaited ending, and how long to wait for it. */
export interface EndingOptions {
  /** The Pod that must answer, by the name in its response. */
  readonly by?: string;
  /** How many attempts in a row must end so. Default 3, or 2 where a time-out is awaited, since each of those has waited long already. */
  readonly inARow?: number;
  /** ms for one attempt, default timeouts.attempt. */
  readonly limit?: number;
  /** ms for all attempts, default timeouts.settled. */
  readonly within?: number;
}

/**
 * Requests a URL from a client until several attempts in a row end as awaited, and returns the last attempt. Of several endings any will do. A promise of a
 * client is awaited first. Throws NotSettled when they do not, and what http throws.
 */
export async function expectEnding(
  client: Shell | Promise<Shell>,
  url: string,
  ending: Ending | readonly Ending[],
  { by, inARow, limit, within }: EndingOptions = {},
): Promise<Attempt> {
  const shell = await client;
  const awaited: readonly Ending[] = typeof ending === 'string' ? [ending] : ending;
  // The answer of another Pod is another answer.
  const observe = async (): Promise<Attempt> => {
    const attempt = await http(shell, url, limit);
    return attempt.ending === 'answered' && by !== undefined && attempt.response !== by ? { ...attempt, ending: 'other answer' } : attempt;
  };
  return settle(observe, {
    // The name of the Pod is enough: each observation has the whole one.
    waitingFor: `${url} from ${shortNameOf(shell)} ${awaited.map((it) => inWords[it]).join(' or ')}${by === undefined ? '' : ` by ${by}`}`,
    accept: (attempt) => awaited.includes(attempt.ending),
    inARow: inARow ?? (awaited.includes('timed out') ? 2 : 3),
    ...(within === undefined ? {} : { within }),
  });
}
