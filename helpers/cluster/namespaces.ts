import { hostname } from 'node:os';
import type { Kube } from '../kube/api.ts';
import { deleteNamespace, namespaceLabels, waitFor } from '../kube/objects.ts';
import { timeouts } from '../timeouts.ts';
import { ownerGone } from './engine.ts';

// What runs make in a cluster that outlives them.

/** The owner of what a person of this machine wanted to keep. */
export const keptHere = `kept/${hostname()}`;

interface Ours {
  readonly name: string;
  readonly owner: string;
  /** ms since it was made. */
  readonly age: number;
  readonly going: boolean;
}

async function allOurs(kube: Kube): Promise<Ours[]> {
  const { items } = await kube.core.listNamespace({ labelSelector: `app.kubernetes.io/managed-by=${namespaceLabels.managed}` });
  return items.map(({ metadata }) => ({
    name: metadata?.name ?? '',
    owner: metadata?.annotations?.[namespaceLabels.owner] ?? 'kept',
    age: Date.now() - (metadata?.creationTimestamp?.getTime() ?? Date.now()),
    going: metadata?.deletionTimestamp !== undefined,
  }));
}

/** Removes from a cluster that outlives its runs the namespaces of runs that are gone, and returns their names. Kept ones stay, unless asked for. */
export async function sweepNamespaces(kube: Kube, { alsoKept = false }: { alsoKept?: boolean } = {}): Promise<string[]> {
  const orphans = (await allOurs(kube)).filter(({ owner, age }) =>
    owner.startsWith('kept') ? alsoKept && owner === keptHere : ownerGone(owner, age),
  );
  const names = orphans.map(({ name }) => name);
  await Promise.all(names.map((name) => deleteNamespace(kube, name)));
  return names;
}

/** The namespaces of the suite that are there and not going, each with whose it is and since when. */
export async function namespacesOfOthers(kube: Kube): Promise<string[]> {
  const there = (await allOurs(kube)).filter(({ going }) => !going);
  return there.map(({ name, owner, age }) => `${name} (${owner}, since ${Math.round(age / 60_000)} min)`);
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
 * Deletes the namespaces of a run but for those to be kept, until none is found that is not going, and returns their names. An API server that
 * is away for a moment is waited for. Throws when it stays away, and says what is left.
 */
export async function deleteNamespacesOf(kube: Kube, run: string, kept: (name: string) => boolean): Promise<string[]> {
  const labelSelector = `${namespaceLabels.run}=${run}`;
  const deleted = new Set<string>();
  const what = `the namespaces labelled ${labelSelector} to be deleted; the next run, or npm run clean, deletes them`;
  await waitFor(what, timeouts.settled, async () => {
    try {
      const { items } = await kube.core.listNamespace({ labelSelector });
      const names = items.map(({ metadata }) => metadata?.name ?? '').filter((name) => !kept(name) && !deleted.has(name));
      if (names.length === 0) return { done: undefined };
      await Promise.all(
        names.map(async (name) => {
          await deleteNamespace(kube, name);
          deleted.add(name);
        }),
      );
      return { seen: names.join(', ') };
    } catch (error) {
      return { seen: error instanceof Error ? error.message : String(error) };
    }
  });
  return [...deleted];
}
