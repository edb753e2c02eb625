import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'No CoreDNS Pod runs.',
  how: 'The CoreDNS Deployment is scaled to 0, or its image cannot be pulled.',
  apply: `kubectl -n kube-system scale deployment coredns --replicas=0
kubectl -n kube-system wait --for=delete pod -l k8s-app=kube-dns --timeout=60s`,
  mend: `kubectl -n kube-system scale deployment coredns --replicas=1
dnsready`,
  red: {
    'from-any-pod': { 'cluster-first-with-host-net-resolves': 'no DNS answer' },
    'bare-url': { 'port-8080-is': 'no DNS answer', 'bare-url-is-not-answered': 'no DNS answer' },
    'debug-pod': { answers: /000 from/ },
    'angle-brackets': { 'works-without': /"exitCode":6\b/ },
  },
  green: ['random-pod', 'from-node', 'no-pods-time-out'],
};

export default mutant;
