import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'kube-proxy looks after its rules once an hour.',
  how: 'Somebody sets a long iptables.syncPeriod, to save CPU.',
  profile: 'short-sync',
  apply: `stop kube-proxy; start kube-proxy --iptables-sync-period=1h
within 30 'curl -s localhost:10249/metrics | grep "^kubeproxy_sync_proxy_rules_last_timestamp_seconds.*e+09"'`,
  mend: `newproxy`,
  red: {
    'rules-repaired': { 'deleted-chains-return': 'timed out' },
  },
  green: ['slices-by-hand', 'default-type'],
};

export default mutant;
