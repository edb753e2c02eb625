import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadAllYaml, type V1ClusterRole, type V1Pod, type V1ResourceAttributes } from '@kubernetes/client-node';
import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Need } from '../claims/row.ts';
import { type Kube, type KubeAccess, kubeConfig, openKube } from '../kube/api.ts';
import { clientPod } from '../kube/client-pod.ts';
import { startPods, waitFor } from '../kube/objects.ts';
import { refusal } from '../kube/refusal.ts';
import { timeouts } from '../timeouts.ts';
import { UsageError } from '../usage-error.ts';
import { root } from './settings.ts';

// A cluster that was there before the run, and that others may use.

type Adopt = KubeAccess & { readonly context: string };
type Gaps = Partial<Record<Need, string>>;

function readConfig(adopt: Adopt): ReturnType<typeof kubeConfig> {
  const { kubeconfig, context } = adopt;
  if (kubeconfig !== undefined && !existsSync(kubeconfig)) throw new UsageError(`CONFORMANCE_KUBECONFIG: there is no file ${kubeconfig}.`);
  let config: ReturnType<typeof kubeConfig>;
  try {
    config = kubeConfig(adopt);
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
    throw new UsageError(`${kubeconfig ?? 'Your kubeconfig'} cannot be read as a kubeconfig: ${why}`);
  }
  if (config.getContextObject(context) === null) {
    const there = config.getContexts().map(({ name }) => name);
    throw new UsageError(
      `CONFORMANCE_CONTEXT=${context}: ${kubeconfig ?? 'your kubeconfig'} has no such context. ` +
        (there.length === 0 ? 'It has none at all.' : `It has ${there.join(', ')}.`),
    );
  }
  if (config.getCurrentCluster() === null)
    throw new UsageError(`The context ${context} names a cluster that its kubeconfig does not have.`);
  return config;
}

/** Opens a cluster that is there already and asks for its version. Throws a UsageError when it cannot be reached or does not know the account. */
export async function openAdopted(adopt: Adopt): Promise<Kube> {
  const server = readConfig(adopt).getCurrentCluster()?.server ?? '';
  const kube = openKube(adopt);
  const limit = timeouts.firstAnswer;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${limit} ms`));
    }, limit);
  });
  try {
    await Promise.race([kube.version.getCode(), late]);
  } catch (error) {
    const { code, cause, message } = error as { code?: unknown; cause?: { message?: string }; message?: string };
    const why =
      code === 401 ? 'it does not know the account (401 Unauthorized)' : (cause?.message ?? message?.split('\n')[0] ?? String(error));
    throw new UsageError(
      `The cluster of context ${adopt.context}, ${server}, cannot be used: ${why}. Does \`kubectl --context=${adopt.context} version\` work?`,
    );
  } finally {
    clearTimeout(timer);
  }
  return kube;
}

/** Every right that manifests/rbac.yaml gives, one by one. */
export function neededRights(): V1ResourceAttributes[] {
  const documents = loadAllYaml(readFileSync(join(root, 'manifests/rbac.yaml'), 'utf8')) as { kind?: string }[];
  const role = documents.find(({ kind }) => kind === 'ClusterRole') as V1ClusterRole | undefined;
  return (role?.rules ?? []).flatMap(({ apiGroups = [], resources = [], verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((path) => {
        const [resource, subresource] = path.split('/');
        return verbs.map((verb) => ({
          group,
          verb,
          ...(resource === undefined ? {} : { resource }),
          ...(subresource === undefined ? {} : { subresource }),
        }));
      }),
    ),
  );
}

/**
 * Asks the cluster for every right of manifests/rbac.yaml and returns what is unobservable for lack of one.
 * Throws a UsageError that lists what is missing when the suite cannot run without.
 */
export async function checkRights(kube: Kube): Promise<Gaps> {
  const asked = await Promise.all(
    neededRights().map(async (resourceAttributes) => {
      const { status } = await kube.authorization.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } });
      return { resourceAttributes, allowed: status?.allowed === true };
    }),
  );
  const missing = asked.filter(({ allowed }) => !allowed).map(({ resourceAttributes }) => resourceAttributes);
  const name = ({ verb, resource, subresource, group }: V1ResourceAttributes) =>
    `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`;
  const range = missing.filter(({ group }) => group === 'networking.k8s.io');
  const required = missing.filter(({ group }) => group !== 'networking.k8s.io');
  if (required.length > 0) {
    throw new UsageError(
      `The account may not do on this cluster what the suite needs:\n  ${required.map(name).join('\n  ')}\n` +
        'manifests/rbac.yaml is the least that it needs; an administrator applies it, or gives the account these rights.',
    );
  }
  return range.length === 0 ? {} : { 'Service range': `the account may not ${range.map(name).join(', ')}` };
}

