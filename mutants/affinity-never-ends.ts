import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'ClientIP affinity lasts for a day, whatever the Service says.',
  how: 'A Service proxy that does not know timeoutSeconds.',
  apply: `rewrite 's/--rcheck --seconds [0-9]*/--rcheck --seconds 86400/'`,
  mend: `unrewrite`,
  red: {
    'client-ip-affinity': /one of 13 silences/,
  },
  green: ['random-selection', 'pod-listens'],
};

export default mutant;
