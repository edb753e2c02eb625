import type { claims } from '../suites/claims.ts';

type ClaimId = keyof typeof claims;

/** One way in which a cluster can be broken, and what the suite has to say of it. */
export interface Mutant {
  /** What is broken, in a sentence, and how a cluster could come to that. */
  readonly breaks: string;
  readonly how: string;
  /** sh on the node; `stop`, `start` and `rewrite` are defined below. */
  readonly apply: string;
  readonly mend: string;
  /** Claims that must turn red, each with what the red must tell: an ending, or words of the assertion. */
  readonly red: Partial<Record<ClaimId, RegExp>>;
  /** Neighbours that must stay green. */
  readonly green: readonly ClaimId[];
}

/** sh functions for the scripts: components are separate processes on the stand-in, each with its command line on file. */
export const prelude = `
stop() { pkill -f "^$1 " ; while pgrep -f "^$1 " >/dev/null; do :; done; }
start() { setsid sh -c "$(cat /run/stand-in/$1.command) $2" >>/var/log/stand-in/$1.log 2>&1 </dev/null & }
# What kube-proxy hands to iptables-restore passes through a sed script, and a new kube-proxy writes all rules again.
rewrite() {
  printf '%s\\n' "$1" >/run/stand-in/rewrite.sed
  printf '#!/bin/sh\\nsed -f /run/stand-in/rewrite.sed | /usr/sbin/iptables-restore "$@"\\n' >/usr/local/sbin/iptables-restore
  chmod +x /usr/local/sbin/iptables-restore
  stop kube-proxy; start kube-proxy
}
`;

const unrewrite = 'rm /usr/local/sbin/iptables-restore; stop kube-proxy; start kube-proxy';

