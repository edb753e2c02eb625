import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'A port of the node is closed to Pods and to the node itself.',
  how: 'A firewall on the node does not know the program that listens there.',
  apply: `iptables -w -I INPUT -p tcp --dport 28462 -j DROP`,
  mend: `iptables -w -D INPUT -p tcp --dport 28462 -j DROP`,
  red: {
    'host-network-endpoint': { 'answered-from-a-pod': 'timed out', 'answered-from-the-node': 'timed out' },
  },
  green: ['from-node', 'no-retry'],
};

export default mutant;
