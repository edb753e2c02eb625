import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Connections arrive at the wrong port of the Pod.',
  how: 'A stale rule from before the targetPort was changed.',
  apply: `rewrite 's/\\(--to-destination 10\\.42\\.[0-9.]*\\):80$/\\1:81/'`,
  mend: `unrewrite`,
  red: {
    decoupling: /refused/,
    'matches-container-port': /refused/,
    'virtual-address': /refused/,
    'stable-virtual-ip': /refused/,
  },
  green: ['endpoints-list-pod', 'no-pods-endpoints'],
};

export default mutant;
