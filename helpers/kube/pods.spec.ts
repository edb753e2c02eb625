import { expect, test } from '@jest/globals';
import { type Demands, noDemands, onNode, ownContainer, workloadsWith } from './pods.ts';

const demands: Demands = {
  ...noDemands,
  pod: { labels: { team: 'platform', 'sidecar.istio.io/inject': null }, annotations: { contact: 'me' } },
  spec: { tolerations: [{ key: 'dedicated', operator: 'Exists' }], nodeSelector: { pool: 'tests' } },
  resources: { requests: { cpu: '1' } },
};

const kinds = (of: Demands) => {
  const { server, clientPod } = workloadsWith('agnhost:1', of);
  return [server('web', { labels: { app: 'web', team: 'mine' } }), clientPod('client'), clientPod('node', { hostNetwork: true })];
};

test('every Pod asks for little, stays out of meshes, and writes only to its volume', () => {
  for (const { metadata, spec } of kinds(noDemands)) {
    expect(metadata).toMatchObject({
      labels: { 'sidecar.istio.io/inject': 'false', 'istio.io/dataplane-mode': 'none', 'kuma.io/sidecar-injection': 'disabled' },
      annotations: { 'linkerd.io/inject': 'disabled', 'consul.hashicorp.com/connect-inject': 'false' },
    });
    expect(spec).toMatchObject({
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      securityContext: { runAsNonRoot: true, runAsUser: 65_534 },
      volumes: [{ name: 'tmp', emptyDir: {} }],
      containers: [
        {
          name: ownContainer,
          resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '500m', memory: '128Mi' } },
          volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
          securityContext: { readOnlyRootFilesystem: true },
        },
      ],
    });
  }
});

test('what a cluster demands is added to every Pod; null leaves out, and what a claim sets stays', () => {
  const pods = kinds(demands);
  for (const { metadata, spec } of pods) {
    expect(metadata?.labels).not.toHaveProperty(['sidecar.istio.io/inject']);
    expect(metadata).toMatchObject({ annotations: { contact: 'me', 'linkerd.io/inject': 'disabled' } });
    expect(spec).toMatchObject({
      tolerations: [{ key: 'dedicated', operator: 'Exists' }],
      nodeSelector: { pool: 'tests', 'kubernetes.io/os': 'linux' },
    });
    expect(spec?.containers[0]?.resources).toEqual({ requests: { cpu: '1' } });
  }
  expect(pods.map(({ metadata }) => metadata?.labels?.team)).toEqual(['mine', 'platform', 'platform']);
});

test('where the cluster assigns user IDs, no Pod has a fixed one, and none runs as root', () => {
  for (const { spec } of kinds({ ...demands, assignsUser: true })) {
    expect(spec?.securityContext).not.toHaveProperty('runAsUser');
    expect(spec?.securityContext?.runAsNonRoot).toBe(true);
  }
});

test('a Pod for a node is taken by that node alone, beside what the cluster demands', () => {
  const { server, clientPod } = workloadsWith('agnhost:1', demands);
  const terms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['one'] }] }];
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } };
  for (const { spec } of [server('web', { node: 'one' }), clientPod('client', onNode('one'))])
    expect(spec).toMatchObject({ affinity, nodeSelector: { pool: 'tests' } });
  expect(server('web').spec).not.toHaveProperty('affinity');
});

test('a server that serves on after its deletion has the grace for it', () => {
  const { spec } = workloadsWith('agnhost:1', noDemands).server('web', { servesOnFor: 3 });
  expect(spec?.terminationGracePeriodSeconds).toBe(8);
  expect(spec?.containers[0]?.lifecycle).toEqual({ preStop: { exec: { command: ['sleep', '3'] } } });
});

test("a server in the node's network runs no commands of others, and sets nothing of the node", () => {
  const { spec } = workloadsWith('agnhost:1', noDemands).server('web', { hostNetwork: true, port: 28_462 });
  expect(spec?.hostNetwork).toBe(true);
  expect(spec?.securityContext).not.toHaveProperty('sysctls');
  expect(spec?.containers[0]?.args).toEqual(['serve-hostname', '--port=28462']);
});

test('further fields of a server are in its spec', () => {
  const { spec } = workloadsWith('agnhost:1', noDemands).server('web', { spec: { readinessGates: [{ conditionType: 'example.com/on' }] } });
  expect(spec?.readinessGates).toEqual([{ conditionType: 'example.com/on' }]);
});
