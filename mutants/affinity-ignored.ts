import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The rules for ClientIP affinity are missing.',
  how: 'The Service proxy does not implement session affinity.',
  apply: `rewrite '/--rcheck/d; s/-m recent --name [A-Z0-9-]* --set --rsource //; s/-m recent --name [A-Z0-9-]* --set //'`,
  mend: `unrewrite`,
  red: {
    'client-ip-affinity': { 'one-pod-answers': /^\["\w+","\w+"/, 'expires-when-idle': /^\["\w+","\w+"/ },
  },
  green: ['no-affinity', 'service-listens'],
  nftables: { apply: String.raw`rewrite '/ saddr @affinity-.* goto /d'` },
};

export default mutant;
