import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'What Pods send does not pass the Service rules, and what the node sends does.',
  how: 'A firewall tool restores a nat PREROUTING chain of before kube-proxy.',
  apply: `unjump PREROUTING`,
  mend: `newproxy`,
  red: {
    'pod-listens': /timed out/,
    'no-affinity': /waited|got/,
  },
  green: ['from-node', 'get-svc-shows-it'],
};

export default mutant;
