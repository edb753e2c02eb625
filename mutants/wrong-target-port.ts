import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Connections arrive at the wrong port of the Pod.',
  how: 'A stale rule is older than the change of the targetPort.',
  apply: `rewrite 's/\\(--to-destination 10\\.42\\.[0-9.]*\\):80$/\\1:81/'`,
  mend: `unrewrite`,
  red: {
    decoupling: { '8080-for-eighty': 'refused', 'changed-unseen': 'refused' },
    'matches-container-port': { 'undeclared-port-answers': 'refused' },
    'ports-come-and-go': { 'each-its-own': 'refused' },
    'virtual-address': { 'answers-all-the-same': 'refused' },
    'stable-virtual-ip': { 'outlives-its-pods': 'refused' },
  },
  green: ['endpoints-list-pod', 'no-pods-endpoints'],
  nftables: { apply: String.raw`rewrite 's/ : \(10\.42\.[0-9.]*\) \. 80 / : \1 . 81 /g; s/\(dnat to 10\.42\.[0-9.]*\):80$/\1:81/'` },
};

export default mutant;
