import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Endpoints that terminate count as if they no longer served.',
  how: 'A controller writes its own EndpointSlices and sets serving as it sets ready.',
  apply: `policy endpointslices 'object.metadata.?labels[?"endpointslice.kubernetes.io/managed-by"].orValue("") == "clusterip-conformance" && has(object.endpoints) && size(object.endpoints) > 0 && has(object.endpoints[0].conditions) && has(object.endpoints[0].conditions.terminating) && object.endpoints[0].conditions.terminating' '[JSONPatch{op: "add", path: "/endpoints/0/conditions/serving", value: false}]'
cat >/run/trial.yaml <<'YAML'
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: trial, namespace: default, labels: { endpointslice.kubernetes.io/managed-by: clusterip-conformance } }
addressType: IPv4
endpoints: [{ addresses: [192.0.2.1], conditions: { ready: false, serving: true, terminating: true } }]
ports: [{ name: "", port: 80, protocol: TCP }]
YAML
within 20 'kubectl create -f /run/trial.yaml --dry-run=server -o "jsonpath={.endpoints[0].conditions.serving}" | grep false'`,
  mend: `unpolicy`,
  red: {
    'conditions-decide': { 'terminating-only': 'refused' },
    'terminating-serves-alone': { alone: 'refused', 'alone-and-local': 'refused' },
  },
  green: ['slices-by-hand', 'no-retry'],
};

export default mutant;
