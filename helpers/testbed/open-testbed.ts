import { inUrl } from '../base/in-url.ts';
import { addressAt, numberIn, sizeOf } from '../base/ranges.ts';
import { timeouts } from '../base/timeouts.ts';
import { type ClusterDescription, writeDescription } from '../cluster/description.ts';
import { furtherServiceRange } from '../cluster/k3s-arguments.ts';
import { recordObservation } from '../evidence/recorder.ts';
import type { Kube } from '../kube/api.ts';
import { withNodeLabel } from '../kube/node-labels.ts';
import { onNode, type Workloads } from '../kube/pods.ts';
import { refusal } from '../kube/refusal.ts';
import type { Shell } from '../kube/shell.ts';
import { ledger } from '../ledger/claims.ts';
import { http, series, udp } from '../probe/attempt.ts';
import { openConnection } from '../probe/connection.ts';
import { dig } from '../probe/dig.ts';
import { fromEach, seriesOfEach } from '../probe/each-url.ts';
import { openFlow, udpSeries } from '../probe/flow.ts';
import { idle } from '../probe/idle.ts';
import { startLoad } from '../probe/load.ts';
import { recordType, resolve, type Resolution } from '../probe/resolve.ts';
import { settle } from '../probe/settle.ts';
import { claimsOf, type JestFile } from './claim.ts';
import { type ExpectAnswer, expectAnswerOf, isNoName } from './expect-answer.ts';
import { expectEnding } from './expect-ending.ts';
import { expectAddress, expectNoAddressIn } from './expect-resolution.ts';
import { findFault } from './find-fault.ts';
import { type Lab, openLab } from './lab.ts';
import { type Outside, startOutside } from './outside.ts';
import { responseTo } from './response-to.ts';
import type { RunContext } from './run-context.ts';
import { webService, workloadsOf } from './workloads.ts';

/** What suite files import. */
export interface Testbed extends Workloads {
  /** Registers a claim of the ledger: its tests, each with a namespace of the claim. Throws when its checks differ from the ledger's row. */
  readonly claim: ReturnType<typeof claimsOf>;
  readonly cluster: ClusterDescription;
  readonly kube: Kube;
  /** Returns a client: a Pod outside the claim's namespace that only sends requests. With `node` it is on the node of that name, of cluster.nodes. */
  readonly client: RunContext['client'];
  /** Returns three servers that all claims share and none changes. */
  readonly backends: RunContext['backends'];
  /** Returns the part of a Pod's spec by which it is on the node of that name, as for clientPod. */
  readonly onNode: typeof onNode;
  /** Returns the client in the node's own network namespace. Needs "host network". */
  readonly node: () => Promise<Shell>;
  /** Returns a shell on the node itself, the server's by default. Needs "node shell". */
  readonly nodeShell: RunContext['nodeShell'];
  /** Gives every node a label, runs `show`, and removes the label. Needs "cluster-wide changes". Throws as withNodeLabel does. */
  readonly withNodeLabel: (label: string, value: string, show: () => Promise<void>) => Promise<void>;
  /** Creates a lab for a namespace: `files` by the name they get there, from those under manifests/. Needs "kubectl". */
  readonly openLab: (namespace: string, files: Readonly<Record<string, string>>) => Promise<Lab>;
  /** Creates the lab with the chapter's Service and the corrected Pod, and applies both. Throws when kubectl does not accept them. */
  readonly applyLab: (namespace: string) => Promise<Lab>;
  /** Starts a machine on the node's network, which is removed when all claims have ended. Needs "outside". */
  readonly startOutside: () => Promise<Outside>;
  readonly expectEnding: typeof expectEnding;
  readonly expectAddress: typeof expectAddress;
  /** Waits until a name has no address, and the name server of the cluster says so. */
  readonly expectNoAddress: ReturnType<typeof expectNoAddressIn>;
  readonly settle: typeof settle;
  readonly http: typeof http;
  readonly series: typeof series;
  readonly udp: typeof udp;
  readonly openFlow: typeof openFlow;
  readonly udpSeries: typeof udpSeries;
  readonly seriesOfEach: typeof seriesOfEach;
  readonly fromEach: typeof fromEach;
  /** Asks for the addresses of a name from a Pod, of the family that Services of the cluster get first. Throws as resolve does. */
  readonly resolve: (client: Shell, name: string) => Promise<Resolution>;
  readonly dig: typeof dig;
  readonly expectAnswer: ExpectAnswer;
  readonly isNoName: typeof isNoName;
  readonly responseTo: typeof responseTo;
  readonly openConnection: typeof openConnection;
  readonly startLoad: typeof startLoad;
  readonly inUrl: typeof inUrl;
  readonly addressAt: typeof addressAt;
  readonly numberIn: typeof numberIn;
  readonly sizeOf: typeof sizeOf;
  readonly idle: typeof idle;
  readonly recordObservation: typeof recordObservation;
  readonly refusal: typeof refusal;
  readonly webService: typeof webService;
  readonly timeouts: typeof timeouts;
  /** A Service range that a claim may add to a cluster of the run. Its packets stay in the node. */
  readonly furtherServiceRange: string;
  /** The suites with a claim that is to be shown, such as `chapter/dns`. */
  readonly wantedSuites: readonly string[];
}

