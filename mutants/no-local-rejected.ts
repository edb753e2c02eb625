import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Where all endpoints of a Service with the policy Local are on other nodes, connections are rejected and not dropped.',
  how: 'A Service proxy that takes this for a Service without endpoints, as the documentation says.',
  apply: `rewrite '/has no local endpoints/s/-j DROP$/-j REJECT/'`,
  mend: `unrewrite`,
  nftables: { apply: `rewrite '/ no-endpoint-services .* : drop }$/s/drop }$/goto reject-chain }/'` },
  red: {
    'local-without-local': { 'only-elsewhere': 'refused' },
    'external-policy-inside': { 'internal-policy-counts': 'refused' },
  },
  green: ['prefer-same-node', 'no-route-to-host'],
};

export default mutant;
