import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'One of three Pods is missing from the rules.',
  how: 'The Service proxy lost an EndpointSlice event.',
  apply: `rewrite '/--probability 0\\.333/d'`,
  mend: `unrewrite`,
  red: {
    'random-pod': { 'every-pod-gets-its-share': /^(?=.*:0[,}])(?=.*:[1-9].*:[1-9])/ },
    'no-affinity': { 'answers-spread': /^(?=.*:0[,}])(?=.*:[1-9].*:[1-9])/ },
  },
  green: ['selector-links', 'named-target-port'],
  nftables: { apply: String.raw`rewrite 's/mod 3 map { 0 : [^,]* , 1 : \([^,]*\) , 2 : /mod 2 map { 0 : \1 , 1 : /'` },
};

export default mutant;
