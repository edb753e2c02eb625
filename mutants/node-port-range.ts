import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'NodePorts are allocated from a wider range.',
  how: 'The API server has another --service-node-port-range.',
  apply: `newapiserver --service-node-port-range=20000-40000`,
  mend: `newapiserver`,
  red: {
    'node-port': { 'outside-the-range-is-refused': /^200$/ },
  },
  green: ['default-type', 'only-inside'],
};

export default mutant;
