import { readFileSync, statfsSync } from 'node:fs';
import { hostname, release } from 'node:os';
import type Docker from 'dockerode';
import ipaddr from 'ipaddr.js';
import { overlap } from '../base/ranges.ts';
import { UsageError } from '../base/usage-error.ts';
import { everyRangeOf, parseK3sArguments } from './k3s-arguments.ts';

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
    const network = `${dotted(destination)}/${prefix}`;
    found.push(...ranges.filter((range) => overlap(network, range)).map((range) => `${network} via ${device} (range ${range})`));
  }
  return found;
}

/**
 * Returns the routes that share addresses with IPv6 ranges, in a line each. `table` is the text of /proc/net/ipv6_route. The default route, routes that
 * lead nowhere and the machine's own addresses do not count.
 */
export function overlappingIPv6Routes(table: string, ranges: readonly string[]): string[] {
  return table
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [destination = '', length = '', , , , , , , flags = '', device = ''] = line.trim().split(/\s+/);
      const prefix = parseInt(length, 16);
      if (destination === '' || prefix === 0 || device === 'lo' || (parseInt(flags, 16) & rejected) !== 0) return [];
      const network = `${ipaddr.IPv6.parse(destination.replace(/(....)(?=.)/g, '$1:')).toString()}/${prefix}`;
      return ranges.filter((range) => overlap(network, range)).map((range) => `${network} via ${device} (range ${range})`);
    });
}

/** A network of the engine, as far as it is checked. */
export type EngineNetwork = Pick<Docker.NetworkInspectInfo, 'Id' | 'Name' | 'IPAM' | 'Options'>;

/** Returns the networks of the engine that share addresses with the ranges: each with its subnet, and with the device by which the machine routes it. */
export function overlappingNetworks(networks: readonly EngineNetwork[], ranges: readonly string[]): { line: string; device: string }[] {
  return networks.flatMap(({ Id, Name, IPAM, Options }) => {
    const device = Options?.['com.docker.network.bridge.name'] ?? `br-${Id.slice(0, 12)}`;
    const subnets = (IPAM?.Config ?? []).flatMap(({ Subnet }) => (Subnet !== undefined && ipaddr.isValidCIDR(Subnet) ? [Subnet] : []));
    return subnets.flatMap((subnet) => {
      const range = ranges.find((it) => overlap(subnet, it));
      return range === undefined ? [] : [{ line: `${Name} with ${subnet} (range ${range})`, device }];
    });
  });
}

/** A text of the kernel, such as that of a file in /proc; undefined where there is no such file or it cannot be read. */
type Text = string | undefined;

/** What is wrong with a machine, with the remedy, in whole sentences. */
export interface MachineFindings {
  /** With these a run fails. */
  readonly impossible: readonly string[];
  /** With these a run may fail. */
  readonly endangered: readonly string[];
}

const fine: MachineFindings = { impossible: [], endangered: [] };

/**
 * Checks br_netfilter. `bridges` is the text of /proc/sys/net/bridge/bridge-nf-call-iptables, which exists while the module is loaded. Its value is that
 * of the machine; k3s sets the node's own. k3s cannot load the module: its image has none.
 */
export function checkBridges(bridges: Text): MachineFindings {
  if (bridges !== undefined) return fine;
  const problem =
    'The kernel module br_netfilter is not loaded, so Pods would not reach Services whose Pods run on the same node, DNS included: load it with ' +
    '`sudo modprobe br_netfilter`, and list it in /etc/modules-load.d to keep it.';
  return { ...fine, impossible: [problem] };
}

/**
 * Checks the limits of inotify, which all containers of the root user share. `instances` and `watches` are the texts of the files in
 * /proc/sys/fs/inotify. The least that does not endanger a run is the kernel's own default, since one node is far from using it up.
 */
export function checkInotify(instances: Text, watches: Text): MachineFindings {
  const low = [
    { name: 'fs.inotify.max_user_instances', value: Number(instances ?? Infinity), least: 128, better: 512 },
    { name: 'fs.inotify.max_user_watches', value: Number(watches ?? Infinity), least: 8192, better: 524288 },
  ].filter(({ value, least }) => value < least);
  return {
    ...fine,
    endangered: low.map(
      ({ name, value, better }) =>
        `${name} is ${value}, so programs of the node may fail with "too many open files": raise it with \`sudo sysctl -w ${name}=${better}\`.`,
    ),
  };
}

/**
 * Checks the disk with the folder of the engine, in bytes. k3s' kubelet evicts every Pod when less than 5 % is free, unless `evicts` names other limits
 * in the arguments (https://github.com/k3s-io/k3s/blob/master/pkg/daemons/agent/agent_linux.go).
 */
export function checkDisk(disk: { free: number; total: number } | undefined, folder: string, evicts: boolean): MachineFindings {
  if (disk === undefined || evicts) return fine;
  const percent = (100 * disk.free) / disk.total;
  const state = `Only ${percent.toFixed(1)} % (${(disk.free / 1e9).toFixed(1)} GB) of the disk with ${folder} is free`;
  const remedy =
    'free some, for example with `docker system prune`, or lower the limit: ' +
    'CONFORMANCE_K3S_ARGS="--kubelet-arg=eviction-hard=imagefs.available<1%,nodefs.available<1%".';
  if (percent < 5) return { ...fine, impossible: [`${state}, and the node evicts its Pods below 5 %: ${remedy}`] };
  // Images, volumes and logs of a run take some GB more.
  if (percent < 7 || disk.free < 4e9) return { ...fine, endangered: [`${state}, and the node evicts its Pods below 5 %: ${remedy}`] };
  return fine;
}

