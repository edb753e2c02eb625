import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'New namespaces take no Pods but restricted ones.',
  how: 'A cluster that enforces the Pod security standard "restricted".',
  apply: `policy namespaces '!has(object.metadata.labels) || !("pod-security.kubernetes.io/enforce" in object.metadata.labels)' '[JSONPatch{op: "add", path: "/metadata/labels/pod-security.kubernetes.io~1enforce", value: "restricted"}]'
within 20 'kubectl create namespace trial --dry-run=server -o yaml | grep restricted'`,
  mend: `unpolicy`,
  red: {
    'pod-yaml': /violates PodSecurity/,
  },
  green: ['random-pod', 'service-file'],
};

export default mutant;
