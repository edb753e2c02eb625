import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'A process on the node listens on the port of a Service.',
  how: 'A Service proxy in user space, as kube-proxy once was.',
  apply: `setsid kubectl proxy --port=28461 >/dev/null 2>&1 </dev/null &`,
  mend: `pkill -f "^kubectl proxy "`,
  red: {
    'service-listens': { 'no-socket': /\b28461\b/ },
  },
  green: ['all-pods-with-label', 'clean-up'],
};

export default mutant;
