import type { V1Pod } from '@kubernetes/client-node';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { messageOf } from '../base/message-of.ts';
import { timeouts } from '../base/timeouts.ts';
import { waitFor } from '../base/wait-for.ts';
import type { Kube } from '../kube/api.ts';
import { clientPod } from '../kube/client-pod.ts';
import { startPods } from '../kube/objects.ts';
import { refusal } from '../kube/refusal.ts';
import type { Findings } from '../ledger/capabilities.ts';

// An existing cluster may refuse Pods by a policy, or may not pull their images.

interface Images {
  readonly agnhost: string;
  readonly nginx: string;
  readonly curl: string;
}

/** Returns one Pod with both images of the lab, to test admission and pulling. Its second container reports the Pod's DNS configuration. */
function labPod({ nginx, curl }: Images): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'lab' },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      containers: [
        { name: 'nginx', image: nginx, command: ['true'] },
        { name: 'curl', image: curl, command: ['sh', '-c', 'cat /etc/resolv.conf >/dev/termination-log || true'] },
      ],
    },
  };
}

/** Returns why the API server refuses a Pod; undefined when it would create it. Throws when it does not answer. */
async function refusedBy(kube: Kube, namespace: string, pod: Pod): Promise<string | undefined> {
  try {
    await kube.core.createNamespacedPod({ namespace, body: pod as unknown as V1Pod, dryRun: 'All' });
    return undefined;
  } catch (error) {
    return refusal(error).message;
  }
}

type LabPods = { readonly refused: string } | { readonly resolvConf: string };

async function tryLabPod(kube: Kube, namespace: string, images: Images): Promise<LabPods> {
  const pod = labPod(images);
  const refused = await refusedBy(kube, namespace, pod);
  if (refused !== undefined) return { refused: `the cluster refuses the Pods of the lab: ${refused}` };
  await startPods(kube, namespace, pod);
  return waitFor<LabPods>(`the images of the lab in ${namespace}`, timeouts.podsReady, async () => {
    const { status } = await kube.core.readNamespacedPod({ namespace, name: 'lab' });
    const states = (status?.containerStatuses ?? []).map(({ state }) => state);
    if (status?.phase === 'Succeeded') return { done: { resolvConf: states.map((state) => state?.terminated?.message ?? '').join('') } };
    const waiting = states.map((state) => state?.waiting).find((state) => state !== undefined);
    if (/ErrImage|ImagePullBackOff|InvalidImageName/.test(waiting?.reason ?? ''))
      return { done: { refused: `an image of the lab cannot be pulled (${waiting?.reason}: ${waiting?.message})` } };
    return { seen: `${status?.phase} (${waiting?.reason ?? 'no reason given'})` };
  }).catch((error: unknown) => ({ refused: messageOf(error) }));
}

/** Returns the DNS domain of the cluster, from the `search` line of a Pod's resolv.conf; undefined when it names none. */
export function domainIn(resolvConf: string): string | undefined {
  const search = resolvConf.split('\n').find((line) => line.startsWith('search '));
  return search
    ?.split(/\s+/)
    .find((name) => name.startsWith('svc.'))
    ?.slice('svc.'.length);
}

/**
 * Tries the Pods that claims need, in a namespace of the run, and returns which the cluster does not run and why, and its DNS domain where a Pod
 * has seen it. Throws when the API server does not answer.
 */
export async function tryPods(
  kube: Kube,
  namespace: string,
  images: Images,
): Promise<{ refusedPods: Findings['refusedPods']; domain?: string }> {
  const hostNetwork = await refusedBy(kube, namespace, clientPod('node', images.agnhost, { hostNetwork: true }));
  const lab = await tryLabPod(kube, namespace, images);
  const domain = 'resolvConf' in lab ? domainIn(lab.resolvConf) : undefined;
  return {
    refusedPods: { ...(hostNetwork === undefined ? {} : { hostNetwork }), ...('refused' in lab ? { lab: lab.refused } : {}) },
    ...(domain === undefined ? {} : { domain }),
  };
}
