import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The first node has no route to the Pods of the second one.',
  how: 'The network plugin lost its tunnel to that node.',
  profile: 'two-nodes',
  // The route itself would be restored with the next event of the node. By a table with the default route alone, packets take the way that they take without it.
  apply: `ip route add $(ip -4 route show default) table 100
ip rule add pref 100 to "$(ip -4 route show dev vxlan0 | sed -n 's/ via .*//p')" lookup 100`,
  mend: `ip rule del pref 100; ip route flush table 100`,
  red: {
    'across-nodes': { 'pod-of-another-node': 'timed out', 'the-other-way': 'timed out', 'the-other-node-itself': 'timed out' },
  },
  green: ['random-pod', 'short-name', 'matches-container-port'],
};

export default mutant;
