import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Connections to a Service without endpoints are accepted by the rules and reach no process.',
  how: 'The Service proxy writes no rules for Services without endpoints.',
  apply: `rewrite 's/-j REJECT$/-j ACCEPT/'`,
  mend: `unrewrite`,
  red: {
    'named-target-port': { 'name-that-no-pod-has': 'timed out' },
  },
  green: ['virtual-address', 'no-pods-endpoints'],
  nftables: { apply: String.raw`rewrite 's/ reject-chain reject$/ reject-chain accept/'` },
};

export default mutant;
