import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { UsageError } from '../base/usage-error.ts';

// kubectl reaches an API server through the proxy of its environment, by the rules of https://pkg.go.dev/golang.org/x/net/http/httpproxy. The client of
// this suite knows only the proxy-url of a kubeconfig.

type Environment = Readonly<Record<string, string | undefined>>;

function valueOf(environment: Environment, name: string): string | undefined {
  return [environment[name], environment[name.toLowerCase()]].find((value) => value !== undefined && value !== '');
}

/** Returns a host without the brackets of an IPv6 address. Addresses are written in one way, so that they can be compared. */
function plain(host: string): string {
  const bare = host.replace(/^\[|\]$/g, '');
  return isIP(bare) === 0 ? bare : ipaddr.parse(bare).toString();
}

function isLocal(host: string): boolean {
  return host === 'localhost' || (isIP(host) !== 0 && ipaddr.process(host).range() === 'loopback');
}

/** True if an entry of NO_PROXY names the host: all hosts, a range, an address or a domain; the last two may have a port. */
function names(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (ipaddr.isValidCIDR(entry)) {
    const [network, prefix] = ipaddr.parseCIDR(entry);
    const address = isIP(host) === 0 ? undefined : ipaddr.parse(host);
    return address?.kind() === network.kind() && address.match(network, prefix);
  }
  const [name = '', onlyPort = port] = isIP(entry) === 0 ? entry.split(/:(?=\d+$)/) : [entry];
  const named = plain(name).replace(/^\*(?=\.)/, '');
  return onlyPort === port && (host === named || host.endsWith(named.startsWith('.') ? named : `.${named}`));
}

/**
 * Returns the URL of the proxy through which kubectl would reach a server; undefined where it would use none. Throws a UsageError without the value, which
 * may have a password, where the variable is no address.
 */
export function environmentProxy(server: string, environment: Environment): string | undefined {
  const url = URL.parse(server);
  const name = url?.protocol === 'http:' ? 'HTTP_PROXY' : 'HTTPS_PROXY';
  const proxy = valueOf(environment, name);
  if (url === null || proxy === undefined) return undefined;
  const [host, port] = [plain(url.hostname), url.port || (url.protocol === 'http:' ? '80' : '443')];
  const excepted = (valueOf(environment, 'NO_PROXY') ?? '').split(',').map((entry) => entry.trim().toLowerCase());
  if (isLocal(host) || excepted.some((entry) => entry !== '' && names(entry, host, port))) return undefined;
  const address = proxy.includes('://') ? proxy : `http://${proxy}`;
  if (!['http:', 'https:', 'socks5:', 'socks5h:'].includes(URL.parse(address)?.protocol ?? '')) {
    throw new UsageError(
      `The environment variable ${name} is not the address of a proxy, such as http://proxy.example:3128. Correct it, or name the API server in NO_PROXY.`,
    );
  }
  return address;
}
