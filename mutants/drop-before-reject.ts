import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'What Pods send to a Service without endpoints is dropped before kube-proxy can reject it.',
  how: 'A network policy drops what it knows no Pod for.',
  apply: `iptables -w -t mangle -I FORWARD -d 10.43.0.0/16 -j DROP`,
  mend: `iptables -w -t mangle -D FORWARD -d 10.43.0.0/16 -j DROP`,
  red: {
    'no-route-to-host': /timed out/,
  },
  green: ['from-node', 'due-to-kube-proxy'],
};

export default mutant;
