import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { UsageError } from '../base/usage-error.ts';
import type { Kube } from '../kube/api.ts';

const rejected = 0x200; // RTF_REJECT, of unreachable and prohibit routes

function dotted(littleEndianHex: string): string {
  return (littleEndianHex.match(/../g) ?? [])
    .reverse()
    .map((byte) => parseInt(byte, 16))
    .join('.');
}

/**
 * Returns the routes that share addresses with IPv4 ranges, in a line each. `table` is the text of /proc/net/route. The default route and routes
 * that lead nowhere do not count.
 */
export function overlappingRoutes(table: string, ranges: readonly string[]): string[] {
  const found: string[] = [];
  for (const line of table.trim().split('\n').slice(1)) {
    const [device = '', destination = '', , flags = '', , , , mask = ''] = line.split(/\s+/);
    const prefix = ipaddr.IPv4.parse(dotted(mask)).prefixLengthFromSubnetMask() ?? 0;
    // A blackhole route shows no device.
    if (prefix === 0 || device === '*' || (parseInt(flags, 16) & rejected) !== 0) continue;
    const network = ipaddr.IPv4.parse(dotted(destination));
    for (const range of ranges) {
      const [rangeNetwork, rangePrefix] = ipaddr.IPv4.parseCIDR(range);
      if (network.match(rangeNetwork, Math.min(prefix, rangePrefix)))
        found.push(`${network.toString()}/${prefix} via ${device} (range ${range})`);
    }
  }
  return found;
}

/** Throws a UsageError when this machine has a route into the IPv4 ranges of the cluster to start: of a VPN, a LAN or another cluster. */
export function refuseOverlappingRoutes(ranges: readonly string[]): void {
  let table: string;
  try {
    table = readFileSync('/proc/net/route', 'utf8');
  } catch {
    return; // Not Linux: there the engine runs in a virtual machine with its own routes.
  }
  const overlaps = overlappingRoutes(table, ranges);
  if (overlaps.length > 0) {
    throw new UsageError(
      `This machine has a route into the cluster's own ranges: ${overlaps.join(', ')}. A VPN or a LAN uses these addresses. Disconnect it, ` +
        'or give the cluster other ranges: CONFORMANCE_K3S_ARGS="--service-cidr=172.30.0.0/16 --cluster-cidr=172.31.0.0/16" ' +
        "(claims about k3s' default ranges are then listed as unobserved).",
    );
  }
}

/** Throws a UsageError where a Service gets an IPv6 address unless it requests another, and the error of the API server. */
export async function refuseIPv6First(kube: Kube): Promise<void> {
  // The API server's own Service has an address of the first family.
  const { spec } = await kube.core.readNamespacedService({ namespace: 'default', name: 'kubernetes' });
  if (isIPv6(spec?.clusterIP ?? ''))
    throw new UsageError(`This cluster gives its Services IPv6 addresses first (${spec?.clusterIP}), and the claims are written for IPv4.`);
}
