import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'EndpointSlices that no controller manages lose the label service.kubernetes.io/headless.',
  how: 'A policy removes labels that only controllers may set.',
  apply: `policy endpointslices 'has(object.metadata.labels) && "service.kubernetes.io/headless" in object.metadata.labels && object.metadata.labels["endpointslice.kubernetes.io/managed-by"] != "endpointslice-controller.k8s.io"' '[JSONPatch{op: "remove", path: "/metadata/labels/service.kubernetes.io~1headless"}]'
trialslice 'endpointslice.kubernetes.io/managed-by: trial, service.kubernetes.io/headless: ""' '' '' '! grep headless'`,
  mend: `unpolicy`,
  red: {
    'proxy-labels': { 'on-the-slice': 'answered' },
  },
  green: ['slices-by-hand', 'due-to-kube-proxy'],
};

export default mutant;
