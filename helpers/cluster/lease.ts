import { V1MicroTime } from '@kubernetes/client-node';
import type { Kube } from '../kube/api.ts';
import { mergePatch } from '../kube/objects.ts';
import { refusal } from '../kube/refusal.ts';

// While a run goes on, it renews a Lease in the namespace of its clients. Other machines see by it that the run has not ended, whatever they know of
// its process. All times are those of the API server, because the clock of a laptop may be wrong.

const name = 'clusterip-conformance';
/** ms between two renewals: as the kubelet renews the Lease of its node. */
const betweenRenewals = 10_000;
/** After several failed renewals in a row, others take the run for ended. A longer time would let the namespaces of killed runs stay longer. */
const leaseDurationSeconds = 60;

/** Returns the time of the API server in ms since 1970, to the second. Throws the error of the request, or that the answer has no time. */
export async function serverTime(kube: Kube): Promise<number> {
  const { headers } = await kube.version.getCodeWithHttpInfo();
  const time = Date.parse(headers.date ?? '');
  if (Number.isNaN(time)) throw new Error('the API server answers without a Date header, so that the age of its objects is unknown');
  return time;
}

/**
 * Creates the Lease of a run in a namespace and renews it until the returned function is called or the process ends. `holder` is the run's process,
 * as ownerOf names it. A renewal that fails is only repeated: the run goes on. Throws what the API server answers at first.
 */
export async function holdLease(kube: Kube, namespace: string, holder: string): Promise<() => void> {
  const acquireTime = new V1MicroTime(await serverTime(kube));
  await kube.coordination.createNamespacedLease({
    namespace,
    body: { metadata: { name }, spec: { holderIdentity: holder, leaseDurationSeconds, acquireTime, renewTime: acquireTime } },
  });
  const renew = async () => {
    const renewTime = new V1MicroTime(await serverTime(kube));
    await kube.coordination.patchNamespacedLease({ namespace, name, body: { spec: { renewTime } } }, mergePatch);
  };
  const timer = setInterval(() => {
    renew().catch(() => undefined);
  }, betweenRenewals).unref();
  return () => {
    clearInterval(timer);
  };
}

/** The Lease of a run. */
export interface RunLease {
  /** The run's process, as ownerOf names it. */
  readonly holder: string;
  /** When it expires unless it is renewed, in ms since 1970 by the clock of the API server. */
  readonly expires: number;
}

/** Reads the Lease of the run whose clients are in a namespace; undefined where it has none. Throws the error of the API server. */
export async function readLease(kube: Kube, namespace: string): Promise<RunLease | undefined> {
  try {
    const { spec } = await kube.coordination.readNamespacedLease({ namespace, name });
    // The client leaves a MicroTime as the text that the API server sent, unlike its type says.
    const renewed = Date.parse(spec?.renewTime as unknown as string);
    return { holder: spec?.holderIdentity ?? '', expires: renewed + (spec?.leaseDurationSeconds ?? 0) * 1_000 };
  } catch (error) {
    if (refusal(error).code === 404) return undefined;
    throw error;
  }
}
