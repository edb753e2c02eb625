import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The first endpoint of each EndpointSlice has no hints.',
  how: 'A policy is older than hints, and writes endpoints without them.',
  apply: `policy endpointslices 'has(object.endpoints) && size(object.endpoints) > 0 && has(object.endpoints[0].hints)' '[JSONPatch{op: "remove", path: "/endpoints/0/hints"}]'
trialslice '' '{ addresses: [192.0.2.1], hints: { forNodes: [{ name: trial }] } }' '' '! grep forNodes'`,
  mend: `unpolicy`,
  red: {
    'prefer-same-node': { 'own-node-first': /^\["a","b"\]/, 'field-is-not-read': /^\["a","b"\]/ },
  },
  green: ['local-without-local', 'random-pod'],
};

export default mutant;
