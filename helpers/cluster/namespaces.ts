import type { Kube } from '../kube/api.ts';
import { deleteNamespace, namespaceLabels, waitFor } from '../kube/objects.ts';
import { timeouts } from '../timeouts.ts';
import { ownerAlive } from './engine.ts';

// What runs make in a cluster that outlives them.

/** ms after which a run has ended for sure: of a process on another machine, or in a Pod that is gone, nothing else tells. */
const longestRun = 2 * 60 * 60_000;

/** Removes from a cluster that outlives its runs the namespaces of runs that are gone, and returns their names. */
export async function sweepNamespaces(kube: Kube): Promise<string[]> {
  const { items } = await kube.core.listNamespace({ labelSelector: `app.kubernetes.io/managed-by=${namespaceLabels.managed}` });
  const orphans = items.filter(({ metadata }) => {
    const owner = metadata?.annotations?.[namespaceLabels.owner] ?? 'kept';
    const since = Date.now() - (metadata?.creationTimestamp?.getTime() ?? Date.now());
    return owner !== 'kept' && (!ownerAlive(owner) || since > longestRun);
  });
  const names = orphans.map(({ metadata }) => metadata?.name ?? '');
  await Promise.all(names.map((name) => deleteNamespace(kube, name)));
  return names;
}

/** Waits until namespaces are gone; what holds one up longer is said, and is no fault of the run. */
export async function namespacesGone(kube: Kube, names: readonly string[]): Promise<void> {
  await waitFor('namespaces to be gone', timeouts.podsReady, async () => {
    const { items } = await kube.core.listNamespace();
    const left = items.filter(({ metadata }) => names.includes(metadata?.name ?? ''));
    const why = left.flatMap(({ status }) => status?.conditions ?? []).filter(({ status }) => status === 'True');
    if (left.length === 0) return { done: undefined };
    return { seen: [...left.map(({ metadata }) => metadata?.name), ...why.map(({ message }) => message)].join('; ') };
  }).catch((error: unknown) => {
    console.error(`Deleted, and not gone yet: ${error instanceof Error ? error.message : String(error)}`);
  });
}

/**
 * Deletes the namespaces of a run but for those to be kept, and returns their names, also of those that are going already. An API server that
 * is away for a moment is waited for. Throws when it stays away, and says what is left.
 */
export async function deleteNamespacesOf(kube: Kube, run: string, kept: (name: string) => boolean): Promise<string[]> {
  const labelSelector = `${namespaceLabels.run}=${run}`;
  return waitFor(
    `the namespaces labelled ${labelSelector} to be deleted; the next run, or npm run clean, deletes them`,
    timeouts.settled,
    async () => {
      try {
        const { items } = await kube.core.listNamespace({ labelSelector });
        const names = items.map(({ metadata }) => metadata?.name ?? '').filter((name) => !kept(name));
        await Promise.all(names.map((name) => deleteNamespace(kube, name)));
        return { done: names };
      } catch (error) {
        return { seen: error instanceof Error ? error.message : String(error) };
      }
    },
  );
}
