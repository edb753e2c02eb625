import type { CoreV1Event, V1Pod, V1Service } from '@kubernetes/client-node';
import { firstLineOf } from '../base/message-of.ts';
import type { Evidence, Observation } from '../evidence/format.ts';
import type { Kube } from '../kube/api.ts';
import { clusterIPOf, rulesByService, rulesCommand } from '../probe/rules.ts';
import { kindNames, objectLines } from '../report/object-lines.ts';
import type { RunContext } from './run-context.ts';

/** Returns the name of the Pod, by `namespace/name`, from which something was sent; undefined where nothing was. */
function senderOf({ seen }: Observation): string | undefined {
  return typeof seen === 'object' && seen !== null && 'from' in seen ? String(seen.from) : undefined;
}

/** The kernel's rules of a node. */
type Rules = Pick<Evidence, 'rules'> & Pick<Evidence, 'rulesOn'>;

/**
 * Returns the rules of the kernel for each Service, by its name, on the node of the client that was used last, with its name where there are several.
 * Returns undefined where the suite cannot read them. Throws what the node answers.
 */
async function rulesFor(
  { cluster, nodeShell, podNodes }: RunContext,
  services: readonly V1Service[],
  observations: readonly Observation[],
): Promise<Rules | undefined> {
  if (cluster.node === undefined || services.length === 0) return undefined;
  const on = observations.map((it) => podNodes.get(senderOf(it) ?? '')).findLast((node) => node !== undefined);
  let rules: Evidence['rules'] | undefined;
  for (const family of ['IPv4', 'IPv6'] as const) {
    const command = rulesCommand(cluster.proxyMode, family);
    if (command === undefined || !services.some((service) => clusterIPOf(service, family) !== undefined)) continue;
    const { output } = await (await nodeShell(on)).run(command);
    const found = Object.entries(rulesByService(cluster.proxyMode, output, services, family));
    // Those of the second family follow those of the first.
    rules = { ...rules, ...Object.fromEntries(found.map(([service, lines]) => [service, [...(rules?.[service] ?? []), ...lines]])) };
  }
  if (rules === undefined) return undefined;
  return on === undefined || cluster.nodes.length === 1 ? { rules } : { rules, rulesOn: on };
}

/**
 * Adds the kernel's rules to the result of the last check if it made connections, because the next check may change them. Reading them took the node 7 ms of
 * its processor in iptables mode, in about 30 checks of a run. Throws what the API server or the node answers.
 */
export async function keepRules(context: RunContext, { namespace, checks, observations }: Evidence): Promise<void> {
  const check = checks.at(-1);
  const connected = (seen: unknown) => typeof seen === 'object' && seen !== null && 'ending' in seen;
  const ofCheck = observations.filter((it) => it.check === check?.id);
  if (check === undefined || !ofCheck.some((it) => connected(it.seen))) return;
  if (context.cluster.node === undefined) return;
  const { items } = await context.kube.core.listNamespacedService({ namespace });
  Object.assign(check, await rulesFor(context, items, ofCheck));
}

/** Deletes the rules of checks that are the same as the next ones, down to those at the end of the claim. kube-proxy may write the same in another order. */
function dropRepeatedRules({ checks, ...last }: Evidence): void {
  const sorted = ({ rules, rulesOn }: Rules) =>
    JSON.stringify([rulesOn, Object.entries(rules).map(([service, lines]) => [service, lines.toSorted()])]);
  let next = sorted(last);
  for (const check of checks.toReversed()) {
    const { rules, rulesOn } = check;
    if (rules === undefined) continue;
    const own = sorted({ rules, ...(rulesOn === undefined ? {} : { rulesOn }) });
    if (own === next) {
      delete check.rules;
      delete check.rulesOn;
    }
    next = own;
  }
}

/**
 * Adds to the evidence of a claim what its namespace has when it ends: objects, the kernel's rules for each Service, and for a red claim what a
 * person would look at first. Throws what the API server or the node answers.
 */
export async function collect(context: RunContext, evidence: Evidence, red: boolean): Promise<void> {
  const { kube } = context;
  const { namespace } = evidence;
  const [services, slices, pods] = await Promise.all([
    kube.core.listNamespacedService({ namespace }),
    kube.discovery.listNamespacedEndpointSlice({ namespace }),
    kube.core.listNamespacedPod({ namespace }),
  ]);
  evidence.objects = {
    services: services.items.map(withoutManagedFields),
    endpointSlices: slices.items.map(withoutManagedFields),
    pods: pods.items.map(withoutManagedFields),
  };
  if (context.cluster.nodes.length > 1) evidence.nodes = nodesOf(context, evidence, pods.items);
  Object.assign(evidence, await rulesFor(context, services.items, evidence.observations));
  dropRepeatedRules(evidence);
  if (!red) return;
  const events = await kube.core.listNamespacedEvent({ namespace });
  const loadBalancers = await serviceLB(kube, services.items);
  const lines = Object.entries(evidence.objects).flatMap(([kind, objects]) =>
    // As the report has them: without the client's classes.
    objectLines(kind, JSON.parse(JSON.stringify(objects)) as unknown[]).map((line) => `${kindNames[kind] ?? kind} ${line}`),
  );
  evidence.diagnostics = [...lines, ...events.items.filter(({ type }) => type !== 'Normal').map(eventLine), ...loadBalancers].join('\n');
}

