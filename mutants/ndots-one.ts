import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'New Pods have ndots:1 in /etc/resolv.conf.',
  how: 'A policy that is to spare the DNS server queries.',
  apply: `policy pods 'object.spec.dnsPolicy.startsWith("ClusterFirst") && !has(object.spec.dnsConfig)' '[JSONPatch{op: "add", path: "/spec/dnsConfig", value: Object.spec.dnsConfig{options: [Object.spec.dnsConfig.options{name: "ndots", value: "1"}]}}]'
within 20 'kubectl run trial --image=trial --dry-run=server -o "jsonpath={.spec.dnsConfig.options[0].name}" | grep ndots'`,
  mend: `unpolicy`,
  red: {
    'search-list-costs': {
      'written-by-the-kubelet': /^\["ndots:1"\]$/,
      'names-asked': /"queries":\[\{"name":"web\.clusterip-[^."]+\."/,
      'datagrams-sent': /^\[\d+,\d+,(\d+),\1\]$/,
    },
  },
  green: ['random-pod', 'from-node'],
};

export default mutant;
