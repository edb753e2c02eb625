import type { Pod } from 'kubernetes-types/core/v1.js';
import { messageOf } from '../base/message-of.ts';
import { timeouts } from '../base/timeouts.ts';
import { UsageError } from '../base/usage-error.ts';
import type { Kube } from '../kube/api.ts';
import { createNamespace, type NamespaceOptions, podsReady, startPod } from '../kube/objects.ts';
import { type Demands, withDemands, workloadsWith } from '../kube/pods.ts';
import { refusal } from '../kube/refusal.ts';
import { openShell } from '../kube/shell.ts';
import type { Findings } from '../ledger/capabilities.ts';

// An existing cluster may refuse Pods, change them, or accept them and never run them. So before the first test, one Pod of each kind is created and exec'd.

interface Images {
  readonly agnhost: string;
  readonly nginx: string;
  readonly curl: string;
}

const remedy =
  'What a cluster demands of Pods and namespaces, such as labels, tolerations, requests or pull secrets, is set in a file that CONFORMANCE_PODS names; ' +
  'manifests/pods.example.yaml explains it.';

/** Creates the first namespace of a run. Throws a UsageError where the cluster refuses it, and otherwise as createNamespace does. */
export async function createFirstNamespace(kube: Kube, name: string, options: NamespaceOptions): Promise<void> {
  try {
    await createNamespace(kube, name, options);
  } catch (error) {
    const { code, message } = refusal(error);
    if (code >= 500 && !message.includes('webhook')) throw error;
    throw new UsageError(`The cluster refuses a namespace of the suite: ${message}. ${remedy}`);
  }
}

/** Returns one Pod with both images of the lab, as its files and commands have them. */
function labPod({ nginx, curl }: Images, demands: Demands): Pod {
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'lab' },
    spec: {
      containers: [
        { name: 'nginx', image: nginx, ports: [{ containerPort: 80 }] },
        { name: 'curl', image: curl, command: ['sleep', '600'] },
      ],
    },
  };
  return withDemands(pod, demands);
}

/** Returns whether the API server would create a Pod. Throws when it does not answer. */
async function admitted(kube: Kube, namespace: string, pod: Pod): Promise<boolean> {
  try {
    await startPod(kube, namespace, pod, { dryRun: true });
    return true;
  } catch (error) {
    refusal(error);
    return false;
  }
}

/**
 * Returns whether the cluster refuses a fixed user ID and assigns one itself, as OpenShift does. The annotation of its namespaces, openshift.io/sa.scc.uid-range,
 * does not show that: Pods of an administrator get no ID there (SCC anyuid), and would run as root.
 */
async function userAssigned(kube: Kube, namespace: string, image: string, demands: Demands): Promise<boolean> {
  const client = (assignsUser: boolean) => workloadsWith(image, { ...demands, assignsUser }).clientPod('client');
  return !(await admitted(kube, namespace, client(false))) && admitted(kube, namespace, client(true));
}

/** Returns why a Pod is not Ready. Where nothing of the Pod says what is wrong, its last event may, such as one about its network. */
async function withLastEvent(kube: Kube, namespace: string, name: string, why: string): Promise<string> {
  if (!why.startsWith('waited ')) return why;
  const { items } = await kube.core.listNamespacedEvent({ namespace, fieldSelector: `involvedObject.name=${name},type=Warning` });
  const message = items.at(-1)?.message?.trim();
  return message === undefined ? why : `${why}. Its last event is: ${message}`;
}

/** What came of a Pod: why the cluster does not run it, or what each of its containers has as resolv.conf. */
type Trial = { readonly failed: string } | { readonly resolvConf: string };

