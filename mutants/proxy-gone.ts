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
    'due-to-kube-proxy': /timed out/,
    'random-pod': /waited|got/,
    'node-port': /refused|timed out/,
    'stable-virtual-ip': /timed out|unreachable/,
  },
  green: ['default-type', 'limited-by-range', 'pod-yaml'],
};

export default mutant;
