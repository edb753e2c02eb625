import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'New namespaces accept only restricted Pods.',
  how: 'The cluster enforces the Pod security standard "restricted".',
  apply: `policy namespaces '!has(object.metadata.labels) || !("pod-security.kubernetes.io/enforce" in object.metadata.labels)' '[JSONPatch{op: "add", path: "/metadata/labels/pod-security.kubernetes.io~1enforce", value: "restricted"}]'
within 20 'kubectl create namespace trial --dry-run=server -o yaml | grep restricted'`,
  mend: `unpolicy`,
  red: {
    'pod-yaml': { 'mended-is-accepted': /violates PodSecurity/ },
  },
  green: ['random-pod', 'service-file'],
};

export default mutant;
