import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'New Pods have no search path for names.',
  how: 'A kubelet without clusterDomain.',
  apply: `sed -i 's/^clusterDomain:.*/clusterDomain: ""/' /run/stand-in/kubelet.yaml; stop kubelet; start kubelet`,
  mend: `sed -i 's/^clusterDomain:.*/clusterDomain: cluster.local/' /run/stand-in/kubelet.yaml; stop kubelet; start kubelet`,
  red: {
    'bare-url': { 'port-8080-is': 'unresolved', 'bare-url-is-not-answered': 'unresolved' },
    'from-any-pod': { 'cluster-first-with-host-net-resolves': 'unresolved' },
  },
  green: ['random-pod', 'verify-with-endpoints'],
};

export default mutant;
