import type { ObjectMeta } from 'kubernetes-types/meta/v1.js';
import type { Service } from 'kubernetes-types/core/v1.js';
import { type Workloads, workloadsWith } from '../kube/pods.ts';
import type { RunContext } from './run-context.ts';

/** Returns the makers of Pods for the images of a run, with what its cluster demands. */
export function workloadsOf({ cluster, image }: Pick<RunContext, 'cluster' | 'image'>): Workloads {
  return workloadsWith(image('agnhost'), cluster.demands);
}

/** Returns the Service that most claims start from: `web`, selecting app=web, port 8080 to 80. */
export function webService(spec: Partial<NonNullable<Service['spec']>> = {}, metadata: ObjectMeta = {}): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', ...metadata },
    spec: { selector: { app: 'web' }, ports: [{ port: 8080, targetPort: 80 }], ...spec },
  };
}
