import type { Container, Pod, PodSpec, ResourceRequirements } from 'kubernetes-types/core/v1.js';
import { meshOptOuts } from './mesh-opt-outs.ts';

// The Pods that suites create. A cluster may refuse, change or never run Pods, so these ask for as little as they can.

/** Labels or annotations. null leaves out one that the suite would set. */
type Entries = Readonly<Record<string, string | null>>;

interface Metadata {
  readonly labels: Entries;
  readonly annotations: Entries;
}

/** What a cluster demands of Pods and namespaces. All but `assignsUser` is what the file of CONFORMANCE_PODS sets. */
export interface Demands {
  readonly pod: Metadata;
  readonly namespace: Metadata;
  readonly spec: Pick<PodSpec, 'nodeSelector' | 'tolerations' | 'imagePullSecrets' | 'priorityClassName' | 'runtimeClassName'>;
  /** Takes the place of the suite's own requests and limits. */
  readonly resources?: ResourceRequirements;
  /** The cluster gives each Pod a user ID and refuses a fixed one, as OpenShift does. */
  readonly assignsUser: boolean;
}

/** What most clusters demand. */
export const noDemands: Demands = {
  pod: { labels: {}, annotations: {} },
  namespace: { labels: {}, annotations: {} },
  spec: {},
  assignsUser: false,
};

/** The only container of a Pod of the suite. Every exec names it, because a cluster may add others. */
export const ownContainer = 'agnhost';

/** Merges labels or annotations, the later over the earlier, and leaves out those that are null. */
export function mergedEntries(...all: readonly Entries[]): Record<string, string> {
  const merged: Entries = Object.assign({}, ...all) as Entries;
  return Object.fromEntries(Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null));
}

/** Returns a Pod with what the cluster demands, for fields that the Pod itself does not set; resources replace its own. */
export function withDemands(pod: Pod, { pod: metadata, spec, resources }: Demands): Pod {
  const labels = mergedEntries(metadata.labels, pod.metadata?.labels ?? {});
  const annotations = mergedEntries(metadata.annotations, pod.metadata?.annotations ?? {});
  const nodeSelector = { ...spec.nodeSelector, ...pod.spec?.nodeSelector };
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    spec: {
      ...spec,
      ...pod.spec,
      ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
      containers: (pod.spec?.containers ?? []).map((container) => ({ ...container, ...(resources === undefined ? {} : { resources }) })),
    },
  };
}

// 80 of these Pods fit a node with one core and 2 GiB. The limits are ten times what a Pod has been seen to use, because some clusters demand limits.
const resources = { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '500m', memory: '128Mi' } };

// The Pod security standard "restricted" demands these, so a cluster that enforces it admits our Pods. Without root, a process may bind a port below 1024
// only if the Pod's network namespace allows it, by a sysctl that the standard lists as safe.
const nobody = 65_534;
const lowPorts = { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] };

/** Returns a Pod that every Pod security standard admits, except for fields that `spec` overrides. It writes only to /tmp, which is a volume. */
function restricted(
  metadata: { name: string; labels?: Record<string, string> },
  container: Omit<Container, 'name'>,
  demands: Demands,
  spec: Partial<PodSpec> = {},
): Pod {
  const { labels, annotations } = meshOptOuts.pod;
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: metadata.name,
      labels: mergedEntries(labels, demands.pod.labels, metadata.labels ?? {}),
      annotations: mergedEntries(annotations, demands.pod.annotations),
    },
    spec: {
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      securityContext: {
        runAsNonRoot: true,
        ...(demands.assignsUser ? {} : { runAsUser: nobody }),
        seccompProfile: { type: 'RuntimeDefault' },
        ...(spec.hostNetwork === true ? {} : lowPorts),
      },
      volumes: [{ name: 'tmp', emptyDir: {} }],
      ...spec,
      containers: [
        {
          name: ownContainer,
          ...container,
          resources,
          volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
  return withDemands(pod, demands);
}

/** Returns the part of a Pod's spec by which only a node of this name takes it, as DaemonSets have it. */
export function onNode(name: string): Pick<PodSpec, 'affinity'> {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [name] }];
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } } } };
}

/** How a server differs from one that listens on port 80 and is Ready at once. */
export interface ServerOptions {
  readonly labels?: Record<string, string>;
  /** The port the process listens on, TCP and UDP. Default 80. */
  readonly port?: number;
  /** The ports the Pod declares, by name. Default none: a port need not be declared to be listened on. */
  readonly declares?: Record<string, number>;
  /** The name of the node that the Pod is to be on. Default any. */
  readonly node?: string;
  /** Ready only while the file /tmp/ready exists; it does not at first. */
  readonly readyByFile?: boolean;
  /** How many s it goes on serving once it is deleted with its own grace period. Default 0: it ends at once. */
  readonly servesOnFor?: number;
  /** In the node's own network. There it only answers HTTP with the name of the node: other programs of the network may reach it too. */
  readonly hostNetwork?: boolean;
  /** Further fields of its spec. */
  readonly spec?: Partial<PodSpec>;
}

/** Makers of the Pods that suites create. */
export interface Workloads {
  /** Returns a Pod that answers every HTTP request for /hostname, and every datagram "hostname", with its own name. */
  readonly server: (name: string, options?: ServerOptions) => Pod;
  /** Returns a Pod that only sends the requests of its shell. */
  readonly clientPod: (name: string, spec?: Partial<PodSpec>) => Pod;
}

/** Returns the makers of Pods for an image of agnhost. */
export function workloadsWith(image: string, demands: Demands): Workloads {
  return {
    server: (
      name,
      { labels = {}, port = 80, declares = {}, node, readyByFile = false, servesOnFor = 0, hostNetwork = false, spec = {} } = {},
    ) =>
      restricted(
        { name, labels },
        {
          image,
          args: hostNetwork ? ['serve-hostname', `--port=${port}`] : ['netexec', `--http-port=${port}`, `--udp-port=${port}`],
          ports: Object.entries(declares).map(([portName, containerPort]) => ({ name: portName, containerPort })),
          ...(readyByFile
            ? { readinessProbe: { exec: { command: ['test', '-f', '/tmp/ready'] }, periodSeconds: 1, failureThreshold: 1 } }
            : {}),
          // A command: before Kubernetes 1.30 the kubelet has no sleep of its own.
          ...(servesOnFor > 0 ? { lifecycle: { preStop: { exec: { command: ['sleep', `${servesOnFor}`] } } } } : {}),
        },
        demands,
        {
          ...(node === undefined ? {} : onNode(node)),
          ...(servesOnFor > 0 ? { terminationGracePeriodSeconds: servesOnFor + 5 } : {}),
          ...(hostNetwork ? { hostNetwork } : {}),
          ...spec,
        },
      ),
    clientPod: (name, spec) => restricted({ name }, { image, args: ['pause'] }, demands, spec),
  };
}
