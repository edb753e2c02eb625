import { expect, test } from '@jest/globals';
import { UsageError } from '../base/usage-error.ts';
import type { Kube } from '../kube/api.ts';
import { overlappingRoutes, refuseIPv6First } from './preflight.ts';

const ranges = ['10.43.0.0/16', '10.42.0.0/16'];

/** The text of /proc/net/route: addresses are in hex, their last byte first. */
function table(...rows: string[]): string {
  const header = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';
  return [header, ...rows].map((row) => `${row.padEnd(127)}\n`).join('');
}

const usual = [
  'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
  'eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
  'docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
];

test('a default route, a LAN and the bridge of Docker are no overlap', () => {
  expect(overlappingRoutes(table(...usual), ranges)).toEqual([]);
});

test('a table without routes is no overlap', () => {
  expect(overlappingRoutes(table(), ranges)).toEqual([]);
});

test.each([
  [
    'a VPN around both ranges',
    'tun0\t0000000A\t0100080A\t0003\t0\t0\t50\t000000FF\t0\t0\t0',
    ['10.0.0.0/8 via tun0 (range 10.43.0.0/16)', '10.0.0.0/8 via tun0 (range 10.42.0.0/16)'],
  ],
  [
    'the very range of another cluster',
    'cni0\t00002A0A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
    ['10.42.0.0/16 via cni0 (range 10.42.0.0/16)'],
  ],
  ['a part of a range', 'eth1\t00072B0A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0', ['10.43.7.0/24 via eth1 (range 10.43.0.0/16)']],
  ['one address of a range', 'wg0\t05002B0A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0', ['10.43.0.5/32 via wg0 (range 10.43.0.0/16)']],
])('a route to %s is found', (_, row, found) => {
  expect(overlappingRoutes(table(...usual, row), ranges)).toEqual(found);
});

test.each([
  ['a blackhole route, which has no device', '*\t00002B0A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0'],
  ['an unreachable route, which has the flag 0200', 'lo\t00002B0A\t00000000\t0201\t0\t0\t0\t0000FFFF\t0\t0\t0'],
  ['a route to the range beside', 'eth1\t00002C0A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0'],
])('%s does not count', (_, row) => {
  expect(overlappingRoutes(table(...usual, row), ranges)).toEqual([]);
});

/** A cluster whose API server has this ClusterIP. */
const clusterWith = (clusterIP: string) =>
  ({ core: { readNamespacedService: () => Promise.resolve({ spec: { clusterIP } }) } }) as unknown as Kube;

test('a cluster that gives IPv6 addresses first is refused, one that gives IPv4 addresses first is not', async () => {
  await expect(refuseIPv6First(clusterWith('fd00:43::1'))).rejects.toBeInstanceOf(UsageError);
  await expect(refuseIPv6First(clusterWith('fd00:43::1'))).rejects.toThrow('IPv6 addresses first (fd00:43::1)');
  await expect(refuseIPv6First(clusterWith('10.43.0.1'))).resolves.toBeUndefined();
});
