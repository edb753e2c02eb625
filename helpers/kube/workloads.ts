import type { Pod, PodSpec, Service } from 'kubernetes-types/core/v1.js';
import { pinnedImages } from '../cluster/settings.ts';
import { imageOf } from '../claims/claim.ts';
import { clientPod, restricted } from './client-pod.ts';

export interface ServerOptions {
  readonly labels?: Record<string, string>;
  /** The port the process listens on, TCP and UDP. Default 80. */
  readonly port?: number;
  /** The ports the Pod declares, by name. Default none: declaring is not needed for listening. */
  readonly declares?: Record<string, number>;
  /** Ready only while the file /tmp/ready exists; it does not at first. */
  readonly readyByFile?: boolean;
}

/** A Pod that answers every HTTP request for /hostname, and every datagram "hostname", with its own name. */
export function server(name: string, { labels = {}, port = 80, declares = {}, readyByFile = false }: ServerOptions = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: restricted(
      {},
      {
        name: 'server',
        image: imageOf(pinnedImages().agnhost),
        args: ['netexec', `--http-port=${port}`, `--udp-port=${port}`],
        ports: Object.entries(declares).map(([portName, containerPort]) => ({ name: portName, containerPort })),
        ...(readyByFile
          ? { readinessProbe: { exec: { command: ['test', '-f', '/tmp/ready'] }, periodSeconds: 1, failureThreshold: 1 } }
          : {}),
      },
    ),
  };
}

/** A Pod that only asks, for claims that need the client in their own namespace. */
export function asker(name: string, spec: Partial<PodSpec> = {}): Pod {
  return clientPod(name, imageOf(pinnedImages().agnhost), spec);
}

/** The Service most claims start from: `web`, selecting app=web, port 8080 to 80. */
export function webService(spec: Partial<NonNullable<Service['spec']>> = {}): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 8080, targetPort: 80 }], ...spec },
  };
}