/** Creates a Pod, waits until it is Ready, and runs a command in each of its containers. Throws when the API server does not answer. */
async function tryPod(kube: Kube, namespace: string, pod: Pod): Promise<Trial> {
  const name = pod.metadata?.name ?? '';
  const own = (pod.spec?.containers ?? []).map((container) => container.name);
  try {
    await startPod(kube, namespace, pod);
  } catch (error) {
    return { failed: refusal(error).message };
  }
  try {
    await podsReady(kube, namespace, [name], { own, knownCause: timeouts.knownCause });
    const printed = await Promise.all(own.map((container) => resolvConfIn(kube, namespace, name, container)));
    // A container that cannot run where its files are read-only, or without root, may be Ready for a moment before it ends.
    const { containerStatuses = [] } = (await kube.core.readNamespacedPod({ namespace, name })).status ?? {};
    const ended = containerStatuses.find((it) => own.includes(it.name) && (it.restartCount > 0 || it.state?.running === undefined));
    if (ended === undefined) return { resolvConf: printed.join('\n') };
    const { reason, exitCode } = ended.lastState?.terminated ?? ended.state?.terminated ?? {};
    return { failed: `container ${ended.name} has ended (${reason ?? 'no reason given'}, exit code ${exitCode ?? 'unknown'})` };
  } catch (error) {
    return { failed: await withLastEvent(kube, namespace, name, messageOf(error)) };
  }
}

/** Deletes a Pod without waiting for it. Does nothing where the cluster has refused it. */
async function deletePod(kube: Kube, namespace: string, name: string): Promise<void> {
  await kube.core.deleteNamespacedPod({ namespace, name, gracePeriodSeconds: 0 }).catch((error: unknown) => {
    if (refusal(error).code !== 404) throw error;
  });
}

async function resolvConfIn(kube: Kube, namespace: string, pod: string, container: string): Promise<string> {
  const shell = await openShell(kube, namespace, pod, container);
  try {
    return (await shell.run('cat /etc/resolv.conf')).output;
  } finally {
    shell.close();
  }
}

/** Returns the DNS domain of the cluster, from the `search` line of a Pod's resolv.conf; undefined when it names none. */
export function domainIn(resolvConf: string): string | undefined {
  const search = resolvConf.split('\n').find((line) => line.startsWith('search '));
  return search
    ?.split(/\s+/)
    .find((name) => name.startsWith('svc.'))
    ?.slice('svc.'.length);
}

/** What came of the Pods that claims need. */
export interface TriedPods {
  /** Why the cluster does not run Pods that only some claims need. */
  readonly refusedPods: Findings['refusedPods'];
  readonly demands: Demands;
  /** The DNS domain that a Pod has seen. */
  readonly domain?: string;
}

/**
 * Creates the Pods that claims need in a namespace of the run, all at once, and runs a command in each. Leaves only the client in the node's network, `node`.
 * Throws a UsageError as soon as the cluster does not run an ordinary Pod, and other errors when the API server does not answer.
 */
export async function tryPods(kube: Kube, namespace: string, images: Images, given: Demands): Promise<TriedPods> {
  const demands = { ...given, assignsUser: await userAssigned(kube, namespace, images.agnhost, given) };
  const { clientPod, server } = workloadsWith(images.agnhost, demands);
  const ordinary = async (pod: Pod): Promise<string> => {
    const trial = await tryPod(kube, namespace, pod);
    if ('resolvConf' in trial) return trial.resolvConf;
    throw new UsageError(`The cluster does not run the ordinary Pods of the suite: ${trial.failed.replace(/\.$/, '')}. ${remedy}`);
  };
  // The first ordinary Pod that fails ends the run, while others may still be pulled.
  const [resolvConf, , hostNetwork, lab] = await Promise.all([
    ordinary(clientPod('client')),
    ordinary(server('server')),
    tryPod(kube, namespace, clientPod('node', { hostNetwork: true })),
    tryPod(kube, namespace, labPod(images, demands)),
  ]);
  const needless = ['client', 'server', ...('failed' in hostNetwork ? ['node'] : []), 'lab'];
  await Promise.all(needless.map((name) => deletePod(kube, namespace, name)));
  const domain = domainIn(resolvConf);
  return {
    demands,
    refusedPods: {
      ...('failed' in hostNetwork ? { hostNetwork: hostNetwork.failed } : {}),
      ...('failed' in lab ? { lab: lab.failed } : {}),
    },
    ...(domain === undefined ? {} : { domain }),
  };
}
