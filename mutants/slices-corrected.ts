import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'EndpointSlices get the label, the port name and the protocol that would fit.',
  how: 'A policy corrects what looks like a mistake.',
  apply: `policy endpointslices 'request.namespace.endsWith("-slices-by-hand") || object.metadata.?name.orValue("") == "trial"' '[JSONPatch{op: "add", path: "/metadata/labels/kubernetes.io~1service-name", value: object.metadata.name}, JSONPatch{op: "add", path: "/ports/0/name", value: "http"}, JSONPatch{op: "add", path: "/ports/0/protocol", value: "TCP"}]'
cat >/run/trial.yaml <<YAML
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: trial, namespace: default, labels: { a: b } }
addressType: IPv4
endpoints: [{ addresses: [192.0.2.1] }]
ports: [{ name: other, port: 80, protocol: TCP }]
YAML
within 20 'kubectl create -f /run/trial.yaml --dry-run=server -o yaml | grep "name: http"'`,
  mend: `unpolicy`,
  red: {
    'slices-by-hand': { 'other-port-name': 'answered', 'other-protocol': 'answered', 'no-label': 'answered', 'no-port-name': 'answered' },
  },
  green: ['conditions-decide', 'no-retry'],
};

export default mutant;
