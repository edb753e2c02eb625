import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'CoreDNS answers with one wrong address for every Service.',
  how: 'A wildcard record, or a stub domain that leads to a foreign name server.',
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
    'short-name': {
      'short-name-is-the-cluster-ip': /"addresses":\["10\.43\.255\.254"\]/,
      'longer-names-are-too': /"addresses":\["10\.43\.255\.254"\]/,
    },
    'from-any-pod': { 'cluster-first-with-host-net-resolves': /"addresses":\["10\.43\.255\.254"\]/ },
    'srv-records': { 'named-port': /"status":"NXDOMAIN"/, 'bare-name-has-every-port': /"status":"NXDOMAIN"/ },
  },
  green: ['from-node', 'no-route-to-host'],
};

export default mutant;
