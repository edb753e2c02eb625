import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CoreV1Event, V1EndpointSlice, V1Pod, V1Service } from '@kubernetes/client-node';
import { claims } from '../../suites/claims.ts';
import { openedCluster } from '../cluster/description.ts';
import { connect, endWithOwner, openShellInContainer } from '../cluster/engine.ts';
import { pinnedImages } from '../cluster/settings.ts';
import { openKube } from '../kube/api.ts';
import { clientPod } from '../kube/client-pod.ts';
import { createNamespace, createPods, deleteNamespace } from '../kube/objects.ts';
import { openLocalShell, openShell, type Shell } from '../kube/shell.ts';
import { rulesByService, rulesCommand } from '../probe/rules.ts';
import { NotSettled } from '../probe/settle.ts';
import { beginEvidence, beginFact, writeEvidence } from '../report/evidence.ts';
import type { Evidence } from '../report/format.ts';
import { timeouts } from '../timeouts.ts';
import { type Claim, titleOf } from './row.ts';
import { unmet } from './unmet.ts';

/** The cluster under test, and the API to it. */
export const cluster = await openedCluster();
endWithOwner(process.env.CONFORMANCE_RUN);
export const kube = openKube(cluster.access);

const shells = new Map<string, Promise<Shell>>();

/** One shell for all who ask for it in a suite file. When it is lost, or was not to be had, the next who asks gets a new one: one fault, one claim. */
function shared(key: string, open: () => Shell | Promise<Shell>): Promise<Shell> {
  const before = (shells.get(key) ?? Promise.resolve(undefined)).catch(() => undefined);
  const shell = before.then((there) => (there === undefined || there.lost() ? open() : there));
  shells.set(key, shell);
  return shell;
}

/** A shell in a Pod, shared by the claims of a suite file. Throws as openShell does. */
export function shellIn(namespace: string, pod: string): Promise<Shell> {
  return shared(`${namespace}/${pod}`, () => openShell(kube, namespace, pod));
}

let topicClient: Promise<string> | undefined;
let clientsAsked = 0;

async function startClient(): Promise<string> {
  const name = `${basename(expect.getState().testPath ?? 'suite', '.test.ts')}-${cluster.run}-${++clientsAsked}`;
  await createPods(kube, cluster.clientNamespace, clientPod(name, imageOf(pinnedImages().agnhost)));
  return name;
}

/**
 * The client of this suite file, a Pod in a namespace that is none of the claims'. One for each file and not for all, because a kernel
 * sends one and the same client a few ICMP refusals at a time and then one a second (net.ipv4.icmp_ratelimit).
 */
export async function client(): Promise<Shell> {
  topicClient ??= startClient().catch((error: unknown) => {
    // A fault that passes costs one claim; where no Pod starts at all, not every fact has to find that out anew.
    if (clientsAsked < 2) topicClient = undefined;
    throw error;
  });
  return shellIn(cluster.clientNamespace, await topicClient);
}

/** The client in the node's own network namespace: a hostNetwork Pod, shared by all suites. */
export const node = (): Promise<Shell> => shellIn(cluster.clientNamespace, 'node');

/** A shell on the node itself, with the node's own commands and kubectl; only on clusters of our own. Throws when the node is gone. */
export function nodeShell(): Promise<Shell> {
  if (cluster.node === undefined) throw new Error('this claim needs a "node shell", which its row in the ledger does not say');
  const { container, engine } = cluster.node;
  return shared('the node', () => openShellInContainer(connect(engine), container, 'the node'));
}

/** Where a student would type kubectl: on the node, or at this machine where the cluster is not ours. Throws when the node is gone. */
export function desk(): Promise<Shell> {
  return cluster.node === undefined ? shared('this machine', openLocalShell) : nodeShell();
}

/** The image that stands for a pinned one in this run. */
export function imageOf(pinned: string): string {
  return cluster.images[pinned] ?? pinned;
}

type ClaimId = keyof typeof claims;
type FactOf<Id extends ClaimId> = (typeof claims)[Id]['facts'][number];

/** What the body of a claim gets. */
export interface Telling<Id extends ClaimId> {
  /** The claim's own namespace; it exists when the body's beforeAll runs. */
  readonly namespace: string;
  /** A second namespace, for the body to create; it is removed with the first. */
  readonly elsewhere: string;
  /** Tells one fact of the ledger's row as a test, in a sentence about the cluster. */
  readonly fact: (id: FactOf<Id>, title: string, show: () => Promise<void>) => void;
}

/** A failed assertion and an ending other than the awaited one are the cluster's doing; whatever else throws is the suite's. */
function outcomeOf(error: unknown): 'drifted' | 'broken' {
  if (error instanceof NotSettled) return (error.last as { ending?: string } | undefined)?.ending === 'broken' ? 'broken' : 'drifted';
  return error instanceof Error && 'matcherResult' in error ? 'drifted' : 'broken';
}

/** What fails around the claims, whatever they look at; undefined when the nodes that were Ready at the start have been so ever since. */
async function amiss(): Promise<string | undefined> {
  try {
    const { items } = await kube.core.listNode();
    const steady = items.filter(({ status }) =>
      status?.conditions?.some(
        (it) => it.type === 'Ready' && it.status === 'True' && (it.lastTransitionTime?.getTime() ?? 0) <= Date.parse(cluster.usableAt),
      ),
    );
    const lost = cluster.readyNodes.filter((name) => !steady.some(({ metadata }) => metadata?.name === name));
    return lost.length === 0 ? undefined : `node ${lost.join(', ')} has not been Ready all the time`;
  } catch (error) {
    return `the API server does not tell of its nodes (${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)})`;
  }
}

