import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Packets to the IPv6 addresses of Services are dropped.',
  how: 'A firewall whose rules were written for IPv4, and that drops what it does not know.',
  profile: 'dual-stack',
  apply: `ip6tables -t mangle -I PREROUTING -d fd00:10:43::/112 -p tcp --dport 8080 -j DROP`,
  mend: `ip6tables -t mangle -D PREROUTING -d fd00:10:43::/112 -p tcp --dport 8080 -j DROP`,
  red: {
    'both-families-answer': { 'both-addresses': 'timed out', 'from-its-own-pod': 'timed out' },
    'second-family-comes-and-goes': { 'second-added': 'timed out' },
  },
  green: ['families', 'slices-by-hand'],
};

export default mutant;
