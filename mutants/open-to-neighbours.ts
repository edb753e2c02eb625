import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The node claims every Service address on its network.',
  how: 'A load balancer that announces ClusterIPs, or IPVS with arp_ignore left at 0.',
  apply: `ip route add local 10.43.0.0/16 dev lo`,
  mend: `ip route del local 10.43.0.0/16 dev lo`,
  red: {
    'only-inside': /answered/,
    'not-from-outside': /answered/,
    'inside-only-type': /answered/,
  },
  green: ['random-pod', 'short-name'],
};

export default mutant;
