import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'One of three Pods is missing from the rules.',
  how: 'An EndpointSlice event that the Service proxy lost.',
  apply: `rewrite '/--probability 0\\.333/d'`,
  mend: `unrewrite`,
  red: {
    'random-pod': /waited/,
    'no-affinity': /waited/,
  },
  green: ['selector-links', 'named-target-port'],
};

export default mutant;
