import { randomUUID } from 'node:crypto';
import { quote } from '../base/quote.ts';
import { timeouts } from '../base/timeouts.ts';
import type { Shell } from '../kube/shell.ts';

/** What became of the requests that were sent while something else happened. */
export interface LoadResult {
  readonly from: string;
  readonly to: string;
  /** How many requests ended. */
  readonly sent: number;
  /** How many requests each Pod answered, by its name. */
  readonly answeredBy: Readonly<Record<string, number>>;
  /** The reasons of curl for requests that were not answered, in order. */
  readonly lost: readonly string[];
}

/** Requests that are being sent. */
export interface Load {
  /** Ends the load and returns what became of it. Throws when the shell is lost. */
  stop(): Promise<LoadResult>;
}

/** Returns the result in what curl printed: a line for each request, with the body, the exit code and the reason. A last line that was cut is left out. */
export function loadResultIn(printed: string): Pick<LoadResult, 'sent' | 'answeredBy' | 'lost'> {
  const lines = printed.split('\n').slice(0, -1);
  const answeredBy: Record<string, number> = {};
  const lost: string[] = [];
  for (const line of lines) {
    const [body = '', exitCode = '', reason = ''] = line.split('\t');
    if (exitCode === '0') answeredBy[body] = (answeredBy[body] ?? 0) + 1;
    else lost.push(reason === '' ? `curl exits ${exitCode}` : reason);
  }
  return { sent: lines.length, answeredBy, lost };
}

/**
 * Starts to request a URL from a Pod, `perSecond` times a second, one after the other and each on a new connection, until the load is stopped. A request that
 * waits delays those after it, by timeouts.attempt at most. Throws when the shell is lost.
 */
export async function startLoad(client: Shell, url: string, { perSecond = 50 } = {}): Promise<Load> {
  const file = `/tmp/load-${randomUUID()}`;
  const seconds = (timeouts.attempt / 1000).toFixed(1);
  await client.run(
    `curl -s --fail --max-time ${seconds} --rate ${perSecond}/s -H 'Connection: close' -w '\\t%{exitcode}\\t%{errormsg}\\n' ${quote(`${url}?[1-100000]`)} >${file} 2>/dev/null & echo $! >${file}.pid`,
  );
  return {
    stop: async () => {
      const { output } = await client.run(`kill $(cat ${file}.pid); cat ${file}; rm ${file} ${file}.pid`);
      return { from: client.name, to: url, ...loadResultIn(output) };
    },
  };
}
