import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'NodePorts are given from a wider range.',
  how: 'An API server with another --service-node-port-range.',
  apply: `stop kube-apiserver; start kube-apiserver --service-node-port-range=20000-40000; within 60 'kubectl get --raw /readyz'`,
  mend: `stop kube-apiserver; start kube-apiserver; within 60 'kubectl get --raw /readyz'`,
  red: {
    'node-port': /422|30000|32767/,
  },
  green: ['default-type', 'only-inside'],
};

export default mutant;