/**
 * Tells a claim of the ledger: a block of tests with a namespace of its own, whose facts leave evidence however they end.
 * On a cluster that cannot show the claim the block is skipped, and the report says why.
 */
export function claim<Id extends ClaimId>(id: Id, body: (telling: Telling<Id>) => void): void {
  const row: Claim = claims[id];
  const tell = unmet(row, cluster) === undefined ? describe : describe.skip;
  const namespace = `clusterip-${cluster.run}-${id}`;
  const elsewhere = `${namespace}-elsewhere`;

  tell(titleOf(id, row), () => {
    const evidence: Evidence = {
      format: 1,
      claim: id,
      namespace,
      cluster: {
        version: cluster.version,
        proxyMode: cluster.proxyMode,
        ...(cluster.nodeImage === undefined ? {} : { nodeImage: cluster.nodeImage }),
        kubectl: cluster.kubectlVersion,
      },
      startedAt: '',
      ms: 0,
      facts: [],
      looks: [],
      objects: {},
      rules: {},
    };

    beforeAll(async () => {
      beginEvidence(evidence);
      beginFact('setup');
      await createNamespace(kube, namespace, cluster);
    }, timeouts.test);

    body({
      namespace,
      elsewhere,
      fact: (factId, title, show) => {
        test(
          title,
          async () => {
            const began = Date.now();
            beginFact(factId);
            const keep = (outcome: 'passed' | 'drifted' | 'broken', error?: string) =>
              evidence.facts.push({ id: factId, title, outcome, ms: Date.now() - began, ...(error === undefined ? {} : { error }) });
            try {
              await show();
              keep('passed');
            } catch (error) {
              const message = error instanceof Error ? error.message : String(error);
              const outcome = outcomeOf(error);
              // A cluster that falls apart says nothing of Services.
              const around = outcome === 'drifted' ? await amiss() : undefined;
              keep(around === undefined ? outcome : 'broken', around === undefined ? message : `${message}\nBut ${around}.`);
              throw error;
            }
          },
          timeouts.test,
        );
      },
    });

    afterAll(() => {
      evidence.ms = Date.now() - Date.parse(evidence.startedAt);
      ending.push(end());
    });
    const end = async () => {
      const red = evidence.facts.length < row.facts.length || evidence.facts.some(({ outcome }) => outcome !== 'passed');
      await collect(evidence, namespace, red).catch((error: unknown) => {
        evidence.incomplete = error instanceof Error ? error.message : String(error);
      });
      writeEvidence(evidence);
      if (cluster.keptCluster && !(red && cluster.keepRed))
        await Promise.all([namespace, elsewhere].map((name) => deleteNamespace(kube, name)));
    };
  });
}

// Nothing touches the namespace of a claim that has ended, so what it leaves is collected while the next one is told.
const ending: Promise<void>[] = [];

afterAll(async () => {
  await Promise.allSettled(ending);
  for (const shell of shells.values())
    await shell
      .then((open) => {
        open.close();
      })
      .catch(() => undefined);
  // Where many runs follow each other on one cluster, such as under `npm run steady`, clients that nobody asks any more would fill the node.
  const name = await topicClient?.catch(() => undefined);
  if (cluster.keptCluster && name !== undefined)
    await kube.core.deleteNamespacedPod({ namespace: cluster.clientNamespace, name, gracePeriodSeconds: 0 });
  await Promise.all(ending);
}, timeouts.test);

async function collect(evidence: Evidence, namespace: string, red: boolean): Promise<void> {
  const [services, slices, pods] = await Promise.all([
    kube.core.listNamespacedService({ namespace }),
    kube.discovery.listNamespacedEndpointSlice({ namespace }),
    kube.core.listNamespacedPod({ namespace }),
  ]);
  evidence.objects = { services: services.items.map(trim), endpointSlices: slices.items.map(trim), pods: pods.items.map(trim) };
  const command = rulesCommand(cluster.proxyMode);
  if (command !== undefined && cluster.node !== undefined && services.items.length > 0) {
    const { output } = await (await nodeShell()).run(command);
    evidence.rules = rulesByService(cluster.proxyMode, output, services.items);
  }
  if (red) {
    const events = await kube.core.listNamespacedEvent({ namespace });
    evidence.diagnostics = diagnose(services.items, slices.items, pods.items, events.items);
  }
}

function trim<T extends { metadata?: { managedFields?: unknown } }>(object: T): T {
  delete object.metadata?.managedFields;
  return object;
}

/** What a person would ask kubectl for first, in a line each. */
function diagnose(services: V1Service[], slices: V1EndpointSlice[], pods: V1Pod[], events: CoreV1Event[]): string {
  const ports = (service: V1Service) =>
    service.spec?.ports?.map(({ port, targetPort, protocol }) => `${port}→${targetPort}/${protocol}`).join(',');
  const ready = (pod: V1Pod) => pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  const labelled = (labels: Record<string, string> = {}) =>
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
  return [
    ...services.map(
      (it) => `Service ${it.metadata?.name}: ${it.spec?.type} ${it.spec?.clusterIP} ${ports(it)} selector ${labelled(it.spec?.selector)}`,
    ),
    ...slices.map(
      (it) =>
        `EndpointSlice ${it.metadata?.name}: ${JSON.stringify((it.endpoints ?? []).map(({ addresses, conditions }) => ({ addresses, conditions })))}`,
    ),
    ...pods.map(
      (it) =>
        `Pod ${it.metadata?.name}: ${it.status?.phase}, Ready ${ready(it)}, ${it.status?.podIP} labels ${labelled(it.metadata?.labels)}`,
    ),
    ...events
      .filter(({ type }) => type !== 'Normal')
      .map((it) => `Event ${it.involvedObject.kind}/${it.involvedObject.name}: ${it.reason} ${it.message}`),
  ].join('\n');
}
