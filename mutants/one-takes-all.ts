import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The first Pod of a Service gets every connection.',
  how: 'A kernel without the statistic module, or a proxy that writes wrong weights.',
  apply: `rewrite 's/--probability 0\\.[0-9]*/--probability 1.0000000000/'`,
  mend: `unrewrite`,
  red: {
    'random-pod': { 'every-pod-gets-its-share': /:40[,}]/ },
    'no-retry': { 'some-refused': /"(answered|refused)":24/ },
    'duplicate-endpoint': { 'no-double-share': /^"[abc]"$/ },
    'selector-links': { 'label-added': /^\["(always|sometimes)"\]$/ },
    'affinity-per-port': { 'ports-differ': /^1$/, 'spreads-without-affinity': /\[\["a","a","a"\]|\[\["b","b","b"\]/ },
  },
  green: ['matches-container-port', 'short-name'],
  nftables: { apply: String.raw`rewrite 's/numgen random mod [0-9]* /numgen random mod 1 /'` },
};

export default mutant;
