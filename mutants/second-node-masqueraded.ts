import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'What Pods of the second node send to Pods of the first one has an address of their node as its source.',
  how: 'The network plugin masquerades everything that leaves a node.',
  profile: 'two-nodes',
  node: 'agent',
  apply: `iptables -w -t nat -I POSTROUTING -o vxlan0 -j MASQUERADE`,
  mend: `iptables -w -t nat -D POSTROUTING -o vxlan0 -j MASQUERADE`,
  red: {
    'across-nodes': { 'pod-of-another-node': /"tcp":"10\.42\.\d+\.0","udp":"10\.42\.\d+\.0"/ },
  },
  green: ['source-kept', 'random-pod'],
};

export default mutant;
