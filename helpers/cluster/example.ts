import { noDemands } from '../kube/pods.ts';
import type { ClusterDescription } from './description.ts';

// Made-up descriptions, for tests of the code that gets one.

const common = {
  run: '3ye99',
  owner: 'machine/1/1',
  standIn: false,
  version: 'v1.36.3+k3s1',
  proxyMode: 'iptables',
  images: {},
  chosen: { ranges: false, proxyMode: false },
  disabled: [],
  kubectlVersion: 'v1.36.3+k3s1',
  refusedPods: {},
  refusedServices: {},
  missingRights: [],
  serviceRanges: ['10.43.0.0/16'],
  podRanges: ['10.42.0.0/16'],
  ipFamily: 'IPv4' as const,
  domain: 'cluster.local',
  nodePortRange: '30000-32767',
  allowed: [],
  statedDefaults: [],
  serviceLBSeen: false,
  nodes: [
    {
      name: 'node',
      addresses: ['172.17.0.2'],
      kernel: '6.1.0-28-amd64',
      operatingSystem: 'K3s v1.36.3+k3s1',
      architecture: 'amd64',
      containerRuntime: 'containerd://2.1.4-k3s1',
      ready: true,
      takesPods: true,
      podLimit: 110,
    },
  ],
  nodeAddress: '172.17.0.2',
  k3sArgs: [],
  demands: noDemands,
  clientNamespace: 'clusterip-3ye99-clients',
  kept: false,
  keepRed: false,
  usableAt: '2026-11-24T02:13:19.706Z',
  clockAhead: 0,
  phases: { 'start the node': 10_124 },
};

/** A k3s that the run has started and that has every capability. */
export const exampleDescription: ClusterDescription = {
  ...common,
  profile: 'default',
  node: { container: 'a7a1d1fb888a', engine: { socketPath: '/var/run/docker.sock' } },
  nodeImage: 'rancher/k3s:v1.36.3-k3s1',
  why: 'it is the pinned one',
  adopted: false,
  access: { kubeconfig: '/work/artifacts/kubeconfig' },
  deleteGreen: false,
};

/** The same as an existing cluster. */
export const adoptedDescription: ClusterDescription = {
  ...common,
  why: 'CONFORMANCE_CONTEXT names it',
  adopted: true,
  access: { context: 'theirs', kubeconfig: '/home/student/config' },
  deleteGreen: true,
};
