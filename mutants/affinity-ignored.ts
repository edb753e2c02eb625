import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Rules for ClientIP affinity are missing.',
  how: 'A Service proxy that does not implement session affinity.',
  apply: `rewrite '/--rcheck/d; s/-m recent --name [A-Z0-9-]* --set --rsource //; s/-m recent --name [A-Z0-9-]* --set //'`,
  mend: `unrewrite`,
  red: {
    'client-ip-affinity': /one and the same Pod/,
  },
  green: ['no-affinity', 'service-listens'],
};

export default mutant;
