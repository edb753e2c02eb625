import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { artifacts } from '../artifacts.ts';
import { writeWhole } from '../write-whole.ts';
import { timeouts } from '../timeouts.ts';
import type { Need } from '../claims/row.ts';
import type { KubeAccess } from '../kube/api.ts';
import type { Report } from '../report/format.ts';
import { type EngineAddress, ownerAlive } from './engine.ts';

const file = join(artifacts, 'cluster.json');

/** The cluster under test as the run found it: everything the workers, the evidence and the report need to know of it. */
export interface ClusterDescription {
  /** Unique among runs; part of every namespace's name. */
  readonly run: string;
  /** The process whose end makes the run's namespaces orphans; `kept` for namespaces that are to outlive it. */
  readonly owner: string;
  /** It was there already and was named by its context; absent: this suite's own, in a container. */
  readonly adopted: boolean;
  /** Where the node is a container of ours, how to look into it. */
  readonly node?: { readonly container: string; readonly engine: EngineAddress };
  /** What claims may need and this cluster was found not to have, each with the reason. */
  readonly gaps: Readonly<Partial<Record<Need, string>>>;
  /** The image of our own node; absent on a cluster that was there already. */
  readonly nodeImage?: string;
  readonly why: string;
  readonly standIn: boolean;
  /** As the API server gives it, such as v1.36.3+k3s1. */
  readonly version: string;
  /** `none` where there is no kubectl. */
  readonly kubectlVersion: string;
  /** What the Service proxy itself says it runs in. */
  readonly proxyMode: string;
  /** `unknown` where nothing tells, as with the next. */
  readonly serviceRange: string;
  readonly podRange: string;
  /** It gives Services an address of a second family when they ask. */
  readonly dualStack: boolean;
  readonly nodes: Report['cluster']['nodes'];
  /** Those that were Ready when the cluster was opened. */
  readonly readyNodes: readonly string[];
  /** Of the node that the claims look at. */
  readonly nodeAddress: string;
  readonly k3sArgs: readonly string[];
  /** Replacements of workload images, by the pinned name. */
  readonly images: Readonly<Record<string, string>>;
  readonly access: KubeAccess;
  /** Where the shared clients live: Pods that only ask. */
  readonly clientNamespace: string;
  /** A kept cluster outlives the run, so namespaces are removed from it; a disposable one goes as a whole. */
  readonly keptCluster: boolean;
  readonly keepRed: boolean;
  /** When the cluster was there to be used. */
  readonly usableAt: string;
  /** ms of each phase before the claims. */
  readonly phases: Readonly<Record<string, number>>;
}

export const descriptionFile = file;

/** Writes down what the workers need to know of the cluster; from then on it is open to them. */
export function writeDescription(description: ClusterDescription): void {
  writeWhole(file, `${JSON.stringify(description, null, 2)}\n`);
}

/**
 * Waits for the cluster that the run is starting, so that Jest and its workers can load meanwhile, and returns its description.
 * Throws when the run is gone.
 */
export async function openedCluster(): Promise<ClusterDescription> {
  const owner = process.env.CONFORMANCE_RUN ?? '';
  while (!existsSync(file)) {
    if (!ownerAlive(owner)) throw new Error('the run that was starting the cluster has ended');
    await new Promise((resolve) => setTimeout(resolve, timeouts.betweenLooks));
  }
  return readDescription();
}

/** Reads what the run wrote down about its cluster. Throws when there is none. */
export function readDescription(): ClusterDescription {
  return JSON.parse(readFileSync(file, 'utf8')) as ClusterDescription;
}
