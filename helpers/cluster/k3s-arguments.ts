import { isIPv6 } from 'node:net';
import type { Findings } from '../ledger/capabilities.ts';

// What the arguments of `k3s server` set, as far as the suite needs it. https://docs.k3s.io/cli/server

/** The arguments of every node. No claim needs these components, and each would pull images. ServiceLB stays: one claim is about it. */
export const argumentsOfEveryNode: readonly string[] = ['--disable=traefik,metrics-server,local-storage'];

/**
 * The values that arguments set, by name and in order; a switch has the value `true`. Arguments for a component of Kubernetes, such as
 * --kube-proxy-arg, have a second name within: --kube-proxy-arg=proxy-mode=nftables sets --kube-proxy-arg=proxy-mode to nftables.
 */
export type K3sValues = ReadonlyMap<string, readonly string[]>;

/** Parses arguments of the forms --name=value and --switch. */
export function parseK3sArguments(args: readonly string[]): K3sValues {
  const values = new Map<string, string[]>();
  for (const argument of args) {
    const words = argument.split('=');
    const nameLength = words[0]?.endsWith('-arg') === true ? 2 : 1;
    const name = words.slice(0, nameLength).join('=');
    const value = words.slice(nameLength).join('=');
    values.set(name, [...(values.get(name) ?? []), value === '' ? 'true' : value]);
  }
  return values;
}

/** Returns all values of a name. Those of a list are separated by commas, and k3s adds up the lists of repeated arguments. */
function listed(values: K3sValues, name: string): string[] {
  return (values.get(name) ?? []).flatMap((list) => list.split(','));
}

/** Returns the last value of a name, or k3s' default. */
function lastOf(values: K3sValues, name: string, byDefault: string): string {
  return values.get(name)?.at(-1) ?? byDefault;
}

function rangesOf(values: K3sValues, name: string, byDefault: string): string[] {
  const byFamily = new Map(listed(values, name).map((range) => [isIPv6(range.replace(/\/.*/, '')), range]));
  return byFamily.size === 0 ? [byDefault] : [...byFamily.values()];
}

/** Returns the Service and Pod ranges of a k3s server, one for each family; k3s' defaults where no argument sets them. */
export function rangesSetBy(args: readonly string[]): { services: string[]; pods: string[] } {
  const values = parseK3sArguments(args);
  return { services: rangesOf(values, '--service-cidr', '10.43.0.0/16'), pods: rangesOf(values, '--cluster-cidr', '10.42.0.0/16') };
}

/** Returns the packaged components that the arguments disable, such as servicelb. */
export function disabledBy(args: readonly string[]): string[] {
  return listed(parseK3sArguments(args), '--disable');
}

/** Returns what the arguments choose, so that it is no default of k3s. */
export function chosenBy(args: readonly string[]): Findings['chosen'] {
  const values = parseK3sArguments(args);
  return { ranges: values.has('--service-cidr') || values.has('--cluster-cidr'), proxyMode: values.has('--kube-proxy-arg=proxy-mode') };
}

/** Returns the DNS domain of the cluster. */
export function domainSetBy(args: readonly string[]): string {
  return lastOf(parseK3sArguments(args), '--cluster-domain', 'cluster.local');
}

/** Returns the range of node ports, such as 30000-32767. */
export function nodePortRangeSetBy(args: readonly string[]): string {
  return lastOf(parseK3sArguments(args), '--service-node-port-range', '30000-32767');
}

/** Returns the names that both lists of arguments set. */
export function namesSetByBoth(one: readonly string[], other: readonly string[]): string[] {
  const others = parseK3sArguments(other);
  return [...parseK3sArguments(one).keys()].filter((name) => others.has(name));
}
