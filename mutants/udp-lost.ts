import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Datagrams are lost, while TCP works and DNS does.',
  how: 'A firewall that lets only known UDP ports pass.',
  apply: `iptables -w -t mangle -I FORWARD -p udp ! --dport 53 ! --sport 53 -j DROP`,
  mend: `iptables -w -t mangle -D FORWARD -p udp ! --dport 53 ! --sport 53 -j DROP`,
  red: {
    'no-pods-time-out': /over UDP/,
  },
  green: ['short-name', 'never-changes'],
};

export default mutant;
