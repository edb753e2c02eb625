import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type Docker from 'dockerode';
import { nodeContainer, serverArguments } from './node.ts';

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

/** What testcontainers sends to the engine to create a container, and the files that it copies before the start. */
interface Created {
  readonly createOpts: { readonly Cmd: string[]; readonly Env?: string[]; readonly Labels: Record<string, string> };
  readonly filesToCopy: { readonly source: string; readonly target: string; readonly mode?: number }[];
}

/** Returns what would be created for a node. The engine is not asked. */
function created(options: Partial<Parameters<typeof nodeContainer>[1]>): Created {
  const node = nodeContainer(
    {} as Docker,
    {
      ...usual,
      image: 'rancher/k3s:v1',
      workloadImages: [],
      containerLabels: { mine: 'yes' },
      environment: {},
      say: () => undefined,
      ...options,
    },
    new Map([['workloads.tar', '/tmp/workloads.tar']]),
  );
  return node as unknown as Created;
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
    'CONTAINERD_NO_PROXY=lan.example,localhost,127.0.0.0/8,::1,.svc,.cluster.local,10.43.0.0/16,10.42.0.0/16',
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
