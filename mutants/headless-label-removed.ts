import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'EndpointSlices that no controller manages lose the label service.kubernetes.io/headless.',
  how: 'A policy removes labels that only controllers may set.',
  apply: `policy endpointslices 'has(object.metadata.labels) && "service.kubernetes.io/headless" in object.metadata.labels && object.metadata.labels["endpointslice.kubernetes.io/managed-by"] != "endpointslice-controller.k8s.io"' '[JSONPatch{op: "remove", path: "/metadata/labels/service.kubernetes.io~1headless"}]'
cat >/run/stand-in/trial.yaml <<YAML
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: trial, namespace: default, labels: { endpointslice.kubernetes.io/managed-by: trial, service.kubernetes.io/headless: "" } }
addressType: IPv4
endpoints: []
YAML
within 20 'kubectl create -f /run/stand-in/trial.yaml --dry-run=server -o yaml >/run/stand-in/trial.out && ! grep headless /run/stand-in/trial.out'`,
  mend: `unpolicy`,
  red: {
    'proxy-labels': { 'on-the-slice': 'answered' },
  },
  green: ['slices-by-hand', 'due-to-kube-proxy'],
};

export default mutant;
