import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The rules of a Service still name a Pod that was deleted.',
  how: 'The Service proxy missed the end of a Pod.',
  apply: `rewrite '/^-A KUBE-SVC-.*clusterip-.* -j KUBE-SEP-/{/statistic/!{h; s/^-A \\(KUBE-SVC-[A-Z0-9]*\\) .*/-A \\1 -p tcp -m tcp -m statistic --mode random --probability 0.5000000000 -j DNAT --to-destination 10.42.0.250:80/; p; x}}'`,
  mend: `unrewrite`,
  red: {
    'selector-links': { 'label-added': /got \d+ of 40 answers/, 'label-removed': /got \d+ of 40 answers/ },
    'random-pod': { 'every-pod-gets-its-share': /got \d+ of 40 answers|^\{"one":0,"two":0,"three":0\}$/ },
  },
  green: ['from-any-pod', 'no-pods-endpoints'],
  nftables: {
    apply: String.raw`rewrite '/^add rule ip kube-proxy service-[A-Z0-9]*-clusterip-.* meta l4proto tcp .* numgen random /{h; s/ meta l4proto tcp .*/ meta l4proto tcp numgen random mod 2 0 dnat to 10.42.0.250:80/; p; x}'`,
  },
};

export default mutant;
