import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'When the Service proxy ends, its rules are deleted.',
  how: 'Its unit runs kube-proxy --cleanup after each stop.',
  apply: `touch /run/cleanup; setsid sh -c 'runs() { pgrep -f "^kube-proxy --kubeconfig"; }
while [ -e /run/cleanup ]; do runs || { kube-proxy --cleanup; until runs || [ ! -e /run/cleanup ]; do sleep 0.2; done; }; sleep 0.1; done' >/dev/null 2>&1 </dev/null &`,
  mend: `rm -f /run/cleanup; sleep 0.5; newproxy`,
  red: {
    'proxy-may-be-away': { 'old-service-goes-on': 'timed out' },
  },
  green: ['short-name', 'source-kept'],
};

export default mutant;
