import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The node answers on its network for every Service address.',
  how: 'A load balancer that announces ClusterIPs, or IPVS with arp_ignore left at 0.',
  apply: `ip route add local 10.43.0.0/16 dev lo`,
  mend: `ip route del local 10.43.0.0/16 dev lo`,
  red: {
    'only-inside': { 'not-answered-outside': 'answered' },
    'not-from-outside': { 'not-answered-outside': 'answered' },
    'inside-only-type': { 'outside-is-not-without': 'answered' },
  },
  green: ['random-pod', 'short-name'],
};

export default mutant;
