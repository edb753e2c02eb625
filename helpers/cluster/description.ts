import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { artifacts } from '../base/paths.ts';
import { timeouts } from '../base/timeouts.ts';
import { writeWhole } from '../base/write-whole.ts';
import type { EngineAddress } from '../engine/engine.ts';
import { ownerAlive } from '../engine/ownership.ts';
import type { KubeAccess } from '../kube/api.ts';
import type { Demands } from '../kube/pods.ts';
import type { Findings } from '../ledger/capabilities.ts';

/** A node of the cluster, as the report shows it. */
export interface NodeDescription {
  readonly name: string;
  /** InternalIPs: one of each family, the first family first. */
  readonly addresses: readonly string[];
  readonly kernel: string;
  readonly operatingSystem: string;
  readonly architecture: string;
  readonly containerRuntime: string;
  /** Whether the node was Ready when the cluster was opened. */
  readonly ready: boolean;
  /** Whether the run's Pods may be scheduled there: it has the labels that they select, and is neither cordoned nor has a taint that they do not tolerate. */
  readonly takesPods: boolean;
  /** How many Pods the node takes, its own included. */
  readonly podLimit: number;
  /** Where the node is a container of this suite: its id. */
  readonly container?: string;
}

/** One layer of the cluster's network, as it was seen when a layer did not work. */
export interface Layer {
  /** Such as `Pod to Service`. */
  readonly name: string;
  readonly works: boolean;
  /** What a client saw there, in a few words. */
  readonly seen: string;
}

/** A layer of the cluster's network that does not work at all, so that claims above it can show nothing. */
export interface Fault {
  /** The name of the lowest layer that does not work. */
  readonly layer: string;
  readonly seen: string;
  /** What a person looks at first, in a sentence each. */
  readonly lookAt: readonly string[];
  /** Every layer that was tried, the lowest first. */
  readonly layers: readonly Layer[];
  /** Whether the run was stopped. Otherwise only claims that need this layer were skipped. */
  readonly stopped: boolean;
}

/** The cluster under test as the run found it: what Jest, the evidence and the report need to know of it. */
export interface ClusterDescription extends Findings {
  /** Unique among runs; part of every namespace's name. */
  readonly run: string;
  /** The process whose end makes the run's namespaces orphans; `kept/…` for namespaces that are to outlive it. */
  readonly owner: string;
  /** The profile by which the cluster was started; absent on an adopted cluster. */
  readonly profile?: string;
  /** Where the nodes are containers of this suite: how to look into them, and the server's container. */
  readonly node?: { readonly container: string; readonly engine: EngineAddress };
  /** The image of that container; absent on an adopted cluster. */
  readonly nodeImage?: string;
  /** Why this node image, or this cluster. */
  readonly why: string;
  /** Of the cluster's own ServiceCIDR first, its first family first; empty where nothing reports them. */
  readonly serviceRanges: readonly string[];
  /** One for each family, the first family first; empty where nothing reports them. */
  readonly podRanges: readonly string[];
  /** The family of the address that a Service gets unless it requests another. */
  readonly ipFamily: 'IPv4' | 'IPv6';
  /** The DNS domain of the cluster, such as cluster.local. */
  readonly domain: string;
  readonly nodes: readonly NodeDescription[];
  /** How many more Pods the nodes of an existing cluster took when it was opened. Counting stops at 80; absent on a cluster of this suite. */
  readonly freePlaces?: number;
  /** The address of the node that the shared hostNetwork client runs on. */
  readonly nodeAddress: string;
  readonly k3sArgs: readonly string[];
  readonly access: KubeAccess;
  /** What the cluster demands of the run's Pods and namespaces. */
  readonly demands: Demands;
  /** The namespace of the shared clients: Pods that only send requests. */
  readonly clientNamespace: string;
  /** The cluster was started by this suite before the run, and outlives it. */
  readonly kept: boolean;
  /** Whether the namespaces of claims that ended green are deleted at once: on every cluster that outlives the run. */
  readonly deleteGreen: boolean;
  /** Whether the namespaces of red claims stay. */
  readonly keepRed: boolean;
  /** Found while the claims run; absent where every layer works, and where that was not checked. */
  readonly fault?: Fault;
  /** When the cluster became usable, by the clock of this machine. */
  readonly usableAt: string;
  /** ms by which the clock of this machine is ahead of the API server's, to the second: that of a laptop may be wrong. */
  readonly clockAhead: number;
  /** ms of each phase before the claims. */
  readonly phases: Readonly<Record<string, number>>;
}

/** The file with the description of the cluster of a run, which its Jest reads. */
export const descriptionFile = join(artifacts, 'cluster.json');

/** Writes the description of the cluster. From then on it is open to Jest, which waits for this file. */
export function writeDescription(description: ClusterDescription): void {
  writeWhole(descriptionFile, `${JSON.stringify(description, null, 2)}\n`);
}

/**
 * Waits for the description of the cluster that a run is starting, so that Jest loads meanwhile. `owner` is the run's process.
 * Throws when that process has ended.
 */
export async function openedCluster(owner: string): Promise<ClusterDescription> {
  while (!existsSync(descriptionFile)) {
    if (!ownerAlive(owner)) throw new Error('the run that was starting the cluster has ended');
    await setTimeout(timeouts.betweenObservations);
  }
  return readDescription();
}

/** Reads the description of the cluster. Throws when there is none. */
export function readDescription(): ClusterDescription {
  return JSON.parse(readFileSync(descriptionFile, 'utf8')) as ClusterDescription;
}

/**
 * Returns the description of the same cluster for one of several runs on it. Its namespaces have names of their own, and are deleted as their claims end
 * green. The nodes are taken to be steady from now on.
 */
export function forAnotherRun(description: ClusterDescription, suffix: string): ClusterDescription {
  return { ...description, run: `${description.run}${suffix}`, deleteGreen: true, usableAt: new Date().toISOString() };
}
