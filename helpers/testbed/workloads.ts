import type { ObjectMeta } from 'kubernetes-types/meta/v1.js';
import type { Pod, PodSpec, Service } from 'kubernetes-types/core/v1.js';
import { clientPod, restricted } from '../kube/client-pod.ts';
import type { RunContext } from './run-context.ts';

export interface ServerOptions {
  readonly labels?: Record<string, string>;
  /** The port the process listens on, TCP and UDP. Default 80. */
  readonly port?: number;
  /** The ports the Pod declares, by name. Default none: a port need not be declared to be listened on. */
  readonly declares?: Record<string, number>;
  /** Ready only while the file /tmp/ready exists; it does not at first. */
  readonly readyByFile?: boolean;
}

/** The Pods that suites create, with the images of the run. */
export interface Workloads {
  /** Returns a Pod that answers every HTTP request for /hostname, and every datagram "hostname", with its own name. */
  readonly server: (name: string, options?: ServerOptions) => Pod;
  /** Returns a Pod that only sends requests, for claims that need the client in their own namespace. */
  readonly clientPod: (name: string, spec?: Partial<PodSpec>) => Pod;
}

/** Returns the makers of Pods for the images of a run. */
export function workloadsOf({ image }: RunContext): Workloads {
  return {
    server: (name, { labels = {}, port = 80, declares = {}, readyByFile = false } = {}) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels },
      spec: restricted(
        {},
        {
          name: 'server',
          image: image('agnhost'),
          args: ['netexec', `--http-port=${port}`, `--udp-port=${port}`],
          ports: Object.entries(declares).map(([portName, containerPort]) => ({ name: portName, containerPort })),
          ...(readyByFile
            ? { readinessProbe: { exec: { command: ['test', '-f', '/tmp/ready'] }, periodSeconds: 1, failureThreshold: 1 } }
            : {}),
        },
      ),
    }),
    clientPod: (name, spec = {}) => clientPod(name, image('agnhost'), spec),
  };
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
