/**
 * Labels and annotations by which Pods and namespaces stay out of the usual service meshes. A mesh would answer connections itself, so that endings say
 * nothing of the Service proxy. Sources:
 * - Istio: https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/,
 *   https://istio.io/latest/docs/reference/config/analysis/ist0148/, and for ambient mode
 *   https://istio.io/latest/docs/ambient/usage/add-workloads/
 * - Kuma: https://kuma.io/docs/latest/production/dp-config/dpp-on-kubernetes/
 * - Linkerd: https://linkerd.io/2/features/proxy-injection/
 * - Consul: https://developer.hashicorp.com/consul/docs/k8s/annotations-and-labels
 * - Open Service Mesh (archived): https://release-v1-2.docs.openservicemesh.io/docs/guides/app_onboarding/sidecar_injection/
 */
export const meshOptOuts = {
  pod: {
    labels: { 'sidecar.istio.io/inject': 'false', 'istio.io/dataplane-mode': 'none', 'kuma.io/sidecar-injection': 'disabled' },
    annotations: {
      'linkerd.io/inject': 'disabled',
      'consul.hashicorp.com/connect-inject': 'false',
      'openservicemesh.io/sidecar-injection': 'disabled',
    },
  },
  // For the lab's Pods too, which are as the chapter has them.
  namespace: {
    labels: { 'istio-injection': 'disabled', 'istio.io/dataplane-mode': 'none', 'kuma.io/sidecar-injection': 'disabled' },
    annotations: { 'linkerd.io/inject': 'disabled', 'openservicemesh.io/sidecar-injection': 'disabled' },
  },
} as const;
