import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Packets from the node itself bypass the Service rules.',
  how: 'A firewall tool restores a nat OUTPUT chain that is older than the rules of kube-proxy.',
  apply: `unjump OUTPUT`,
  mend: `newproxy`,
  red: {
    'from-node': { 'node-is-answered': 'timed out' },
    'service-listens': { 'answers-all-the-same': 'timed out' },
  },
  green: ['random-pod', 'debug-pod'],
  // Packets to a ClusterIP that no rule rewrites are refused there.
  nftables: {
    red: {
      'from-node': { 'node-is-answered': 'refused' },
      'service-listens': { 'answers-all-the-same': 'refused' },
    },
  },
};

export default mutant;
