import type { ClusterDescription } from '../cluster/description.ts';
import { deleteNamespacesOf } from '../cluster/namespaces.ts';
import { type EngineAddress, connect, scriptInContainer } from '../engine/engine.ts';
import { timeouts } from '../base/timeouts.ts';
import { openKube } from '../kube/api.ts';
import { deletePods } from '../kube/objects.ts';

// For commands that run the claims several times on one cluster.

/** Runs an sh script on the node. Throws as scriptInContainer does. */
export type OnNode = (script: string) => Promise<void>;

/** Returns a function that runs sh scripts on the node of this suite, each after `prelude`. A script ends within 2 × timeouts.podsReady. */
export function scriptsOn({ container, engine }: { container: string; engine: EngineAddress }, prelude: string): OnNode {
  const docker = connect(engine);
  return async (script) => {
    await scriptInContainer(docker, container, script, { prelude, limit: 2 * timeouts.podsReady });
  };
}

/**
 * Removes what one of several runs left on the cluster: the namespaces of its red claims, and its client Pods and shared servers. A node takes 110 Pods. Throws the error of
 * the API server.
 */
export async function removeTraces({ access, clientNamespace, run }: ClusterDescription): Promise<void> {
  const kube = openKube(access);
  await deleteNamespacesOf(kube, run, () => false);
  const { items } = await kube.core.listNamespacedPod({ namespace: clientNamespace });
  const clients = items.map(({ metadata }) => metadata?.name ?? '').filter((name) => name !== 'node');
  if (clients.length > 0) await deletePods(kube, clientNamespace, clients);
}
