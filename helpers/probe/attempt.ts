import type { Ending } from '../base/endings.ts';
import type { Shell } from '../kube/shell.ts';
import { quote } from '../base/quote.ts';
import { timeouts } from '../base/timeouts.ts';
import { errnoEnding } from './errnos.ts';
import { type Resolution, resolve } from './resolve.ts';
import { NotSettled } from './settle.ts';

/** One attempt to reach something. */
export interface Attempt {
  readonly from: string;
  readonly to: string;
  readonly ending: Ending;
  /** ms, by the client's own clock where it has one. */
  readonly ms: number;
  /** What was answered, or the client's own reason why nothing was. */
  readonly response: string;
  /** The address that was connected to. */
  readonly address?: string;
}

interface CurlReport {
  readonly errormsg: string | null;
  readonly time_total: number;
  readonly remote_ip: string;
  readonly http_code: number;
}

// https://curl.se/libcurl/c/libcurl-errors.html
const curlExit = { couldNotResolve: 6, couldNotConnect: 7, timedOut: 28 } as const;
/** Something accepted the connection and did not answer as HTTP does: strange, partial or empty replies, and connections that it ended. */
const strangeReplies = [1, 8, 18, 52, 55, 56];

/** Returns the ending behind an exit code of curl, the status of the response, and what curl printed with --verbose. */
export function curlEnding(exitCode: number, status: number, printed: string): Ending {
  if (exitCode === 0) return status >= 200 && status < 300 ? 'answered' : 'other answer';
  if (exitCode === curlExit.couldNotResolve) return 'unresolved';
  // A name server that never answers is curl's time-out too.
  if (exitCode === curlExit.timedOut) return /Resolving timed out/.test(printed) ? 'no DNS answer' : 'timed out';
  if (exitCode === curlExit.couldNotConnect) return errnoEnding(printed) ?? 'broken';
  return strangeReplies.includes(exitCode) ? 'other answer' : 'broken';
}

/** Returns what was answered, in short: the body of the awaited kind of response, else its status and first line. */
function answerOf(ending: Ending, status: number, body: string): string {
  return ending === 'answered' ? body : `HTTP status ${status}: ${body.split('\n')[0] ?? ''}`;
}

/** Returns the ending of an attempt whose name curl could not resolve. */
function endingOfName({ ending }: Resolution): Ending {
  // It has an address by now, so the failure before was not the name server's answer.
  return ending === 'answered' ? 'no DNS answer' : ending;
}

/** Requests a URL from a Pod with curl, once, on a new connection; `limit` in ms. Throws when the shell is lost. */
export async function http(client: Shell, url: string, limit: number = timeouts.attempt): Promise<Attempt> {
  const seconds = (limit / 1000).toFixed(1);
  // Several shells may be open in a Pod, so each has a file of its own.
  const { exitCode, output } = await client.run(
    `LC_ALL=C curl -sv --max-time ${seconds} -w '\x1e%{json}' ${quote(url)} 2>/tmp/printed.$$; code=$?; printf '\\036'; cat /tmp/printed.$$; (exit $code)`,
  );
  // From the end: a body may contain anything.
  const [printed = '', json = '', ...body] = output.split('\x1e').reverse();
  if (json === '') throw new Error(`curl did not run in ${client.name} (exit code ${exitCode}): ${printed}`);
  const report = JSON.parse(json) as CurlReport;
  // curl exits alike when a name server has no such name, and when it fails or refuses to answer.
  const unresolved = exitCode === curlExit.couldNotResolve ? await resolve(client, new URL(url).hostname) : undefined;
  const ending = unresolved === undefined ? curlEnding(exitCode, report.http_code, printed) : endingOfName(unresolved);
  const why = printed
    .match(/.*(?:failed: |fail for |timed out|unreachable).*/g)
    ?.at(-1)
    ?.replace(/^\* +/, '');
  return {
    from: client.name,
    to: url,
    ending,
    ms: Math.round(report.time_total * 1000),
    response:
      unresolved?.response ??
      (exitCode === 0
        ? answerOf(ending, report.http_code, body.reverse().join('\x1e').trim())
        : (why ?? report.errormsg ?? `curl exits ${exitCode}`)),
    ...(report.remote_ip === '' ? {} : { address: report.remote_ip }),
  };
}

/** Returns the ending behind what `agnhost connect` printed (test/images/agnhost/connect in kubernetes/kubernetes). */
export function agnhostEnding(exitCode: number, output: string): Ending {
  if (exitCode === 0) return 'answered';
  if (/^REFUSED/m.test(output)) return 'refused';
  if (/^TIMEOUT/m.test(output)) return 'timed out';
  if (/^DNS/m.test(output)) return /no such host/.test(output) ? 'unresolved' : 'no DNS answer';
  // Of UDP it calls every error but a refusal UNKNOWN.
  if (/^(?:OTHER|UNKNOWN)/m.test(output)) return errnoEnding(output) ?? 'broken';
  return 'broken';
}

/** Sends one datagram to host:port from a new source port and waits for an answer. `limit` in ms. Throws when the shell is lost. */
export async function udp(client: Shell, to: string, limit: number = timeouts.attempt): Promise<Attempt> {
  const began = performance.now();
  const { exitCode, output } = await client.run(`/agnhost connect --protocol=udp --timeout=${limit}ms ${quote(to)} 2>&1`);
  return {
    from: client.name,
    to: `udp ${to}`,
    ending: agnhostEnding(exitCode, output),
    ms: Math.round(performance.now() - began),
    response: output.trim(),
  };
}

/**
 * Requests a URL `count` times in one run of curl and returns the bodies in order. Each request has a connection of its own, or with `keepAlive` all
 * share one. The first that is not answered ends the series. Throws NotSettled when any is not answered.
 */
export async function series(client: Shell, url: string, count: number, { keepAlive = false } = {}): Promise<string[]> {
  const seconds = (timeouts.attempt / 1000).toFixed(1);
  const close = keepAlive ? '' : `-H 'Connection: close'`;
  const { exitCode, output } = await client.run(
    `curl -s --fail --fail-early --max-time ${seconds} ${close} -w '\\n' ${quote(`${url}?[1-${count}]`)} 2>&1`,
  );
  const bodies = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (exitCode !== 0 || bodies.length !== count)
    throw new NotSettled(
      `curl from ${client.name} got ${bodies.length} of ${count} answers from ${url} and exits ${exitCode}`,
      bodies.at(-1),
    );
  return bodies;
}