/** What the lab asks of a cluster: the chapter's Pod and debug Pod, in whose place one Pod with both containers stands. */
function labPod(images: { nginx: string; curl: string }): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'lab' },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      containers: [
        { name: 'nginx', image: images.nginx, command: ['true'] },
        { name: 'curl', image: images.curl, command: ['true'] },
      ],
    },
  };
}

async function refused(kube: Kube, namespace: string, pod: Pod): Promise<string | undefined> {
  try {
    await kube.core.createNamespacedPod({ namespace, body: pod as unknown as V1Pod, dryRun: 'All' });
    return undefined;
  } catch (error) {
    return refusal(error).message;
  }
}

async function labGap(kube: Kube, namespace: string, images: { nginx: string; curl: string }): Promise<string | undefined> {
  const pod = labPod(images);
  const policy = await refused(kube, namespace, pod);
  if (policy !== undefined) return `the cluster refuses the lab's Pods: ${policy}`;
  await startPods(kube, namespace, pod);
  return waitFor(`the lab's images in ${namespace}`, timeouts.podsReady, async () => {
    const { status } = await kube.core.readNamespacedPod({ namespace, name: 'lab' });
    if (status?.phase === 'Succeeded') return { done: undefined };
    const waiting = status?.containerStatuses?.map(({ state }) => state?.waiting).find((state) => state !== undefined);
    if (/ErrImage|ImagePullBackOff|InvalidImageName/.test(waiting?.reason ?? ''))
      return { done: `an image of the lab cannot be had (${waiting?.reason}: ${waiting?.message})` };
    return { seen: `${status?.phase} (${waiting?.reason ?? 'no word'})` };
  }).catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
}

/** The version of the kubectl on this machine's PATH; undefined when there is none. */
export async function localKubectl(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('kubectl', ['version', '--client', '--output=json'], { timeout: timeouts.command });
    return (JSON.parse(stdout) as { clientVersion: { gitVersion: string } }).clientVersion.gitVersion;
  } catch {
    return undefined;
  }
}

/** Finds out what claims may need and this cluster does not offer, in a namespace of the run. Throws what the API server answers otherwise. */
export async function findGaps(
  kube: Kube,
  namespace: string,
  { version, kubectl, images }: { version: string; kubectl: string | undefined; images: { agnhost: string; nginx: string; curl: string } },
): Promise<Gaps> {
  const gaps: Gaps = {
    'default ranges': 'whoever made this cluster may have chosen its ranges',
    'default proxy': 'whoever made this cluster may have chosen its proxy mode',
    ServiceLB: 'whether this cluster runs ServiceLB or something else for LoadBalancers is not known',
    'node shell': 'the suite does not enter nodes of a cluster that was there already',
    outside: 'a machine outside would send packets for the Service range into the network of this cluster',
    'contained packets': 'packets that nobody answers would leave the node for the network of this cluster',
  };
  if (!version.includes('+k3s')) gaps.k3s = `the cluster is not k3s (${version})`;
  if (kubectl === undefined) gaps.kubectl = 'there is no kubectl on this machine';
  const onNode = await refused(kube, namespace, clientPod('node', images.agnhost, { hostNetwork: true }));
  if (onNode !== undefined) gaps['host network'] = `the cluster refuses Pods in the node's network: ${onNode}`;
  const lab = await labGap(kube, namespace, images);
  if (lab !== undefined) gaps['lab Pods'] = lab;
  return gaps;
}
