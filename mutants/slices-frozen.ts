import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'EndpointSlices and Endpoints no longer follow the Pods, nor EndpointSlices the Endpoints that were written by hand.',
  how: 'The controllers are stuck, or the API server throttles them.',
  apply: `stop kube-controller-manager; start kube-controller-manager "--controllers=*,-endpointslice-controller,-endpoints-controller,-endpointslice-mirroring-controller"`,
  mend: `stop kube-controller-manager; start kube-controller-manager`,
  red: {
    'no-pods-endpoints': { 'slice-is-empty': /"slices":0/, 'endpoints-none': /NotFound/ },
    'endpoints-list-pod': { 'pod-ip-and-target-port': /NotFound/ },
    'mirrored-endpoints': { answered: 'refused' },
    'verify-with-endpoints': { 'lists-the-pod': /NotFound/, 'slices-do-not-warn': /No resources found/ },
  },
  green: ['default-type', 'no-route-to-host'],
};

export default mutant;
