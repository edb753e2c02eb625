import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The rules for ClientIP affinity are missing.',
  how: 'The Service proxy does not implement session affinity.',
  apply: `rewrite '/--rcheck/d; s/-m recent --name [A-Z0-9-]* --set --rsource //; s/-m recent --name [A-Z0-9-]* --set //'`,
  mend: `unrewrite`,
  red: {
    'client-ip-affinity': { 'one-pod-answers': /^\["\w+","\w+"/, 'expires-when-idle': /^\["\w+","\w+"/ },
    'affinity-per-port': { 'each-port-sticks': /"a","b"|"b","a"/ },
    'affinity-renewed': { 'lasts-while-it-is-used': /"same":false/ },
    'affinity-through-churn': { 'kept-when-one-is-added': /"a","b"|"b","a"/ },
    'affinity-client': { 'pods-differ': /"a","b"|"b","a"/ },
    'affinity-hundred-clients': { 'eighty-are-remembered': /"a","b"|"b","a"/ },
  },
  green: ['no-affinity', 'service-listens'],
  nftables: { apply: String.raw`rewrite '/ saddr @affinity-.* goto /d'` },
};

export default mutant;
