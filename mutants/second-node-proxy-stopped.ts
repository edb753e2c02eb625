import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The Service proxy of the second node is stopped; that of the first one runs.',
  how: 'kube-proxy is out of memory or hangs on one node of many.',
  profile: 'two-nodes',
  node: 'agent',
  apply: `stop kube-proxy`,
  mend: `startproxy`,
  red: {
    'across-nodes': { 'pod-of-another-node': 'timed out', 'the-other-node-itself': 'timed out', 'refused-there-too': 'timed out' },
  },
  green: ['random-pod', 'short-name', 'matches-container-port'],
};

export default mutant;
