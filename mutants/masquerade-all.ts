import type { Mutant } from './mutant.ts';

const red: Mutant['red'] = {
  'source-kept': { 'pod-to-pod': /"tcp":"10\.42\.\d+\.1","udp":"10\.42\.\d+\.1"/ },
  'node-port-hides-source': { 'cluster-ip-keeps-it': /^"10\.42\.\d+\.1"$/ },
};

const mutant: Mutant = {
  breaks: 'Every packet to a Service gets an address of the node as its source.',
  how: 'kube-proxy runs with --masquerade-all.',
  apply: `stop kube-proxy; start kube-proxy --masquerade-all
within 30 'curl -s localhost:10249/metrics | grep "^kubeproxy_sync_proxy_rules_last_timestamp_seconds.*e+09"'`,
  mend: `newproxy`,
  red,
  green: ['hairpin-mode', 'large-payloads'],
  // There, only this masquerades what a Pod sends to itself where the slice does not name its node.
  nftables: { red: { ...red, 'hairpin-mode': { 'without-node-name': 'answered' } }, green: ['large-payloads'] },
};

export default mutant;
