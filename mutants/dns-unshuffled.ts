import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'CoreDNS sends addresses in the same order again and again.',
  how: 'A Corefile without the plugin loadbalance.',
  apply: `kubectl -n kube-system get configmap coredns -o 'jsonpath={.data.Corefile}' | sed '/loadbalance/d' | corefile`,
  mend: `uncorefile`,
  red: {
    'answers-shuffled': { 'each-comes-first': /^\["198\.51\.100\.[123]"\]$/ },
  },
  green: ['one-record-per-ready-pod', 'short-name'],
};

export default mutant;
