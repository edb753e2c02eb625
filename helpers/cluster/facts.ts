import { isIPv6 } from 'node:net';
import type { V1Node } from '@kubernetes/client-node';
import type { Kube } from '../kube/api.ts';
import { openShell } from '../kube/shell.ts';
import { refusal } from '../kube/refusal.ts';
import type { Report } from '../report/format.ts';
import { UsageError } from '../usage-error.ts';

// What a cluster tells of itself, for the report and for the claims that depend on it.

/** The address by which others reach a node. */
export function addressOf(node: V1Node | undefined): string {
  return node?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '';
}

/** What the report says of a node. */
export function nodeFacts(node: V1Node): Report['cluster']['nodes'][number] {
  const { kernelVersion, osImage, architecture, containerRuntimeVersion } = node.status?.nodeInfo ?? {};
  return {
    name: node.metadata?.name ?? '',
    address: addressOf(node),
    kernel: kernelVersion ?? '',
    operatingSystem: osImage ?? '',
    architecture: architecture ?? '',
    containerRuntime: containerRuntimeVersion ?? '',
  };
}

/** The ranges from which Services get their addresses, the first family first; none where the cluster does not tell, as before Kubernetes 1.33. */
export async function serviceRangesOf(kube: Kube): Promise<string[]> {
  try {
    return (await kube.networking.readServiceCIDR({ name: 'kubernetes' })).spec?.cidrs ?? [];
  } catch (error) {
    refusal(error);
    return [];
  }
}

/** Throws a UsageError where Services get IPv6 addresses unless asked otherwise. */
export async function refuseIPv6First(kube: Kube): Promise<void> {
  // The API server's own Service has an address of the family that comes first.
  const { spec } = await kube.core.readNamespacedService({ namespace: 'default', name: 'kubernetes' });
  if (isIPv6(spec?.clusterIP ?? ''))
    throw new UsageError(`This cluster gives its Services IPv6 addresses first (${spec?.clusterIP}), and the claims are written for IPv4.`);
}

/** What the Service proxy says it runs in, asked on the node; `unknown` where no Pod may stand there or nothing answers. */
export async function proxyModeOn(kube: Kube, namespace: string): Promise<string> {
  const onNode = await openShell(kube, namespace, 'node');
  const { output } = await onNode.run('curl -s --max-time 2 localhost:10249/proxyMode');
  onNode.close();
  return /^[a-z]+$/.test(output.trim()) ? output.trim() : 'unknown';
}
