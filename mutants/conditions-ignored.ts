import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Endpoints count as ready though their EndpointSlice says that they are not.',
  how: 'A policy sets the condition, to bring back a Service whose Pods fail their probes.',
  apply: `slicepolicy 'has(object.endpoints[0].conditions.ready) && !object.endpoints[0].conditions.ready' ready true`,
  mend: `unpolicy`,
  red: {
    'conditions-decide': { 'not-ready': 'answered', 'not-ready-but-serving': 'answered' },
    'one-record-per-ready-pod': {
      'ready-ones-alone': /"data":"198\.51\.100\.1"/,
      'none-ready-is-no-name': /"data":"198\.51\.100\.1"/,
    },
    'terminating-serves-alone': { 'beside-a-ready-one': /^"a,b"$/, 'no-longer-serving': 'answered' },
  },
  green: ['slices-by-hand', 'no-retry'],
};

export default mutant;
