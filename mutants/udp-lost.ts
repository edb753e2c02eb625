import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Datagrams to port 80 of Pods are dropped, while TCP works.',
  how: 'A firewall drops UDP that no rule allows.',
  apply: `iptables -w -t mangle -I FORWARD -p udp --dport 80 -j DROP`,
  mend: `iptables -w -t mangle -D FORWARD -p udp --dport 80 -j DROP`,
  red: {
    'no-pods-time-out': { 'answered-when-a-pod-matches': 'timed out' },
    'tcp-and-udp-on-one-number': { 'both-answer': 'timed out' },
  },
  green: ['short-name', 'never-changes'],
};

export default mutant;
