import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'An EndpointSlice has at most ten endpoints.',
  how: 'The controller manager was started with another limit.',
  apply: `stop kube-controller-manager; start kube-controller-manager "--max-endpoints-per-slice=10"`,
  mend: `stop kube-controller-manager; start kube-controller-manager`,
  red: {
    'hundred-per-slice': { 'at-most-100': /^\[10,10,/ },
  },
  green: ['endpoints-list-pod', 'empty-selector'],
};

export default mutant;
