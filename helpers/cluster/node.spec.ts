import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type Docker from 'dockerode';
import { agentArguments, agentContainer, containingScript, serverArguments, serverContainer } from './node.ts';

const usual = { k3sArgs: [], cgroupVersion: '2', engineHost: 'localhost' };
const everyNode = '--disable=traefik,metrics-server,local-storage';

test.each([
  ['an engine on this machine', {}, [everyNode]],
  ['an engine elsewhere, whose name the certificate must have', { engineHost: '192.0.2.7' }, [everyNode, '--tls-san=192.0.2.7']],
  ['cgroup v1, which the kubelet refuses by default', { cgroupVersion: '1' }, [everyNode, '--kubelet-arg=fail-cgroupv1=false']],
  ['arguments of the settings, which come last', { k3sArgs: ['--disable=servicelb'] }, [everyNode, '--disable=servicelb']],
])('the arguments of a node for %s', (_, options, expected) => {
  expect(serverArguments({ ...usual, ...options })).toEqual(expected);
});

const k3sArgs = ['--disable=servicelb', '--kube-proxy-arg=v=4'];

test('on a network of the run, no query of a Pod goes to a name server, and an agent gets the arguments of every node', () => {
  const options = { ...usual, k3sArgs, cgroupVersion: '1', network: 'mine' };
  const common = ['--kubelet-arg=fail-cgroupv1=false', '--resolv-conf=/etc/rancher/no-name-server.conf'];
  expect(serverArguments(options)).toEqual([everyNode, ...common, ...k3sArgs]);
  expect(agentArguments(options)).toEqual([...common, '--kube-proxy-arg=v=4']);
});

test('packets for ranges of both families are dropped where they would leave the node', () => {
  const script = containingScript(['10.42.0.0/16', 'fd00:10:43::/112'], { resolver: false });
  expect(script).toContain('&& iptables -w -t mangle -A POSTROUTING -o "$out" -d 10.42.0.0/16 -j DROP &&');
  expect(script).toContain('&& ip6tables -w -t mangle -A POSTROUTING -o "$out" -d fd00:10:43::/112 -j DROP');
  expect(containingScript([], { resolver: true })).toMatch(/ && ip addr add 169\.254\.[\d.]+\/32 dev lo$/);
  expect(script).not.toContain('addr add');
});

/** What testcontainers sends to the engine to create a container, and the files that it copies before the start. */
interface Created {
  readonly createOpts: { readonly Cmd: string[]; readonly Env?: string[]; readonly Labels: Record<string, string> };
  readonly hostConfig: {
    readonly Privileged?: boolean;
    readonly CgroupnsMode?: string;
    readonly Binds?: string[];
    readonly Tmpfs?: object;
  };
  readonly networkMode?: string;
  readonly contentsToCopy: { readonly content: string; readonly target: string }[];
  readonly filesToCopy: { readonly source: string; readonly target: string; readonly mode?: number }[];
}

type Options = Parameters<typeof serverContainer>[1];

const optionsWith = (options: Partial<Options>): Options => ({
  ...usual,
  image: 'rancher/k3s:v1',
  workloadImages: [],
  containerLabels: { mine: 'yes' },
  environment: {},
  created: () => undefined,
  say: () => undefined,
  ...options,
});

const archives = new Map([['workloads.tar', '/tmp/workloads.tar']]);

/** Returns what would be created for a server. The engine is not asked. */
function created(options: Partial<Options>): Created {
  return serverContainer({} as Docker, optionsWith(options), archives).node as unknown as Created;
}

/** The same for an agent. */
function createdAgent(options: Partial<Options>): Created {
  return agentContainer({} as Docker, '0123456789abcdef', optionsWith(options), archives).node as unknown as Created;
}

const archive = { source: '/tmp/workloads.tar', target: '/var/lib/rancher/k3s/agent/images/workloads.tar', mode: 0o644 };

