import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Pods are taken in turn instead of at random.',
  how: 'IPVS with its default scheduler, or another proxy in place of kube-proxy.',
  apply: `rewrite 's/--mode random --probability 0\\.333[0-9]*/--mode nth --every 3 --packet 0/; s/--mode random --probability 0\\.5[0-9]*/--mode nth --every 2 --packet 0/'`,
  mend: `unrewrite`,
  red: {
    'random-selection': { 'not-in-turn': /^[1-5]?\d$/ },
  },
  green: ['random-pod', 'no-affinity'],
  nftables: { apply: String.raw`rewrite 's/numgen random /numgen inc /'` },
};

export default mutant;
