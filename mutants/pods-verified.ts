import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'CoreDNS has names only for Pods that exist.',
  how: 'The option `pods verified` in the Corefile.',
  apply: `kubectl -n kube-system get configmap coredns -o 'jsonpath={.data.Corefile}' | sed 's/pods insecure/pods verified/' | corefile`,
  mend: `uncorefile`,
  red: { 'pod-names-made-up': { 'read-off-the-name': /"status":"NXDOMAIN"/ } },
  green: ['short-name', 'ptr-records'],
};

export default mutant;
