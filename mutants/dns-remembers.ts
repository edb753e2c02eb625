import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'CoreDNS answers from its cache for an hour, also for Services that were deleted.',
  how: 'A cache with a long TTL, or one that serves stale answers.',
  apply: `kubectl -n kube-system get configmap coredns -o 'jsonpath={.data.Corefile}' | sed 's/pods insecure/&\\n ttl 3600/; s/cache 30/cache 3600/' | corefile`,
  mend: `uncorefile`,
  red: {
    'external-name': { 'becomes-a-cluster-ip': /"type":"CNAME"/ },
    'ptr-records': { 'gone-with-its-service': /"type":"PTR"/ },
    'clean-up': { 'nothing-left': /"addresses":\["10\.43\.[\d.]+"\]/ },
    'one-record-per-ready-pod': { 'gone-when-not-ready': /"data":"198\.51\.100\.2"/ },
    'statefulset-names': { 'replaced-pod-same-name': /"data":"10\.42\.[\d.]+"/ },
  },
  green: ['short-name', 'fqdn-elsewhere'],
};

export default mutant;
