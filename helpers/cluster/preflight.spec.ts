import { expect, test } from '@jest/globals';
import type Docker from 'dockerode';
import { UsageError } from '../base/usage-error.ts';
import {
  checkBridges,
  checkCgroups,
  checkDisk,
  checkInotify,
  checkMachine,
  checkRanges,
  type EngineNetwork,
  isThisMachine,
  overlappingIPv6Routes,
  overlappingNetworks,
  overlappingRoutes,
} from './preflight.ts';

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

const ipv6Ranges = ['2001:db8:42::/56', '10.42.0.0/16'];
const row6 = (destination: string, prefix: string, flags = '00000001', device = 'eth0') =>
  `${destination.padEnd(32, '0')} ${prefix} ${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00000100 00000001 00000000 ${flags}     ${device}\n`;

test.each([
  ['a part of a range', row6('20010db800420007', '40', undefined, 'wg0'), ['2001:db8:42:7::/64 via wg0 (range 2001:db8:42::/56)']],
  ['a network around a range', row6('20010db8', '20'), ['2001:db8::/32 via eth0 (range 2001:db8:42::/56)']],
  ['the default route', row6('', '00'), []],
  ['a network beside a range', row6('20010db80043', '38'), []],
  ['an unreachable route', row6('20010db80042', '38', '00000201'), []],
  ["the machine's own address", row6('20010db80042', '80', '80200001', 'lo'), []],
  ['nothing', '', []],
])('of IPv6 routes, %s', (_, text, found) => {
  expect(overlappingIPv6Routes(text, ipv6Ranges)).toEqual(found);
});

const network = (Name: string, subnets: string[], Options?: Record<string, string>): EngineNetwork => ({
  Id: '0123456789abcdef',
  Name,
  IPAM: { Config: subnets.map((Subnet) => ({ Subnet })) },
  Options,
});

test('a network of the engine in a range is found by its name, with the device of its route', () => {
  const bridge = { 'com.docker.network.bridge.name': 'docker0' };
  const networks = [network('bridge', ['172.17.0.0/16'], bridge), network('other', ['fd00::/64', '10.42.7.0/24']), network('host', [])];
  expect(overlappingNetworks(networks, ranges)).toEqual([
    { line: 'other with 10.42.7.0/24 (range 10.42.0.0/16)', device: 'br-0123456789ab' },
  ]);
  expect(overlappingNetworks([network('bridge', ['10.0.0.0/8'], bridge)], ranges)).toEqual([
    { line: 'bridge with 10.0.0.0/8 (range 10.43.0.0/16)', device: 'docker0' },
  ]);
});

test('networks and routes in the ranges are named with their remedy, and the route of a named network is not', () => {
  const networks = [{ line: 'other with 10.42.7.0/24 (range 10.42.0.0/16)', device: 'br-1' }];
  const routes = ['10.42.7.0/24 via br-1 (range 10.42.0.0/16)', '10.0.0.0/8 via tun0 (range 10.42.0.0/16)'];
  expect(checkRanges([], []).impossible).toEqual([]);
  const [ofNetwork, ofRoute, ...others] = checkRanges(routes, networks).impossible;
  expect(ofNetwork).toMatch(/network of the engine uses .*: other with 10.42.7.0\/24 .*docker network rm.*CONFORMANCE_K3S_ARGS/);
  expect(ofRoute).toMatch(/has a route into .*: 10.0.0.0\/8 via tun0 .*VPN.*CONFORMANCE_K3S_ARGS/);
  expect(ofRoute).not.toContain('br-1');
  expect(others).toEqual([]);
});

const fine = { impossible: [], endangered: [] };

test('without br_netfilter a run is impossible; its value on the machine does not count', () => {
  expect(checkBridges('1\n')).toEqual(fine);
  expect(checkBridges('0\n')).toEqual(fine);
  expect(checkBridges(undefined).impossible).toEqual([expect.stringContaining('sudo modprobe br_netfilter')]);
});

test("limits of inotify below the kernel's own endanger a run", () => {
  expect(checkInotify('128\n', '8192\n')).toEqual(fine);
  expect(checkInotify(undefined, undefined)).toEqual(fine);
  expect(checkInotify('127\n', '8191\n')).toEqual({
    impossible: [],
    endangered: [
      expect.stringMatching(/fs.inotify.max_user_instances is 127, .*sudo sysctl -w fs.inotify.max_user_instances=512/),
      expect.stringMatching(/fs.inotify.max_user_watches is 8191, .*sudo sysctl -w fs.inotify.max_user_watches=524288/),
    ],
  });
});

