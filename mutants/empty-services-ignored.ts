import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Services without endpoints have no name.',
  how: 'The option `ignore empty_service` in the Corefile.',
  apply: `kubectl -n kube-system get configmap coredns -o 'jsonpath={.data.Corefile}' | sed 's/pods insecure/&\\n ignore empty_service/' | corefile`,
  mend: `uncorefile`,
  red: { 'empty-service-resolves': { 'resolves-without-endpoints': 'unresolved' } },
  green: ['short-name', 'fqdn-elsewhere'],
};

export default mutant;
