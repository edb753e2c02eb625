import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'A Pod that reaches itself through a Service keeps its own address as the source.',
  how: 'A Service proxy that does not masquerade such connections.',
  apply: String.raw`rewrite '/-s 10\.42\.[0-9.]* -j KUBE-MARK-MASQ$/d'`,
  mend: `unrewrite`,
  red: {
    'hairpin-mode': { 'answers-itself': 'timed out', 'answers-itself-udp': /"ending":"silent"/, 'without-node-name': 'timed out' },
    'source-kept': { 'to-itself': 'timed out' },
  },
  green: ['from-node', 'half-closed'],
  // Where the slice does not name the node of the Pod, nothing masquerades in this mode anyway.
  nftables: {
    apply: `rewrite '/@hairpin-connections masquerade/d'`,
    red: {
      'hairpin-mode': { 'answers-itself': 'timed out', 'answers-itself-udp': /"ending":"silent"/ },
      'source-kept': { 'to-itself': 'timed out' },
    },
  },
};

export default mutant;
