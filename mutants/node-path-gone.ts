import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'What the node itself sends does not pass the Service rules.',
  how: 'A firewall tool restores a nat OUTPUT chain of before kube-proxy.',
  apply: `unjump OUTPUT`,
  mend: `newproxy`,
  red: {
    'from-node': /timed out/,
    'service-listens': /timed out/,
  },
  green: ['random-pod', 'debug-pod'],
};

export default mutant;
