import { hostname } from 'node:os';
import { messageOf } from '../base/message-of.ts';
import { timeouts } from '../base/timeouts.ts';
import { waitFor } from '../base/wait-for.ts';
import { longestRun, ownerAlive, userIdentity } from '../engine/ownership.ts';
import type { Kube } from '../kube/api.ts';
import { deleteNamespace, namespaceLabels } from '../kube/objects.ts';
import { readLease, serverTime } from './lease.ts';

// The namespaces of runs in a cluster that outlives them, and that other machines may use at the same time. A namespace is in use while the Lease of its
// run is renewed. No process is looked up to decide this: on another machine, another process may have the same name.

/** Returns the owner of namespaces that this user on this machine asked to keep. */
export function keptHere(): string {
  return `kept/${hostname()}/${userIdentity()}`;
}

/** Returns the name of a run's namespace for the shared clients. It has the run's Lease, and is the run's first namespace. */
export function clientNamespaceOf(run: string): string {
  return `clusterip-${run}-clients`;
}

interface SuiteNamespace {
  readonly name: string;
  readonly run: string;
  readonly owner: string;
  /** In ms since 1970, by the clock of the API server. */
  readonly created: number;
  readonly deleting: boolean;
}

async function suiteNamespaces(kube: Kube): Promise<SuiteNamespace[]> {
  const { items } = await kube.core.listNamespace({ labelSelector: `app.kubernetes.io/managed-by=${namespaceLabels.managed}` });
  return items.map(({ metadata }) => ({
    name: metadata?.name ?? '',
    run: metadata?.labels?.[namespaceLabels.run] ?? '',
    owner: metadata?.annotations?.[namespaceLabels.owner] ?? 'kept',
    created: metadata?.creationTimestamp?.getTime() ?? Number.POSITIVE_INFINITY,
    deleting: metadata?.deletionTimestamp !== undefined,
  }));
}

interface LiveRun {
  readonly run: string;
  /** The run's process, as ownerOf names it; undefined where the run has no Lease. */
  readonly holder?: string;
  /** ms until its Lease expires, or until a run without a Lease counts as ended. */
  readonly left: number;
}

/** Returns the runs that have not ended, as far as their Leases show. A run that has no namespace for its clients has ended. */
async function liveRuns(kube: Kube, namespaces: readonly SuiteNamespace[]): Promise<LiveRun[]> {
  const now = await serverTime(kube);
  const clients = namespaces.filter(({ name, run, deleting }) => name === clientNamespaceOf(run) && !deleting);
  const runs = await Promise.all(
    clients.map(async ({ name, run, created }) => {
      const lease = await readLease(kube, name);
      return lease === undefined ? { run, left: created + longestRun - now } : { run, holder: lease.holder, left: lease.expires - now };
    }),
  );
  return runs.filter(({ left }) => left > 0);
}

/**
 * Deletes the namespaces of runs that have ended and returns their names. Kept ones stay, unless `alsoKept` is set: then those that this user kept on
 * this machine are deleted too. Throws the error of the API server.
 */
export async function sweepNamespaces(kube: Kube, { alsoKept = false }: { alsoKept?: boolean } = {}): Promise<string[]> {
  const namespaces = await suiteNamespaces(kube);
  const live = await liveRuns(kube, namespaces);
  const orphans = namespaces
    .filter(({ owner }) => !owner.startsWith('kept') || (alsoKept && owner === keptHere()))
    // One of several runs on a cluster has the id of the first and a suffix.
    .filter(({ run }) => !live.some((other) => run.startsWith(other.run)));
  const names = orphans.map(({ name }) => name);
  await Promise.all(names.map((name) => deleteNamespace(kube, name)));
  return names;
}

/**
 * Returns the ms until the Leases of all runs have expired whose process was on this machine and has ended; 0 where there is none. Throws the error of
 * the API server.
 */
export async function untilKilledRunsExpire(kube: Kube): Promise<number> {
  const live = await liveRuns(kube, await suiteNamespaces(kube));
  const killed = live.filter(({ holder }) => holder !== undefined && !ownerAlive(holder));
  // The time of the API server is known to the second.
  return Math.max(0, ...killed.map(({ left }) => left + 1_000));
}

/** Returns the remaining namespaces of the suite that are not being deleted, each with its owner and age. Throws the error of the API server. */
export async function namespacesOfOthers(kube: Kube): Promise<string[]> {
  const [namespaces, now] = [await suiteNamespaces(kube), await serverTime(kube)];
  const remaining = namespaces.filter(({ deleting }) => !deleting);
  return remaining.map(({ name, owner, created }) => {
    const [first = '', second = ''] = owner.split('/');
    return `${name} (${first}/${second}, since ${Math.round((now - created) / 60_000)} min)`;
  });
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

/**
 * Deletes the ServiceCIDRs and IPAddresses with the label of a run: where a claim was interrupted, it has not removed them itself. Throws the error of the API
 * server.
 */
export async function deleteRangesOf(kube: Kube, run: string): Promise<void> {
  const labelSelector = `${namespaceLabels.run}=${run}`;
  await kube.networking.deleteCollectionServiceCIDR({ labelSelector });
  await kube.networking.deleteCollectionIPAddress({ labelSelector });
}
