import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'No CoreDNS Pod runs.',
  how: 'The CoreDNS Deployment is scaled to 0 or its image cannot be pulled.',
  apply: `kubectl -n kube-system scale deployment coredns --replicas=0
kubectl -n kube-system wait --for=delete pod -l k8s-app=kube-dns --timeout=60s`,
  mend: `kubectl -n kube-system scale deployment coredns --replicas=1
kubectl -n kube-system rollout status deployment coredns --timeout=60s`,
  red: {
    'from-any-pod': /"addresses":\[\]/,
    'bare-url': /unresolved/,
    'debug-pod': /200 from/,
    'angle-brackets': /the page/,
  },
  green: ['random-pod', 'from-node', 'no-pods-time-out'],
};

export default mutant;
