import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Packets from Pods bypass the Service rules; packets from the node do not.',
  how: 'A firewall tool restores a nat PREROUTING chain that is older than the rules of kube-proxy.',
  apply: `unjump PREROUTING`,
  mend: `newproxy`,
  red: {
    'pod-listens': { 'no-listener-no-answer': 'timed out' },
    'no-affinity': { 'answers-spread': /^\{"one":0,"two":0,"three":0\}$/ },
  },
  green: ['from-node', 'get-svc-shows-it'],
  // Packets to a ClusterIP that no rule rewrites are refused there. The kernel rations its refusals.
  nftables: {
    red: {
      'pod-listens': { 'no-listener-no-answer': /"ending":"(refused|timed out)"/ },
      'no-affinity': { 'answers-spread': /^\{"one":0,"two":0,"three":0\}$/ },
    },
  },
};

export default mutant;