/**
 * Checks that the kernel has the cgroup controllers that the kubelet needs. `version` is the engine's, 1 or 2. `unified` is the text of
 * /sys/fs/cgroup/cgroup.controllers, which counts in version 2; `legacy` that of /proc/cgroups, which counts in version 1. In a hybrid layout, which
 * engines use as version 1, a controller may be taken by the other hierarchy.
 */
export function checkCgroups(version: string, unified: Text, legacy: Text): MachineFindings {
  const text = version === '1' ? legacy : unified;
  if (text === undefined || text.trim() === '') return fine;
  const present =
    version === '1'
      ? legacy?.split('\n').flatMap((line) => {
          const [name = '', hierarchy, , enabled] = line.split(/\s+/);
          return enabled === '1' && hierarchy !== '0' ? [name] : [];
        })
      : unified?.trim().split(/\s+/);
  const missing = ['cpu', 'cpuset', 'memory', 'pids'].filter((name) => present?.includes(name) !== true);
  if (missing.length === 0) return fine;
  const parameters = missing.map((name) => `cgroup_enable=${name}`).join(' ');
  return {
    ...fine,
    impossible: [
      `The kubelet needs the cgroup controller${missing.length === 1 ? '' : 's'} ${missing.join(', ')}, which cgroup v${version} of this machine does not ` +
        `have: add ${parameters} to the kernel's parameters and restart the machine.`,
    ],
  };
}

/** Returns the findings about routes and networks that lead into the ranges. The device of a network that is named is not named a second time. */
export function checkRanges(routes: readonly string[], networks: readonly { line: string; device: string }[]): MachineFindings {
  const others = routes.filter((route) => !networks.some(({ device }) => route.includes(` via ${device} `)));
  const remedy =
    'give the cluster other ranges: CONFORMANCE_K3S_ARGS="--service-cidr=172.30.0.0/16 --cluster-cidr=172.31.0.0/16" ' +
    "(claims about k3s' default ranges are then listed as unobserved).";
  const problems = [
    ...(networks.length === 0
      ? []
      : [
          `A network of the engine uses the cluster's own ranges: ${networks.map(({ line }) => line).join(', ')}. Remove it with \`docker network rm\`, or`,
        ]),
    ...(others.length === 0
      ? []
      : [
          `This machine has a route into the cluster's own ranges: ${others.join(', ')}. A VPN or a LAN uses these addresses. Disconnect it, or`,
        ]),
  ];
  return { ...fine, impossible: problems.map((problem) => `${problem} ${remedy}`) };
}

function read(path: string): Text {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function diskOf(folder: string): { free: number; total: number } | undefined {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return { free: bavail * bsize, total: blocks * bsize };
  } catch {
    return undefined;
  }
}

/** What the engine reports about its machine, as far as it is used here. */
export interface EngineInfo {
  readonly Name?: string;
  readonly KernelVersion?: string;
  readonly OperatingSystem?: string;
  readonly DockerRootDir?: string;
  readonly CgroupVersion?: string;
}

/** True if the files of this process are those of the engine's machine: not if it is elsewhere, in a virtual machine, or around this container. */
export function isThisMachine(
  { Name, KernelVersion, OperatingSystem }: EngineInfo,
  here = { platform: process.platform as string, name: hostname(), kernel: release() },
): boolean {
  return here.platform === 'linux' && Name === here.name && KernelVersion === here.kernel && OperatingSystem !== 'Docker Desktop';
}

/**
 * Checks the machine on which a cluster is to start, as far as it can be read without more rights: its routes and the engine's networks. Where the engine
 * is on this machine, checks br_netfilter, inotify, disk and cgroups too. Passes what endangers a run to `say`, each as a warning. Throws a UsageError
 * with everything that makes a run impossible.
 */
export async function checkMachine(
  docker: Docker,
  info: EngineInfo,
  k3sArgs: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  const ranges = everyRangeOf(k3sArgs);
  const [v4, v6] = [ranges.filter((range) => !range.includes(':')), ranges.filter((range) => range.includes(':'))];
  const routes = [
    ...overlappingRoutes(read('/proc/net/route') ?? '', v4),
    ...overlappingIPv6Routes(read('/proc/net/ipv6_route') ?? '', v6),
  ];
  const folder = info.DockerRootDir ?? '/var/lib/docker';
  const evicts = parseK3sArguments(k3sArgs).has('--kubelet-arg=eviction-hard');
  const findings = [
    checkRanges(routes, overlappingNetworks(await docker.listNetworks(), ranges)),
    ...(isThisMachine(info)
      ? [
          checkBridges(read('/proc/sys/net/bridge/bridge-nf-call-iptables')),
          checkInotify(read('/proc/sys/fs/inotify/max_user_instances'), read('/proc/sys/fs/inotify/max_user_watches')),
          checkDisk(diskOf(folder), folder, evicts),
          checkCgroups(info.CgroupVersion ?? '2', read('/sys/fs/cgroup/cgroup.controllers'), read('/proc/cgroups')),
        ]
      : []),
  ];
  for (const warning of findings.flatMap(({ endangered }) => endangered)) say(`warning: ${warning}`);
  const problems = findings.flatMap(({ impossible }) => impossible);
  if (problems.length > 0) throw new UsageError(`No cluster can be used on this machine yet. ${problems.join(' ')}`);
}
