import type { Ending } from '../helpers/base/endings.ts';
import type { CheckId, ClaimId } from '../helpers/ledger/claims.ts';

/**
 * What a check that turns red last saw. An ending equals the ending of its last attempt. A pattern is searched for in that value as JSON, which is the
 * last observation or the value that an assertion rejected.
 */
export type Expectation = Ending | RegExp;

/** Claims, and of each the checks that must turn red. Other checks of the claim are not judged. */
export type RedChecks = { readonly [Id in ClaimId]?: { readonly [Check in CheckId<Id>]?: Expectation } };

/** One way in which a cluster can be broken, and what the suite must report of it. */
export interface Mutant {
  /** What is broken, in a sentence. */
  readonly breaks: string;
  /** How a cluster could get there, in a sentence. */
  readonly how: string;
  /** Breaks the cluster: sh on the node, with the functions of the prelude. Leaves the API server answering and the node Ready. */
  readonly apply: string;
  /** Repairs the cluster: sh as above. */
  readonly mend: string;
  readonly red: RedChecks;
  /** Claims that must stay green. */
  readonly green: readonly ClaimId[];
}

/** sh functions for the scripts. On the stand-in each component is a process of its own, whose command line is in a file. */
export const prelude = `
set -e
stop() { pkill -f "^$1 " ; while pgrep -f "^$1 " >/dev/null; do sleep 0.1; done; }
start() { setsid sh -c "$(cat /run/stand-in/$1.command) $2" >>/var/log/stand-in/$1.log 2>&1 </dev/null & }
within() { # SECONDS COMMAND: repeats the command until it succeeds
  limit=$1; shift
  timeout "$limit" sh -c "until $* >/dev/null 2>&1; do sleep 0.2; done"
}
# A new kube-proxy writes all rules. Waits for that, because it would restore what is broken next.
startproxy() {
  start kube-proxy
  within 30 'curl -s localhost:10249/metrics | grep "^kubeproxy_sync_proxy_rules_last_timestamp_seconds.*e+09"'
}
newproxy() { stop kube-proxy; startproxy; }
newapiserver() { # ARGUMENTS: restarts the API server with more arguments
  stop kube-apiserver; start kube-apiserver "$*"
  within 60 'kubectl get --raw /readyz'
  # The clients of the API server would connect again only after a delay of up to 30 s.
  for component in kubelet kube-controller-manager kube-scheduler; do stop $component; start $component; done
  newproxy
  newdns
}
# Passes what kube-proxy gives to iptables-restore through a sed script. A new kube-proxy writes all rules again.
rewrite() {
  printf '%s\\n' "$1" >/run/stand-in/rewrite.sed
  printf '#!/bin/sh\\nsed -f /run/stand-in/rewrite.sed | /usr/sbin/iptables-restore "$@"\\n' >/usr/local/sbin/iptables-restore
  chmod +x /usr/local/sbin/iptables-restore
  newproxy
}
unrewrite() { rm /usr/local/sbin/iptables-restore; newproxy; }
# Removes the jump to kube-proxy's rules from a chain of the nat table. Only a new kube-proxy restores it.
unjump() { iptables -t nat -S "$1" | sed -n 's/^-A \\(.* -j KUBE-SERVICES\\)$/-D \\1/p' | xargs iptables -w -t nat; }
newdns() {
  kubectl -n kube-system delete pod -l k8s-app=kube-dns --grace-period=0 --force --ignore-not-found
  dnsready
}
# Restarts CoreDNS with the Corefile on standard input, or with its own.
corefile() {
  kubectl -n kube-system create configmap coredns --from-file=Corefile=/dev/stdin --dry-run=client -o yaml | kubectl replace -f -
  newdns
}
uncorefile() { kubectl apply -f /var/lib/rancher/k3s/server/manifests/coredns.yaml; newdns; }
policy() { # RESOURCE CONDITION MUTATION: the API server changes objects as they are created, or with operations=UPDATE as they are changed, from the moment when a trial shows it
  kubectl apply -f - <<YAML
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: { name: mutant }
spec:
  failurePolicy: Fail
  reinvocationPolicy: Never
  matchConstraints: { resourceRules: [{ apiGroups: ["*"], apiVersions: [v1], operations: [\${operations:-CREATE}], resources: [$1] }] }
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

poll() { # SECONDS FUNCTION: repeats a function until it succeeds; each time it fails it sets $missing
  deadline=$(($(date +%s) + $1))
  until "$2"; do
    [ "$(date +%s)" -lt "$deadline" ] || { echo "waited $1 s for $missing"; return 1; }
    sleep 0.3
  done
}
older() { [ $(($(date +%s) - $(date -d "$1" +%s))) -ge "$2" ]; } # TIME SECONDS
steadynodes() {
  missing='the API server to answer'
  kubectl get --raw /readyz --request-timeout=5s >/dev/null 2>&1 || return 1
  # After a restart the node's heartbeat is late, and the node can still become NotReady for a while.
  for component in kube-apiserver kubelet; do
    missing="$component to have run for 15 s"
    [ "$(ps -o etimes= -p "$(pgrep -o -f "^$component ")" 2>/dev/null | tr -d ' ')" -ge 15 ] 2>/dev/null || return 1
  done
  missing='every node to have sent a heartbeat in the last 15 s'
  heartbeats=$(kubectl -n kube-node-lease get leases --request-timeout=5s -o 'jsonpath={range .items[*]}{.spec.renewTime}{"\\n"}{end}') || return 1
  [ -n "$heartbeats" ] || return 1
  for time in $heartbeats; do if older "$time" 15; then return 1; fi; done
  missing='every node to be Ready for 5 s'
  nodes=$(kubectl get nodes --request-timeout=5s -o 'jsonpath={range .items[*]}{.status.conditions[?(@.type=="Ready")].status}={.status.conditions[?(@.type=="Ready")].lastTransitionTime}{"\\n"}{end}') || return 1
  [ -n "$nodes" ] || return 1
  for node in $nodes; do
    [ "\${node%%=*}" = True ] && older "\${node#*=}" 5 || return 1
  done
}
rulewritten() {
  missing='kube-proxy to write the rules of a new Service'
  iptables-save -t nat | grep -q "^-A KUBE-SEP-.*/$trial"
}
# Waits until the node is Ready and stays so, and until a running kube-proxy has written rules for a new Service and its endpoint.
settled() {
  poll 45 steadynodes
  pgrep -f "^kube-proxy " >/dev/null || return 0
  trial=settled-$(date +%s%N)
  # The label is for the mutant that rejects Services without an owner. Nothing sends packets to the endpoint.
  kubectl apply -f - <<YAML
apiVersion: v1
kind: Service
metadata: { name: $trial, namespace: default, labels: { owner: mutants } }
spec: { ports: [{ port: 8080, targetPort: 80 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: $trial, namespace: default, labels: { kubernetes.io/service-name: $trial } }
addressType: IPv4
endpoints: [{ addresses: [192.0.2.1], conditions: { ready: true } }]
ports: [{ name: "", port: 80, protocol: TCP }]
YAML
  poll 45 rulewritten
  kubectl -n default delete "service/$trial" "endpointslice/$trial" --ignore-not-found --wait=false
}
dnslisted() {
  missing='a Ready CoreDNS Pod that is an endpoint of its Service'
  kubectl -n kube-system wait --for=condition=Ready pod -l k8s-app=kube-dns --timeout=1s >/dev/null 2>&1 || return 1
  dnspod=$(kubectl -n kube-system get pod -l k8s-app=kube-dns -o 'jsonpath={.items[0].status.podIP}') || return 1
  kubectl -n kube-system get endpointslices -l kubernetes.io/service-name=kube-dns \\
    -o 'jsonpath={range .items[*].endpoints[*]}{.addresses[0]}={.conditions.ready}{"\\n"}{end}' | grep -qxF "$dnspod=true"
}
# Waits until CoreDNS is available. Before settled, so that the rules that settled waits for include those of CoreDNS.
dnsready() { poll 60 dnslisted; }
`;
