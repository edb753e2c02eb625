import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'CoreDNS answers every query anew.',
  how: 'A Corefile without a cache.',
  apply: `kubectl -n kube-system get configmap coredns -o 'jsonpath={.data.Corefile}' | sed '/cache 30/d' | corefile`,
  mend: `uncorefile`,
  red: { 'failed-lookups-remembered': { 'asked-too-early-stays-unknown': /"early":"NOERROR / } },
  green: ['short-name', 'srv-records'],
};

export default mutant;
