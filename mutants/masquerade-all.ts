import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Every packet to a Service gets an address of the node as its source.',
  how: 'kube-proxy runs with --masquerade-all.',
  apply: `stop kube-proxy; start kube-proxy --masquerade-all
within 30 'curl -s localhost:10249/metrics | grep "^kubeproxy_sync_proxy_rules_last_timestamp_seconds.*e+09"'`,
  mend: `newproxy`,
  red: {
    'source-kept': { 'pod-to-pod': /"tcp":"10\.42\.\d+\.1","udp":"10\.42\.\d+\.1"/ },
    'node-port-hides-source': { 'cluster-ip-keeps-it': /^"10\.42\.\d+\.1"$/ },
  },
  green: ['hairpin-mode', 'large-payloads'],
};

export default mutant;
