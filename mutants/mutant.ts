import type { claims } from '../suites/claims.ts';

export type ClaimId = keyof typeof claims;

/** One way in which a cluster can be broken, and what the suite has to say of it. */
export interface Mutant {
  /** What is broken, in a sentence, and how a cluster could come to that. */
  readonly breaks: string;
  readonly how: string;
  /** sh on the node, with the functions of the prelude. */
  readonly apply: string;
  readonly mend: string;
  /** Claims that must turn red, each with what the red must tell: an ending, or words of the assertion. */
  readonly red: Partial<Record<ClaimId, RegExp>>;
  /** Neighbours that must stay green. */
  readonly green: readonly ClaimId[];
}

/** sh functions for the scripts: components are separate processes on the stand-in, each with its command line on file. */
export const prelude = `
set -e
stop() { pkill -f "^$1 " ; while pgrep -f "^$1 " >/dev/null; do :; done; }
start() { setsid sh -c "$(cat /run/stand-in/$1.command) $2" >>/var/log/stand-in/$1.log 2>&1 </dev/null & }
within() { # SECONDS COMMAND: repeats it until it succeeds
  limit=$1; shift
  timeout "$limit" sh -c "until $* >/dev/null 2>&1; do sleep 0.2; done"
}
# A kube-proxy that has just started writes all rules, and is waited for: it would put back what is broken next.
startproxy() {
  start kube-proxy
  within 30 'curl -s localhost:10249/metrics | grep "^kubeproxy_sync_proxy_rules_last_timestamp_seconds.*e+09"'
}
newproxy() { stop kube-proxy; startproxy; }
# What kube-proxy hands to iptables-restore passes through a sed script, and a new kube-proxy writes all rules again.
rewrite() {
  printf '%s\\n' "$1" >/run/stand-in/rewrite.sed
  printf '#!/bin/sh\\nsed -f /run/stand-in/rewrite.sed | /usr/sbin/iptables-restore "$@"\\n' >/usr/local/sbin/iptables-restore
  chmod +x /usr/local/sbin/iptables-restore
  newproxy
}
unrewrite() { rm /usr/local/sbin/iptables-restore; newproxy; }
# A jump to kube-proxy's rules is taken out of a chain of the nat table; only a new kube-proxy puts it back.
unjump() { iptables -t nat -S "$1" | sed -n 's/^-A \\(.* -j KUBE-SERVICES\\)$/-D \\1/p' | xargs iptables -w -t nat; }
newdns() {
  kubectl -n kube-system delete pod -l k8s-app=kube-dns --grace-period=0 --force --ignore-not-found
  kubectl -n kube-system rollout status deployment coredns --timeout=60s
}
# CoreDNS starts anew with the Corefile on standard input, and with its own again.
corefile() {
  kubectl -n kube-system create configmap coredns --from-file=Corefile=/dev/stdin --dry-run=client -o yaml | kubectl replace -f -
  newdns
}
uncorefile() { kubectl apply -f /var/lib/rancher/k3s/server/manifests/coredns.yaml; newdns; }
policy() { # RESOURCE CONDITION MUTATION: objects of a kind are changed on the way in, from when a trial shows it
  kubectl apply -f - <<YAML
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: { name: mutant }
spec:
  failurePolicy: Fail
  reinvocationPolicy: Never
  matchConstraints: { resourceRules: [{ apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [$1] }] }
  matchConditions: [{ name: only, expression: '$2' }]
  mutations: [{ patchType: JSONPatch, jsonPatch: { expression: '$3' } }]
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: { name: mutant }
spec: { policyName: mutant }
YAML
}
unpolicy() { kubectl delete mutatingadmissionpolicybinding,mutatingadmissionpolicy mutant; }
`;
