import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Beside its Pods a Service has a Pod in the rules that is gone.',
  how: 'A Service proxy that missed the end of a Pod.',
  apply: `rewrite '/^-A KUBE-SVC-.*clusterip-.* -j KUBE-SEP-/{/statistic/!{h; s/^-A \\(KUBE-SVC-[A-Z0-9]*\\) .*/-A \\1 -p tcp -m tcp -m statistic --mode random --probability 0.5000000000 -j DNAT --to-destination 10.42.0.250:80/; p; x}}'`,
  mend: `unrewrite`,
  red: {
    'selector-links': /got \d+ of 40/,
    'random-pod': /waited/,
  },
  green: ['from-any-pod', 'no-pods-endpoints'],
};

export default mutant;
