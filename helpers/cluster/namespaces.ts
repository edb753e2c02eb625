import { hostname } from 'node:os';
import { messageOf } from '../base/message-of.ts';
import { timeouts } from '../base/timeouts.ts';
import { waitFor } from '../base/wait-for.ts';
import { ownerGone } from '../engine/ownership.ts';
import type { Kube } from '../kube/api.ts';
import { deleteNamespace, namespaceLabels } from '../kube/objects.ts';

// The namespaces of runs in a cluster that outlives them.

/** The owner of namespaces that a person on this machine asked to keep. */
export const keptHere = `kept/${hostname()}`;

interface SuiteNamespace {
  readonly name: string;
  readonly owner: string;
  /** ms since it was created. */
  readonly age: number;
  readonly deleting: boolean;
}

async function suiteNamespaces(kube: Kube): Promise<SuiteNamespace[]> {
  const { items } = await kube.core.listNamespace({ labelSelector: `app.kubernetes.io/managed-by=${namespaceLabels.managed}` });
  return items.map(({ metadata }) => ({
    name: metadata?.name ?? '',
    owner: metadata?.annotations?.[namespaceLabels.owner] ?? 'kept',
    age: Date.now() - (metadata?.creationTimestamp?.getTime() ?? Date.now()),
    deleting: metadata?.deletionTimestamp !== undefined,
  }));
}

/**
 * Deletes the namespaces of runs that have ended and returns their names. Kept ones stay, unless `alsoKept` is set: then those that were kept by this
 * machine are deleted too. Throws the error of the API server.
 */
export async function sweepNamespaces(kube: Kube, { alsoKept = false }: { alsoKept?: boolean } = {}): Promise<string[]> {
  const orphans = (await suiteNamespaces(kube)).filter(({ owner, age }) =>
    owner.startsWith('kept') ? alsoKept && owner === keptHere : ownerGone(owner, age),
  );
  const names = orphans.map(({ name }) => name);
  await Promise.all(names.map((name) => deleteNamespace(kube, name)));
  return names;
}

/** Returns the remaining namespaces of the suite that are not being deleted, each with its owner and age. Throws the error of the API server. */
export async function namespacesOfOthers(kube: Kube): Promise<string[]> {
  const remaining = (await suiteNamespaces(kube)).filter(({ deleting }) => !deleting);
  return remaining.map(({ name, owner, age }) => `${name} (${owner}, since ${Math.round(age / 60_000)} min)`);
}

/** Waits until namespaces are gone, at most timeouts.podsReady. Then prints the reason: a finalizer of the cluster is no fault of the run. */
export async function namespacesGone(kube: Kube, names: readonly string[]): Promise<void> {
  await waitFor('namespaces to be gone', timeouts.podsReady, async () => {
    const { items } = await kube.core.listNamespace();
    const left = items.filter(({ metadata }) => names.includes(metadata?.name ?? ''));
    const reasons = left.flatMap(({ status }) => status?.conditions ?? []).filter(({ status }) => status === 'True');
    if (left.length === 0) return { done: undefined };
    return { seen: [...left.map(({ metadata }) => metadata?.name), ...reasons.map(({ message }) => message)].join('; ') };
  }).catch((error: unknown) => {
    console.error(`Deleted, and not gone yet: ${messageOf(error)}`);
  });
}

/**
 * Deletes the namespaces of a run, except those for which `kept` returns true, and returns their names. Lists them again until none is left to
 * delete, and waits for an API server that does not answer. Throws after timeouts.settled an error that names what is left.
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
      return { seen: messageOf(error) };
    }
  });
  return [...deleted];
}
