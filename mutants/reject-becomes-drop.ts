import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Connections to a Service without endpoints are dropped instead of rejected.',
  how: 'A host firewall drops the packets that kube-proxy would reject.',
  apply: `rewrite 's/-j REJECT$/-j DROP/'`,
  mend: `unrewrite`,
  red: {
    'no-route-to-host': { 'not-unreachable': 'timed out' },
    'from-node': { 'node-is-refused-without-pods': 'timed out' },
    'local-without-local': { 'none-anywhere': 'timed out' },
    'udp-refusal-must-be-read': { 'socket-that-reads': 'timed out' },
    'proxy-labels': { 'on-the-slice': 'timed out' },
  },
  green: ['port-exposed', 'no-pods-endpoints'],
  nftables: { apply: String.raw`rewrite 's/ reject-chain reject$/ reject-chain drop/'` },
};

export default mutant;
