import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Datagrams to port 80 of Pods are lost, while TCP works.',
  how: 'A firewall that lets UDP pass only where somebody asked for it.',
  apply: `iptables -w -t mangle -I FORWARD -p udp --dport 80 -j DROP`,
  mend: `iptables -w -t mangle -D FORWARD -p udp --dport 80 -j DROP`,
  red: {
    'no-pods-time-out': /over UDP/,
  },
  green: ['short-name', 'never-changes'],
};

export default mutant;
