import type { Ending } from '../base/endings.ts';
import type { Shell } from '../kube/shell.ts';
import { quote } from '../base/quote.ts';
import { timeouts } from '../base/timeouts.ts';
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
}

/** Returns the ending behind an exit code of curl and what it printed with --verbose. */
export function curlEnding(exitCode: number, printed: string): Ending {
  if (exitCode === 0) return 'answered';
  if (exitCode === 6) return 'unresolved';
  // A name server that never answers is curl's time-out too.
  if (exitCode === 28) return /Resolving timed out/.test(printed) ? 'unresolved' : 'timed out';
  if (exitCode !== 7) return 'broken';
  if (/Connection refused/.test(printed)) return 'refused';
  // glibc and musl have different words for EHOSTUNREACH and ENETUNREACH.
  if (/No route to host|Host is unreachable|[Nn]etwork( is)? unreachable/.test(printed)) return 'unreachable';
  return 'broken';
}

/** Requests a URL from a Pod with curl, once, on a new connection; `limit` in ms. Throws when the shell is lost. */
export async function http(client: Shell, url: string, limit: number = timeouts.attempt): Promise<Attempt> {
  const seconds = (limit / 1000).toFixed(1);
  // Several shells may be open in a Pod, so each has a file of its own.
  const { exitCode, output } = await client.run(
    `curl -sv --max-time ${seconds} -w '\x1e%{json}' ${quote(url)} 2>/tmp/printed.$$; code=$?; printf '\\036'; cat /tmp/printed.$$; (exit $code)`,
  );
  // From the end: a body may contain anything.
  const [printed = '', json = '', ...body] = output.split('\x1e').reverse();
  if (json === '') throw new Error(`curl did not run in ${client.name} (exit code ${exitCode}): ${printed}`);
  const report = JSON.parse(json) as CurlReport;
  const ending = curlEnding(exitCode, printed);
  const why = printed
    .match(/.*(?:failed: |timed out|unreachable|Could not resolve).*/g)
    ?.at(-1)
    ?.replace(/^\* +/, '');
  return {
    from: client.name,
    to: url,
    ending,
    ms: Math.round(report.time_total * 1000),
    response: ending === 'answered' ? body.reverse().join('\x1e').trim() : (why ?? report.errormsg ?? `curl exits ${exitCode}`),
    ...(report.remote_ip === '' ? {} : { address: report.remote_ip }),
  };
}

/** Returns the ending behind what `agnhost connect` printed (test/images/agnhost/connect in kubernetes/kubernetes). */
export function agnhostEnding(exitCode: number, output: string): Ending {
  if (exitCode === 0) return 'answered';
  if (/REFUSED/.test(output)) return 'refused';
  if (/TIMEOUT/.test(output)) return 'timed out';
  if (/DNS/.test(output)) return 'unresolved';
  if (/no route to host|network is unreachable/.test(output)) return 'unreachable';
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

/** Returns the addresses that a name resolves to in a Pod, by its own resolver and search path; none when it does not resolve. */
export async function resolve(client: Shell, name: string): Promise<{ from: string; name: string; addresses: string[] }> {
  const { output } = await client.run(`timeout 4 getent ahostsv4 ${quote(name)} || timeout 4 getent hosts ${quote(name)}`);
  const addresses = output.split('\n').map((line) => line.split(/\s+/)[0] ?? '');
  return { from: client.name, name, addresses: [...new Set(addresses.filter((address) => address !== ''))] };
}

/**
 * Requests a URL `count` times in one run of curl and returns the bodies in order. Each request has a connection of its own, or with `keepAlive` all
 * share one. The first that is not answered ends the series. Throws NotSettled when any is not answered.
 */
export async function series(client: Shell, url: string, count: number, { keepAlive = false } = {}): Promise<string[]> {
  const seconds = (timeouts.attempt / 1000).toFixed(1);
  const close = keepAlive ? '' : `-H 'Connection: close'`;
  const { exitCode, output } = await client.run(
    `curl -s --fail-early --max-time ${seconds} ${close} -w '\\n' ${quote(`${url}?[1-${count}]`)} 2>&1`,
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
