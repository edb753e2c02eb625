import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Endpoints count as ready though their EndpointSlice says that they are not.',
  how: 'A policy sets the condition, to bring back a Service whose Pods fail their probes.',
  apply: `policy endpointslices 'object.metadata.?labels[?"endpointslice.kubernetes.io/managed-by"].orValue("") == "clusterip-conformance" && has(object.endpoints) && size(object.endpoints) > 0 && has(object.endpoints[0].conditions) && has(object.endpoints[0].conditions.ready) && !object.endpoints[0].conditions.ready' '[JSONPatch{op: "replace", path: "/endpoints/0/conditions/ready", value: true}]'
cat >/run/trial.yaml <<'YAML'
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: trial, namespace: default, labels: { endpointslice.kubernetes.io/managed-by: clusterip-conformance } }
addressType: IPv4
endpoints: [{ addresses: [192.0.2.1], conditions: { ready: false, serving: true, terminating: true } }]
ports: [{ name: "", port: 80, protocol: TCP }]
YAML
within 20 'kubectl create -f /run/trial.yaml --dry-run=server -o "jsonpath={.endpoints[0].conditions.ready}" | grep true'`,
  mend: `unpolicy`,
  red: {
    'conditions-decide': { 'not-ready': 'answered', 'not-ready-but-serving': 'answered' },
    'one-record-per-ready-pod': {
      'ready-ones-alone': /"data":"198\.51\.100\.1"/,
      'none-ready-is-no-name': /"data":"198\.51\.100\.1"/,
    },
    'terminating-serves-alone': { 'beside-a-ready-one': /^"a,b"$/, 'no-longer-serving': 'answered' },
  },
  green: ['slices-by-hand', 'no-retry'],
};

export default mutant;
