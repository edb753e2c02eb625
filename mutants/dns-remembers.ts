import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'CoreDNS answers for an hour from memory, also for Services that are gone.',
  how: 'A cache with a long TTL, or one that serves stale answers.',
  apply: `kubectl -n kube-system get configmap coredns -o 'jsonpath={.data.Corefile}' | sed 's/pods insecure/&\\n ttl 3600/; s/cache 30/cache 3600/' | corefile`,
  mend: `uncorefile`,
  red: {
    'clean-up': /the name to be gone/,
  },
  green: ['short-name', 'fqdn-elsewhere'],
};

export default mutant;
