import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The Service proxy is stopped and its rules are flushed.',
  how: 'kube-proxy crashes at start while a firewall tool flushes all rules.',
  apply: `stop kube-proxy
for table in nat filter mangle; do
  iptables -t $table -S | sed -n "s/^-N \\(KUBE-[A-Z-]*\\)$/\\1/p" | while read -r c; do iptables -w -t $table -F "$c"; done
done`,
  mend: `startproxy`,
  red: {
    'due-to-kube-proxy': { 'answered-when-it-does-not': 'timed out' },
    'random-pod': { 'every-pod-gets-its-share': /^\{"one":0,"two":0,"three":0\}$/ },
    'node-port': { 'answers-on-the-node': 'refused' },
    'stable-virtual-ip': { 'outlives-its-pods': 'timed out' },
  },
  green: ['default-type', 'limited-by-range', 'pod-yaml'],
  nftables: {
    apply: `stop kube-proxy; forgetrules`,
  },
};

export default mutant;