const GB = 1e9;

test.each([
  ['plenty', { free: 50 * GB, total: 100 * GB }, 0, 0],
  ['a share at which the node evicts', { free: 4.9 * GB, total: 100 * GB }, 1, 0],
  ['a share close to it', { free: 6.9 * GB, total: 100 * GB }, 0, 1],
  ['few GB of a small disk', { free: 3 * GB, total: 10 * GB }, 0, 1],
  ['an unknown amount', undefined, 0, 0],
])('with %s of free disk', (_, disk, impossible, endangered) => {
  const found = checkDisk(disk, '/var/lib/docker', false);
  expect([found.impossible.length, found.endangered.length]).toEqual([impossible, endangered]);
  for (const line of [...found.impossible, ...found.endangered])
    expect(line).toMatch(/% \(.* GB\) of the disk with \/var\/lib\/docker .*docker system prune/);
  expect(checkDisk(disk, '/var/lib/docker', true)).toEqual(fine);
});

const legacy = (...rows: string[]) => ['#subsys_name\thierarchy\tnum_cgroups\tenabled', ...rows, ''].join('\n');
const allLegacy = ['cpuset\t3\t3\t1', 'cpu\t1\t3\t1', 'memory\t4\t31\t1', 'pids\t8\t3\t1'];

test.each([
  ['2', 'cpuset cpu io memory hugetlb pids rdma\n', undefined, undefined],
  ['2', 'cpuset cpu io pids\n', legacy(...allLegacy), 'controller memory, which cgroup v2'],
  ['2', undefined, undefined, undefined],
  ['1', undefined, legacy(...allLegacy), undefined],
  ['1', 'cpuset cpu memory pids', legacy(...allLegacy.slice(0, 3), 'pids\t8\t3\t0'), 'controller pids, which cgroup v1'],
  ['1', 'memory\n', legacy(...allLegacy.slice(0, 2), 'memory\t0\t31\t1', 'pids\t8\t3\t1'), 'controller memory, which cgroup v1'],
  ['1', undefined, legacy('cpu\t1\t3\t1'), 'controllers cpuset, memory, pids'],
])('cgroup v%s with the controllers %j and %j', (version, unified, text, problem) => {
  const { impossible } = checkCgroups(version, unified, text);
  expect(impossible).toEqual(problem === undefined ? [] : [expect.stringContaining(problem)]);
});

const here = { platform: 'linux', name: 'laptop', kernel: '6.18.1' };
const engine = { Name: 'laptop', KernelVersion: '6.18.1', OperatingSystem: 'Debian GNU/Linux 13' };

test.each([
  ['the engine of this machine', engine, here, true],
  ['an engine elsewhere', { ...engine, Name: 'server' }, here, false],
  ['an engine in a virtual machine', { ...engine, KernelVersion: '6.12.5-linuxkit' }, here, false],
  ['Docker Desktop on the kernel of WSL', { ...engine, OperatingSystem: 'Docker Desktop' }, here, false],
  ['an engine on macOS', engine, { ...here, platform: 'darwin' }, false],
])('%s is recognized', (_, info, machine, is) => {
  expect(isThisMachine(info, machine)).toBe(is);
});

test('everything that is impossible is in one message; what endangers a run is a warning', async () => {
  const docker = {
    listNetworks: () => Promise.resolve([network('one', ['10.42.0.0/16']), network('two', ['10.43.0.0/16'])]),
  } as unknown as Docker;
  const lines: string[] = [];
  const elsewhere = { Name: 'server', KernelVersion: 'other' };
  const checking = checkMachine(docker, elsewhere, [], (line) => lines.push(line));
  await expect(checking).rejects.toBeInstanceOf(UsageError);
  await expect(checking).rejects.toThrow(/^No cluster can be used on this machine yet\. .*one with 10.42.0.0\/16 .*two with 10.43.0.0\/16/);
  const other = ['--service-cidr=172.30.0.0/16', '--cluster-cidr=172.31.0.0/16'];
  await expect(checkMachine(docker, elsewhere, other, (line) => lines.push(line))).resolves.toBeUndefined();
  expect(lines).toEqual([]);
});