/** What the launcher asks of the testbed. */
export interface TestbedOptions {
  /** The process that started the run. */
  readonly owner: string;
  /** Whether the run stops where the cluster's network does not work at all. */
  readonly stopEarly: boolean;
}

/** Returns the testbed of the suites. */
export function openTestbed(jest: JestFile, context: RunContext, { owner, stopEarly }: TestbedOptions): Testbed {
  const removals: (() => Promise<void>)[] = [];
  const onEnd = (remove: () => Promise<void>) => removals.push(remove);
  // Jest runs hooks in the order of their registration: these after those of the claims.
  const claim = claimsOf(jest, context, async () => {
    const fault = stopEarly ? await findFault(context) : undefined;
    // The reporter reads it there.
    if (fault !== undefined) writeDescription({ ...context.cluster, fault });
    return fault;
  });
  jest.afterAll(async () => {
    await Promise.all(removals.map((remove) => remove()));
  }, timeouts.file);
  const type = recordType(context.cluster.ipFamily);
  const lab: Testbed['openLab'] = (namespace, files) => openLab(context, namespace, files, onEnd);
  return {
    claim,
    cluster: context.cluster,
    kube: context.kube,
    client: context.client,
    backends: context.backends,
    onNode,
    node: context.node,
    nodeShell: context.nodeShell,
    withNodeLabel: (label, value, show) => withNodeLabel(context.kube, label, value, show),
    ...workloadsOf(context),
    openLab: lab,
    applyLab: async (namespace) => {
      const files = { 'pod-for-service.yaml': 'corrected/pod-for-service.yaml', 'service-for-pod.yml': 'chapter/service.yaml' };
      const opened = await lab(namespace, files);
      const { exitCode, output } = await opened.type('kubectl apply -f pod-for-service.yaml -f service-for-pod.yml');
      if (exitCode !== 0) throw new Error(`kubectl did not accept the lab's files: ${output}`);
      return opened;
    },
    startOutside: () => startOutside(context, { owner, onEnd }),
    expectEnding,
    expectAddress,
    expectNoAddress: expectNoAddressIn(context.cluster.domain, type),
    settle,
    http,
    series,
    udp,
    openFlow,
    udpSeries,
    seriesOfEach,
    fromEach,
    resolve: (client, name) => resolve(client, name, type),
    dig,
    expectAnswer: expectAnswerOf(type),
    isNoName,
    responseTo,
    openConnection,
    startLoad,
    inUrl,
    addressAt,
    numberIn,
    sizeOf,
    idle,
    recordObservation,
    refusal,
    webService,
    timeouts,
    furtherServiceRange,
    wantedSuites: [...new Set(context.wanted.flatMap((id) => ledger[id]?.suite ?? []))],
  };
}
