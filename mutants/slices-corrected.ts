import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'EndpointSlices get the label, the port name and the protocol that would fit.',
  how: 'A policy corrects what looks like a mistake.',
  apply: `policy endpointslices 'request.namespace.endsWith("-slices-by-hand") || object.metadata.?name.orValue("") == "trial"' '[JSONPatch{op: "add", path: "/metadata/labels/kubernetes.io~1service-name", value: object.metadata.name}, JSONPatch{op: "add", path: "/ports/0/name", value: "http"}, JSONPatch{op: "add", path: "/ports/0/protocol", value: "TCP"}]'
trialslice 'a: b' '{ addresses: [192.0.2.1] }' '{ name: other, port: 80, protocol: TCP }' 'grep "name: http"'`,
  mend: `unpolicy`,
  red: {
    'slices-by-hand': { 'other-port-name': 'answered', 'other-protocol': 'answered', 'no-label': 'answered', 'no-port-name': 'answered' },
  },
  green: ['conditions-decide', 'no-retry'],
};

export default mutant;
