import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The rules for Services are flushed again and again, under a Service proxy that runs.',
  how: 'A firewall tool that puts its own nat table back every moment.',
  apply: `touch /run/flush; setsid sh -c 'while [ -e /run/flush ]; do iptables -w -t nat -F KUBE-SERVICES; sleep 0.1; done' >/dev/null 2>&1 </dev/null &`,
  mend: `rm -f /run/flush; sleep 0.5; newproxy`,
  red: {
    'pod-listens': /timed out/,
    'from-node': /timed out/,
  },
  green: ['default-type', 'endpoints-list-pod'],
};

export default mutant;
