import type { Container, Pod, PodSpec } from 'kubernetes-types/core/v1.js';

// What the Pod security standard "restricted" asks for, so that a cluster which enforces it takes our Pods. A port below 1024 may then be
// bound because the Pod's own network namespace says so, with one of the sysctls that the standard holds safe.
const unprivileged = { runAsNonRoot: true, runAsUser: 65_534, seccompProfile: { type: 'RuntimeDefault' } };

/** The securityContext of a Pod and of its container with which it is let in everywhere. */
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

/** A Pod that does nothing by itself: a place to ask from. */
export function clientPod(name: string, image: string, spec: Partial<PodSpec> = {}): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: restricted(spec, { name: 'client', image, args: ['pause'] }) };
}
