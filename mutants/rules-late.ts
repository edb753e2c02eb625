import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The Service proxy writes rules only every nine seconds, so that a Pod is in them for longer than it serves on.',
  how: 'Its shortest period between two changes was raised, to save CPU on a large cluster.',
  apply: `stop kube-proxy; start kube-proxy "--iptables-min-sync-period=9s"
within 30 'curl -s localhost:10249/metrics | grep "^kubeproxy_sync_proxy_rules_last_timestamp_seconds.*e+09"'`,
  mend: `newproxy`,
  red: {
    'rollout-needs-a-pause': { 'pause-loses-none': /onnect/ },
  },
  green: ['conditions-decide', 'slices-by-hand'],
};

export default mutant;
