import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Hints name the node of the client for the first endpoint, and another one for the second.',
  how: 'A controller of the platform team writes its own hints.',
  apply: `policy endpointslices 'request.namespace.endsWith("-prefer-same-node") && has(object.endpoints) && size(object.endpoints) == 2 || object.metadata.?name.orValue("") == "trial"' '[JSONPatch{op: "add", path: "/endpoints/0/hints", value: {"forNodes": [{"name": "'"$(hostname)"'"}]}}, JSONPatch{op: "add", path: "/endpoints/1/hints", value: {"forNodes": [{"name": "elsewhere"}]}}]'
trialslice '' '{ addresses: [192.0.2.1] }, { addresses: [192.0.2.2] }' '' 'grep forNodes'`,
  mend: `unpolicy`,
  red: {
    'prefer-same-node': { 'none-for-this-node': /^\["a"\]/, 'one-hint-missing': /^\["a"\]/ },
  },
  green: ['local-without-local', 'random-pod'],
};

export default mutant;
