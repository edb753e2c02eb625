import type { Container, Pod, PodSpec } from 'kubernetes-types/core/v1.js';

// The Pod security standard "restricted" demands these, so a cluster that enforces it admits our Pods. Without root, a process may bind a port below 1024
// only if the Pod's network namespace allows it, by a sysctl that the standard lists as safe.
const unprivileged = { runAsNonRoot: true, runAsUser: 65_534, seccompProfile: { type: 'RuntimeDefault' } };

/** Returns a PodSpec that every Pod security standard admits, except for fields that `spec` overrides. */
export function restricted(spec: Partial<PodSpec>, container: Container): PodSpec {
  const lowPorts = { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] };
  return {
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    securityContext: { ...unprivileged, ...(spec.hostNetwork === true ? {} : lowPorts) },
    ...spec,
    containers: [{ ...container, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
  };
}

/** Returns a Pod that only sends the requests of its shell. */
export function clientPod(name: string, image: string, spec: Partial<PodSpec> = {}): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: restricted(spec, { name: 'client', image, args: ['pause'] }) };
}
