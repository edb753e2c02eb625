import { UsageError } from '../base/usage-error.ts';
import { domainSetBy, everyRangeOf } from './k3s-arguments.ts';

// The node pulls images with its own containerd, so behind an HTTP proxy it needs the proxy of this machine.

type Environment = Readonly<Record<string, string | undefined>>;

/** Returns a variable as Go programs read it: in capitals or else in small letters. One that is for k3s' containerd alone wins. */
function valueOf(environment: Environment, name: string): string | undefined {
  return [`CONTAINERD_${name}`, name, name.toLowerCase()].map((it) => environment[it]).find((value) => value !== undefined && value !== '');
}

/** Returns the host of a proxy, which may be written without its scheme. Throws a UsageError without the value, which may have a password. */
function hostOf(name: string, proxy: string): string {
  const url = URL.parse(proxy.includes('://') ? proxy : `http://${proxy}`);
  if (url === null || url.hostname === '' || !['http:', 'https:', 'socks5:', 'socks5h:'].includes(url.protocol)) {
    throw new UsageError(
      `The environment variable ${name} is not the address of a proxy, such as http://proxy.example:3128. Correct or unset it.`,
    );
  }
  return url.hostname;
}

/**
 * Returns the environment by which containerd in a node uses the HTTP proxy of `environment`; empty where it has none. The variables with the
 * prefix CONTAINERD_ leave k3s itself and the kubelet without a proxy (https://docs.k3s.io/advanced#configuring-an-http-proxy). Pods get none of
 * them. Addresses and names of the cluster never go through the proxy. Throws a UsageError where a proxy is no address.
 */
export function proxyEnvironment(environment: Environment, k3sArgs: readonly string[]): Record<string, string> {
  const proxies = ['HTTP_PROXY', 'HTTPS_PROXY'].flatMap((name) => {
    const proxy = valueOf(environment, name);
    if (proxy === undefined) return [];
    hostOf(name, proxy);
    return [[`CONTAINERD_${name}`, proxy]];
  });
  if (proxies.length === 0) return {};
  const direct = ['localhost', '127.0.0.0/8', '::1', '.svc', `.${domainSetBy(k3sArgs)}`, ...everyRangeOf(k3sArgs)];
  const given = valueOf(environment, 'NO_PROXY');
  return {
    ...(Object.fromEntries(proxies) as Record<string, string>),
    CONTAINERD_NO_PROXY: [...(given === undefined ? [] : [given]), ...direct].join(','),
  };
}

/** Returns the lines of progress about a proxy: that the node gets it, and a warning where the node cannot reach it. They have no addresses. */
export function proxyLines(environment: Environment): string[] {
  return ['HTTP_PROXY', 'HTTPS_PROXY'].flatMap((name) => {
    const proxy = valueOf(environment, name);
    if (proxy === undefined) return [];
    const host = hostOf(name, proxy);
    return host === 'localhost' || host === '[::1]' || host.startsWith('127.')
      ? [`warning: ${name} names this machine as localhost, which inside the node is the node: it cannot pull images through this proxy`]
      : [`the node gets the proxy of ${name}, to pull images`];
  });
}