test('a node gets its arguments, its labels and its images; without a proxy and registries nothing else', () => {
  const { createOpts, filesToCopy } = created({ k3sArgs: ['--selinux', '--disable-kube-proxy'] });
  expect(createOpts.Cmd).toEqual(['server', everyNode, '--selinux', '--disable-kube-proxy']);
  expect(createOpts.Labels).toMatchObject({ mine: 'yes', 'clusterip-conformance.role': 'node' });
  expect(createOpts.Env ?? []).toEqual([]);
  expect(filesToCopy).toEqual([archive]);
});

test('the proxy of this machine is in the environment of the node, for containerd', () => {
  const environment = { HTTPS_PROXY: 'http://user:secret@proxy.example:3128', no_proxy: 'lan.example', PATH: '/bin' };
  const { createOpts } = created({ environment });
  expect(createOpts.Env).toEqual([
    'CONTAINERD_HTTPS_PROXY=http://user:secret@proxy.example:3128',
    'CONTAINERD_NO_PROXY=lan.example,localhost,127.0.0.0/8,::1,.svc,.cluster.local,10.43.0.0/16,10.42.0.0/16,198.19.0.0/24',
  ]);
  expect(JSON.stringify([createOpts.Labels, createOpts.Cmd])).not.toContain('secret');
});

test('a registries.yaml is copied to the place where k3s reads it as it starts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'node-'));
  const registries = join(folder, 'mine.yaml');
  writeFileSync(registries, 'mirrors:\n  docker.io:\n    endpoint: ["https://mirror.example"]\n');
  expect(created({ registries }).filesToCopy).toEqual([
    archive,
    { source: registries, target: '/etc/rancher/k3s/registries.yaml', mode: 0o600 },
  ]);
  rmSync(folder, { recursive: true });
});

test('an agent runs as the server does, on its network, and joins it by its token', () => {
  const options = { k3sArgs, network: 'mine', token: 'secret' };
  const [server, agent] = [created(options), createdAgent(options)];
  expect(agent.createOpts.Cmd).toEqual(['agent', ...agentArguments({ ...usual, ...options })]);
  expect(server.createOpts.Env).toEqual(['K3S_TOKEN=secret']);
  expect(agent.createOpts.Env).toEqual(['K3S_TOKEN=secret', 'K3S_URL=https://0123456789ab:6443']);
  expect(JSON.stringify([server.createOpts.Labels, agent.createOpts.Labels, server.createOpts.Cmd, agent.createOpts.Cmd])).not.toContain(
    'secret',
  );
  expect(agent.createOpts.Labels).toMatchObject({ mine: 'yes', 'clusterip-conformance.role': 'agent' });
  expect([server.networkMode, agent.networkMode]).toEqual(['mine', 'mine']);
  expect(agent.filesToCopy).toEqual(server.filesToCopy);
  expect(agent.contentsToCopy).toEqual(server.contentsToCopy);
  expect(agent.contentsToCopy).toMatchObject([{ target: '/etc/rancher/no-name-server.conf' }]);
  const { Privileged, CgroupnsMode, Binds, Tmpfs } = server.hostConfig;
  expect(agent.hostConfig).toMatchObject({ Privileged, CgroupnsMode, Binds, Tmpfs });
  expect([Privileged, CgroupnsMode, Binds]).toEqual([true, 'private', []]);
});

test('with IPv6 ranges a node has IPv6 and forwards it, whatever the engine gives its containers', () => {
  const ranges = ['--cluster-cidr=10.42.0.0/16,2001:db8:42::/56', '--service-cidr=10.43.0.0/16,2001:db8:43::/112'];
  const Sysctls = { 'net.ipv6.conf.all.disable_ipv6': '0', 'net.ipv6.conf.all.forwarding': '1' };
  for (const make of [created, createdAgent]) {
    expect(make({ k3sArgs: ranges }).hostConfig).toMatchObject({ Sysctls });
    expect(make({ k3sArgs: [] }).hostConfig).not.toHaveProperty('Sysctls');
  }
});
