import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'CoreDNS remembers for an hour that a name does not exist.',
  how: 'A cache with a long least TTL for failed lookups.',
  apply: `kubectl -n kube-system get configmap coredns -o 'jsonpath={.data.Corefile}' | sed 's/cache 30/& {\\n denial 9984 3600 3600\\n }/' | corefile`,
  mend: `uncorefile`,
  red: { 'failed-lookups-remembered': { 'known-after-that-time': /^"NXDOMAIN"$/ } },
  green: ['fqdn-elsewhere', 'srv-records'],
};

export default mutant;
