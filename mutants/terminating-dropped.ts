import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Endpoints that terminate count as if they no longer served.',
  how: 'A controller writes its own EndpointSlices and sets serving as it sets ready.',
  apply: `slicepolicy 'has(object.endpoints[0].conditions.terminating) && object.endpoints[0].conditions.terminating' serving false`,
  mend: `unpolicy`,
  red: {
    'conditions-decide': { 'terminating-only': 'refused' },
    'terminating-serves-alone': { alone: 'refused', 'alone-and-local': 'refused' },
  },
  green: ['slices-by-hand', 'no-retry'],
};

export default mutant;