/**
 * Returns a line for each Pod by which k3s' ServiceLB serves these Services, and for each of its warnings. k3s runs these Pods in kube-system, with
 * labels of the Service (https://github.com/k3s-io/k3s/blob/master/pkg/cloudprovider/servicelb.go). Says so where a LoadBalancer Service has none.
 */
export async function serviceLB(kube: Kube, services: readonly V1Service[]): Promise<string[]> {
  const label = 'svccontroller.k3s.cattle.io';
  const lines: string[] = [];
  for (const { metadata, spec } of services) {
    if (spec?.type !== 'LoadBalancer') continue;
    const labelSelector = `${label}/svcname=${metadata?.name},${label}/svcnamespace=${metadata?.namespace}`;
    const { items: pods } = await kube.core.listPodForAllNamespaces({ labelSelector });
    if (pods.length === 0) lines.push(`Pod of ServiceLB for ${metadata?.name}: none exists`);
    for (const pod of pods) {
      const { name, namespace } = pod.metadata ?? {};
      const [line] = objectLines('pods', JSON.parse(JSON.stringify([pod])) as unknown[]);
      const ended = (pod.status?.containerStatuses ?? []).flatMap(({ restartCount, lastState }) =>
        lastState?.terminated === undefined ? [] : [`restarted ${restartCount} times, last exit code ${lastState.terminated.exitCode}`],
      );
      lines.push([`Pod of ServiceLB for ${metadata?.name}: ${namespace}/${line ?? name}`, ...ended].join(' · '));
      const { items } = await kube.core.listNamespacedEvent({ namespace: namespace ?? '', fieldSelector: `involvedObject.name=${name}` });
      lines.push(...items.filter(({ type }) => type !== 'Normal').map(eventLine));
    }
  }
  return lines;
}

/** Returns the node of each Pod that has sent or answered something in a claim. */
function nodesOf({ cluster, podNodes }: RunContext, { observations, namespace }: Evidence, left: readonly V1Pod[]): Record<string, string> {
  const named = new Set(observations.map(senderOf));
  // A server answers with its name.
  const answers = new Set(
    observations.flatMap(({ seen }) => (typeof seen === 'object' && seen !== null && 'response' in seen ? [seen.response] : [])),
  );
  // Of the Pods that a controller created, those that are left.
  const ofControllers = left.map(({ metadata, spec }) => [`${namespace}/${metadata?.name}`, spec?.nodeName ?? ''] as const);
  return Object.fromEntries(
    [...podNodes, ...ofControllers].filter(([pod]) => {
      const [ofPod = '', name] = pod.split('/');
      const ofClaim = ofPod === cluster.clientNamespace || ofPod === namespace || ofPod.startsWith(`${namespace}-`);
      return named.has(pod) || (ofClaim && answers.has(name));
    }),
  );
}

function withoutManagedFields<T extends { metadata?: { managedFields?: unknown } }>(object: T): T {
  delete object.metadata?.managedFields;
  return object;
}

function eventLine({ involvedObject: { kind, name }, reason, message }: CoreV1Event): string {
  return `Event of ${kind} ${name}: ${reason} ${message}`;
}

/**
 * Returns why the observations of a run prove nothing about Services: the API server does not answer, or a node with Pods of the run has not been Ready all
 * the time. These are Pods in the given namespaces or earlier ones; other nodes may come and go. Returns undefined when neither is so.
 */
export async function unsteadyNodes({ cluster, kube, podNodes }: RunContext, namespaces: readonly string[]): Promise<string | undefined> {
  try {
    const nodes = (await kube.core.listNode()).items;
    const lists = await Promise.all(
      [cluster.clientNamespace, ...namespaces].map((namespace) => kube.core.listNamespacedPod({ namespace })),
    );
    const used = new Set([...podNodes.values(), ...lists.flatMap(({ items }) => items.flatMap(({ spec }) => spec?.nodeName ?? []))]);
    const lost = [...used].filter((name) => {
      const ready = nodes.find(({ metadata }) => metadata?.name === name)?.status?.conditions?.find(({ type }) => type === 'Ready');
      const readyBefore = cluster.nodes.some((node) => node.name === name && node.ready);
      // A node that has joined since may have become Ready since.
      return (
        ready?.status !== 'True' ||
        (readyBefore && (ready.lastTransitionTime?.getTime() ?? 0) > Date.parse(cluster.usableAt) - cluster.clockAhead)
      );
    });
    return lost.length === 0 ? undefined : `node ${lost.join(', ')} has not been Ready all the time`;
  } catch (error) {
    return `the API server does not list its nodes and Pods (${firstLineOf(error)})`;
  }
}
