import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { timeouts } from '../base/timeouts.ts';

/** What keeps a Pod from being Ready. */
export interface Hindrance {
  /** In a few words, with the name of the container. */
  readonly why: string;
  /**
   * `final`: the Pod never becomes Ready. `image`: an image was refused, and the kubelet tries again. `known cause`: the cluster says what is wrong, and it may
   * pass. `in progress`: nothing is known to be wrong.
   */
  readonly kind: 'final' | 'image' | 'known cause' | 'in progress';
  /** The reason that the kubelet gives, such as ErrImagePull. */
  readonly reason?: string | undefined;
}

/** Returns whether a node or a Pod has the condition Ready. */
export function isReady({ status }: { status?: { conditions?: { type: string; status: string }[] } }): boolean {
  return status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true;
}

const finalReasons = ['ErrImageNeverPull', 'InvalidImageName'];
const imageReasons = ['ErrImagePull', 'ImagePullBackOff', 'ImageInspectError', 'RegistryUnavailable', 'SignatureValidationFailed'];
const startReasons = ['ContainerCreating', 'PodInitializing'];

/** Returns what keeps one container from being ready; undefined when it is ready, or has ended well. */
function hindranceIn({ name, ready, state }: V1ContainerStatus): Hindrance | undefined {
  const { waiting, terminated } = state ?? {};
  if (ready || terminated?.exitCode === 0) return undefined;
  const reason = (waiting ?? terminated)?.reason;
  const message = (waiting ?? terminated)?.message;
  const ended = terminated === undefined ? undefined : `exit code ${terminated.exitCode}`;
  const why = `container ${name}: ${[reason, message ?? ended].filter((text) => text !== undefined).join(': ') || 'not ready'}`;
  if (finalReasons.includes(reason ?? '')) return { why, reason, kind: 'final' };
  if (imageReasons.includes(reason ?? '')) return { why, reason, kind: 'image' };
  if (reason === undefined || startReasons.includes(reason)) return { why, reason, kind: 'in progress' };
  return { why, reason, kind: 'known cause' };
}

const severity = ['final', 'image', 'known cause', 'in progress'] as const;

/**
 * Returns what keeps a Pod from being Ready; undefined when it is Ready. `own` are the containers that the suite asked for: a container that the cluster has
 * added, and that alone is not ready, is a known cause.
 */
export function hindranceOf(pod: V1Pod, own?: readonly string[]): Hindrance | undefined {
  if (isReady(pod)) return undefined;
  const { phase, reason, message, conditions = [], containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (unscheduled !== undefined)
    return { why: unscheduled.message ?? unscheduled.reason ?? 'not scheduled', reason: unscheduled.reason, kind: 'known cause' };
  const found = [...initContainerStatuses, ...containerStatuses]
    .map((status) => ({ name: status.name, hindrance: hindranceIn(status) }))
    .filter((it): it is { name: string; hindrance: Hindrance } => it.hindrance !== undefined)
    .sort((a, b) => severity.indexOf(a.hindrance.kind) - severity.indexOf(b.hindrance.kind));
  if (phase === 'Failed') {
    const why = [reason, message].filter((text) => text !== undefined).join(': ');
    return { why: why || found[0]?.hindrance.why || 'it has failed', kind: 'final' };
  }
  const [worst] = found;
  if (worst === undefined) {
    // All containers are ready, so a readiness gate that the cluster has added is not.
    const gate = conditions.find(({ type, status }) => type === 'Ready' && status === 'False');
    return { why: gate?.message ?? 'not Ready', kind: 'in progress' };
  }
  const { hindrance } = worst;
  if (own === undefined || found.some(({ name }) => own.includes(name))) return hindrance;
  const why = hindrance.why.replace(/^container (\S+):/, 'container $1, which the cluster has added:');
  return { ...hindrance, why, kind: hindrance.reason === undefined ? 'known cause' : hindrance.kind };
}

/**
 * Returns a function that is called with each observation of a Pod, and returns true once waiting longer is pointless. It is so where the state is final,
 * the image was refused twice, or a known cause has lasted `limit` ms.
 */
export function patience(limit: number): (seen: Hindrance | undefined, now?: number) => boolean {
  let refusals = 0;
  let last: Hindrance | undefined;
  let since = 0;
  return (seen, now = Date.now()) => {
    if (seen?.kind !== last?.kind) since = now;
    // The kubelet alternates: ErrImagePull means refused, ImagePullBackOff that it waits before the next attempt.
    if (seen?.kind === 'image' && (last?.kind !== 'image' || (seen.reason === 'ErrImagePull' && last.reason !== 'ErrImagePull')))
      refusals++;
    last = seen;
    if (seen?.kind === 'final') return true;
    // Between two observations a refusal may be missed.
    if (seen?.kind === 'image') return refusals > 1 || now - since > timeouts.knownCause;
    return seen?.kind === 'known cause' && now - since > limit;
  };
}
