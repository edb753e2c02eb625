const multiplier = Number(process.env.CONFORMANCE_TIMEOUT_MULTIPLIER ?? '1');

/** Every limit of the suite in ms, each with the reason for its size. CONFORMANCE_TIMEOUT_MULTIPLIER makes them longer for slow machines. */
export const timeouts = {
  /** One connection. On one node an answer takes a few ms; upstream's own tests give 2 s. */
  attempt: 1_500 * multiplier,
  /** One DNS query. CoreDNS answers in a few ms; the name servers outside the cluster, which may be silent, are not waited for. */
  query: 1_000 * multiplier,
  /** Between two observations. kube-proxy programs its rules at most once a second, so more observations would show nothing new. */
  betweenObservations: 200,
  /** For observations to settle. Upstream allows 30 s for a changed endpoint to reach the rules (KubeProxyEndpointLagTimeout). */
  settled: 30_000 * multiplier,
  /** For Pods to become Ready. Their images are on the node, but the node is busy with all claims at once. */
  podsReady: 90_000 * multiplier,
  /** For an image to be pulled, where the last event of a Pod says that this goes on: some are large, and some networks slow. */
  imagePull: 600_000 * multiplier,
  /**
   * For a known cause that keeps a first Pod from running to pass: the scheduler and the kubelet try again after about 10 s. It is reported within 30 s on
   * slow machines too.
   */
  knownCause: Math.min(20_000 * multiplier, 25_000),
  /** For the two Pods with which the cluster's network is tried at the start of a run, unless an image is pulled: a busy node takes some 10 s. */
  basicPods: 30_000 * multiplier,
  /** For the cluster's network to work between them. A Service takes a second or two; a run on a dead cluster is to stop within a minute. */
  basics: 15_000 * multiplier,
  /** For the node's container to report that it has started: the default of testcontainers for k3s. */
  nodeStarted: 120_000 * multiplier,
  /** For the node to be Ready and DNS to answer; a cold machine may pull CoreDNS first. */
  clusterUsable: 180_000 * multiplier,
  /** For DNS to get over its first failure, such as an image that was not pulled: the kubelet tries again after about 10 s. */
  firstFailure: 20_000 * multiplier,
  /** For the first answer of the API server of an existing cluster. */
  firstAnswer: 3_000 * multiplier,
  /** For the first answer where kubectl's own configuration runs a credential plugin first, which may wait for a login service. */
  login: 30_000 * multiplier,
  /** For one command on the node or in a Pod, beyond the command's own limit. */
  command: 30_000 * multiplier,
  /** For one check or setup, so that it always ends by a limit above, which says what was awaited. */
  test: 240_000 * multiplier,
  /** For Jest to wait for one check: those before it in the same lane come first. Only a fault of the suite reaches this limit. */
  file: 1_800_000 * multiplier,
} as const;
