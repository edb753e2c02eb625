import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Packets from Pods to a Service without endpoints are dropped before kube-proxy can reject them.',
  how: 'A network policy drops packets to addresses that belong to no Pod.',
  apply: `iptables -w -t mangle -I FORWARD -d 10.43.0.0/16 -j DROP`,
  mend: `iptables -w -t mangle -D FORWARD -d 10.43.0.0/16 -j DROP`,
  red: {
    'no-route-to-host': { 'not-unreachable': 'timed out' },
  },
  green: ['from-node', 'due-to-kube-proxy'],
};

export default mutant;
