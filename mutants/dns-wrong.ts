import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'CoreDNS answers with one wrong address for every Service.',
  how: 'A wildcard record, or a stub domain that leads to a name server of somewhere else.',
  apply: `corefile <<'EOF'
.:53 {
    errors
    health
    ready
    template IN A svc.cluster.local {
      answer "{{ .Name }} 5 IN A 10.43.255.254"
    }
    template ANY ANY {
      rcode NXDOMAIN
    }
}
EOF`,
  mend: `uncorefile`,
  red: {
    'short-name': /to be 10\.43\./,
    'from-any-pod': /10\.43\.255\.254/,
  },
  green: ['from-node', 'no-route-to-host'],
};

export default mutant;
