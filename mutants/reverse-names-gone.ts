import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'CoreDNS has no reverse names.',
  how: 'A Corefile without the reverse zones.',
  apply: `kubectl -n kube-system get configmap coredns -o 'jsonpath={.data.Corefile}' | sed 's/in-addr.arpa ip6.arpa {/{/' | corefile`,
  mend: `uncorefile`,
  red: { 'ptr-records': { 'cluster-ip': /"answer":\[\]/, 'one-for-each-service': /"answer":\[\]/ } },
  green: ['short-name', 'srv-records'],
};

export default mutant;