export const mutants: Readonly<Record<string, Mutant>> = {
  'proxy-gone': {
    breaks: 'The Service proxy is stopped and its rules are flushed.',
    how: 'kube-proxy crashes at start while a firewall tool flushes all rules.',
    apply:
      'stop kube-proxy; for table in nat filter mangle; do iptables -t $table -S | sed -n "s/^-N \\(KUBE-[A-Z-]*\\)$/\\1/p" | while read c; do iptables -w -t $table -F $c; done; done',
    mend: 'start kube-proxy',
    red: {
      'from-node': /timed out|refused/,
      'no-pods-time-out': /timed out/,
      'due-to-kube-proxy': /timed out/,
      'random-pod': /waited|got/,
      'node-port': /refused|timed out/,
    },
    green: ['default-type', 'limited-by-range', 'pod-yaml'],
  },
  'dns-gone': {
    breaks: 'No CoreDNS Pod runs.',
    how: 'The CoreDNS Deployment is scaled to 0 or its image cannot be pulled.',
    apply:
      'kubectl -n kube-system scale deployment coredns --replicas=0 && kubectl -n kube-system wait --for=delete pod -l k8s-app=kube-dns --timeout=60s',
    mend: 'kubectl -n kube-system scale deployment coredns --replicas=1 && kubectl -n kube-system rollout status deployment coredns --timeout=60s',
    red: { 'bare-url': /unresolved/, 'from-any-pod': /"addresses":\[\]/ },
    green: ['random-pod', 'from-node', 'no-pods-time-out'],
  },
  'reject-becomes-drop': {
    breaks: 'Connections to a Service without endpoints are dropped instead of rejected.',
    how: 'A network policy or host firewall drops what kube-proxy would reject.',
    apply: "rewrite 's/-j REJECT$/-j DROP/'",
    mend: unrewrite,
    red: { 'no-pods-time-out': /timed out/, 'from-node': /timed out/, 'named-target-port': /timed out/, 'no-route-to-host': /timed out/ },
    green: ['random-pod', 'port-exposed', 'no-pods-endpoints'],
  },
  'one-takes-all': {
    breaks: 'The first Pod of a Service gets every connection.',
    how: 'A kernel without the statistic module, or a proxy that writes wrong weights.',
    apply: "rewrite 's/--probability 0\\.[0-9]*/--probability 1.0000000000/'",
    mend: unrewrite,
    red: {
      'random-pod': /waited/,
      'random-selection': /waited/,
      'no-affinity': /waited/,
      'all-pods-with-label': /waited/,
      'selector-links': /waited/,
    },
    green: ['from-node', 'no-pods-time-out', 'short-name'],
  },
  'in-turn': {
    breaks: 'Pods are taken in turn instead of at random.',
    how: 'IPVS with its default scheduler, or another proxy in place of kube-proxy.',
    apply:
      "rewrite 's/--mode random --probability 0\\.333[0-9]*/--mode nth --every 3 --packet 0/; s/--mode random --probability 0\\.5[0-9]*/--mode nth --every 2 --packet 0/'",
    mend: unrewrite,
    red: { 'random-selection': /toBeGreaterThan/ },
    green: ['random-pod', 'no-affinity'],
  },
  'affinity-ignored': {
    breaks: 'Rules for ClientIP affinity are missing.',
    how: 'A Service proxy that does not implement session affinity.',
    apply: "rewrite '/--rcheck/d; s/-m recent --name [A-Z0-9-]* --set --rsource //; s/-m recent --name [A-Z0-9-]* --set //'",
    mend: unrewrite,
    red: { 'client-ip-affinity': /one and the same Pod/ },
    green: ['no-affinity', 'random-pod'],
  },
  'wrong-target-port': {
    breaks: 'Connections arrive at the wrong port of the Pod.',
    how: 'A stale rule from before the targetPort was changed.',
    apply: "rewrite 's/\\(--to-destination 10\\.42\\.[0-9.]*\\):80$/\\1:81/'",
    mend: unrewrite,
    red: {
      'port-exposed': /refused/,
      'pod-listens': /refused/,
      'from-node': /refused/,
      'service-listens': /refused/,
      'virtual-address': /refused/,
    },
    green: ['no-pods-endpoints', 'endpoints-list-pod'],
  },
  'slices-frozen': {
    breaks: 'EndpointSlices and Endpoints no longer follow the Pods.',
    how: 'The controllers are stuck, or the API server throttles them.',
    apply: 'stop kube-controller-manager; start kube-controller-manager "--controllers=*,-endpointslice-controller,-endpoints-controller"',
    mend: 'stop kube-controller-manager; start kube-controller-manager',
    red: {
      'no-pods-endpoints': /waited/,
      'selector-links': /waited|got/,
      'all-pods-with-label': /waited|got/,
      'endpoints-list-pod': /waited/,
      'none-means-mismatch': /waited/,
    },
    green: ['default-type', 'no-route-to-host'],
  },
  'open-to-neighbours': {
    breaks: 'The node claims every Service address on its network.',
    how: 'A load balancer that announces ClusterIPs, or IPVS with arp_ignore left at 0.',
    apply: 'ip route add local 10.43.0.0/16 dev lo',
    mend: 'ip route del local 10.43.0.0/16 dev lo',
    red: { 'only-inside': /answered/, 'not-from-outside': /answered/, 'inside-only-type': /answered/ },
    green: ['random-pod', 'short-name'],
  },
  'address-on-an-interface': {
    breaks: "The Services' addresses sit on an interface of the node.",
    how: 'IPVS mode binds them to kube-ipvs0.',
    apply: `touch /run/stand-in/held; setsid sh -c 'while [ -e /run/stand-in/held ]; do kubectl get svc -A -o jsonpath="{.items[*].spec.clusterIP}" | tr " " "\\n" | while read ip; do ip addr add $ip/32 dev lo 2>/dev/null; done; done' >/dev/null 2>&1 </dev/null &`,
    mend: 'rm /run/stand-in/held; ip -4 -o addr show dev lo | sed -n "s/.*inet \\(10[0-9.]*\\).*/\\1/p" | while read ip; do ip addr del $ip/32 dev lo; done',
    red: { 'virtual-address': /toContain/ },
    green: ['default-type', 'no-pods-endpoints'],
  },
};
