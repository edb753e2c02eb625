import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Datagrams of more than 1500 bytes are dropped.',
  how: 'A firewall drops fragments, or what it has put together from them.',
  apply: `iptables -w -t mangle -I FORWARD -p udp -m length --length 1501:65535 -j DROP`,
  mend: `iptables -w -t mangle -D FORWARD -p udp -m length --length 1501:65535 -j DROP`,
  red: {
    'large-payloads': { udp: /"ending":"silent"/ },
  },
  green: ['no-pods-time-out', 'source-kept'],
};

export default mutant;
