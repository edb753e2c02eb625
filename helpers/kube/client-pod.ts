import type { Pod, PodSpec } from 'kubernetes-types/core/v1.js';

/** A Pod that does nothing by itself: a place to ask from. */
export function clientPod(name: string, image: string, spec: Partial<PodSpec> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { terminationGracePeriodSeconds: 0, ...spec, containers: [{ name: 'client', image, args: ['pause'] }] },
  };
}
