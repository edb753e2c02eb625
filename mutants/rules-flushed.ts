import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The rules for Services are flushed ten times a second while the Service proxy runs.',
  how: 'A firewall tool restores its own nat table all the time.',
  apply: `touch /run/flush; setsid sh -c 'while [ -e /run/flush ]; do iptables -w -t nat -F KUBE-SERVICES; sleep 0.1; done' >/dev/null 2>&1 </dev/null &`,
  mend: `rm -f /run/flush; sleep 0.5; newproxy`,
  red: {
    'pod-listens': { 'no-listener-no-answer': 'timed out' },
    'from-node': { 'node-is-answered': 'timed out' },
  },
  green: ['default-type', 'endpoints-list-pod'],
  // Packets to a ClusterIP that no rule rewrites are refused there. The kernel rations its refusals to Pods.
  nftables: {
    apply: `touch /run/flush; setsid sh -c 'while [ -e /run/flush ]; do nft flush chain ip kube-proxy services; sleep 0.1; done' >/dev/null 2>&1 </dev/null &`,
    red: {
      'pod-listens': { 'no-listener-no-answer': /"ending":"(refused|timed out)"/ },
      'from-node': { 'node-is-answered': 'refused' },
    },
  },
};

export default mutant;
