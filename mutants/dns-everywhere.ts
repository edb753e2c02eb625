import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The short name of a Service resolves from every namespace.',
  how: 'A wildcard record in the zone of the cluster.',
  // CoreDNS' plugin for Services comes after the one for templates, so names that it does not have go to a second server.
  apply: `corefile <<'EOF'
.:53 {
    errors
    health
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
      pods insecure
      fallthrough
    }
    forward . 127.0.0.1:5300
}
.:5300 {
    template IN A svc.cluster.local {
      match ^[^.]+\\.[^.]+\\.svc\\.cluster\\.local\\.$
      answer "{{ .Name }} 5 IN A 10.43.255.254"
      fallthrough
    }
    template ANY ANY {
      rcode NXDOMAIN
    }
}
EOF`,
  mend: `uncorefile`,
  red: {
    'short-name': { 'short-name-is-the-cluster-ip': /"addresses":\["10\.43\.255\.254"\]/ },
    'fqdn-elsewhere': { 'short-name-unresolved': /"addresses":\["10\.43\.255\.254"\]/ },
  },
  green: ['bare-url', 'angle-brackets'],
};

export default mutant;
