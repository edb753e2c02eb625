import { readFileSync } from 'node:fs';
import ipaddr from 'ipaddr.js';
import { UsageError } from '../usage-error.ts';

const rejected = 0x200; // RTF_REJECT, of unreachable and prohibit routes

function dotted(littleEndianHex: string): string {
  return (littleEndianHex.match(/../g) ?? [])
    .reverse()
    .map((byte) => parseInt(byte, 16))
    .join('.');
}

/**
 * Finds routes of this machine that share addresses with a cluster's ranges, in the text of /proc/net/route.
 * The default route and routes that lead nowhere do not count.
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

/** Throws a UsageError when this machine routes a cluster's ranges somewhere: a VPN, a LAN, or another cluster. */
export function refuseOverlappingRoutes(ranges: readonly string[]): void {
  let table: string;
  try {
    table = readFileSync('/proc/net/route', 'utf8');
  } catch {
    return; // not Linux: there the engine runs in a virtual machine with routes of its own
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
