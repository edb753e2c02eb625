import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Connections to a Service without endpoints are let through, to nobody.',
  how: 'A Service proxy that writes no rules for Services without endpoints.',
  apply: `rewrite 's/-j REJECT$/-j ACCEPT/'`,
  mend: `unrewrite`,
  red: {
    'named-target-port': /timed out/,
  },
  green: ['virtual-address', 'no-pods-endpoints'],
};

export default mutant;
