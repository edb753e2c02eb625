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
  /**
   * Where kube-proxy runs in nftables mode: what differs there, or why the cluster cannot be broken in this way, in a sentence. Absent where all of the above is the
   * same in both modes.
   */
  readonly nftables?: Partial<Breakage> | string;
  /** The profile whose cluster the mutant needs. Without it, it is for clusters of one node, in each mode of kube-proxy. */
  readonly profile?: Exclude<MutantProfile, 'default' | 'nftables'>;
  /** The node on which the scripts run: that of the server unless it is set. */
  readonly node?: 'agent';
}

/** How a cluster is broken and repaired, and what that does to claims. */
export type Breakage = Pick<Mutant, 'apply' | 'mend' | 'red' | 'green'>;

/** The profiles on whose clusters mutants are run. */
export const mutantProfiles = ['default', 'nftables', 'two-nodes', 'dual-stack', 'small-range', 'short-sync'] as const;

/** The name of one of these profiles. */
export type MutantProfile = (typeof mutantProfiles)[number];

/** Returns how a mutant breaks the cluster of a profile, or as `unfit` why it cannot, in a sentence. */
export function breakageOn(profile: MutantProfile, mutant: Mutant): Breakage | { readonly unfit: string } {
  const needed = mutant.profile ?? (profile === 'nftables' ? 'nftables' : 'default');
  if (needed !== profile) return { unfit: `It needs a cluster of CONFORMANCE_PROFILE=${needed}.` };
  if (profile !== 'nftables' || mutant.nftables === undefined) return mutant;
  return typeof mutant.nftables === 'string' ? { unfit: mutant.nftables } : { ...mutant, ...mutant.nftables };
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
# The mode of kube-proxy on this node: its last such argument counts.
proxymode() { grep -so 'proxy-mode=[a-z]*' /run/stand-in/kube-proxy.command | tail -n 1 | cut -d = -f 2; }
# A new kube-proxy writes all rules. Waits for that, because it would restore what is broken next.
startproxy() {
  start kube-proxy
  within 30 'curl -s localhost:10249/metrics | grep "^kubeproxy_sync_proxy_rules_last_timestamp_seconds.*e+09"'
}
# In nftables mode it would keep the elements of sets and maps that are there.
forgetrules() { [ "$(proxymode)" != nftables ] || nft list tables | sed -n 's/^table \\(ip6* kube-proxy\\)$/delete table \\1/p' | /usr/sbin/nft -f -; }
newproxy() { stop kube-proxy; forgetrules; startproxy; }
newapiserver() { # ARGUMENTS: restarts the API server with more arguments
  stop kube-apiserver; start kube-apiserver "$*"
  within 60 'kubectl get --raw /readyz'
  # The clients of the API server would connect again only after a delay of up to 30 s.
  for component in kubelet kube-controller-manager kube-scheduler; do stop $component; start $component; done
  newproxy
  newdns
}
# Passes what kube-proxy gives to iptables-restore, or to nft in nftables mode, through a sed script. A new kube-proxy writes all rules again.
rewrite() {
  printf '%s\\n' "$1" >/run/stand-in/rewrite.sed
  program=iptables-restore given='"$@"'
  case $(proxymode) in nftables) program=nft given='-f -' ;; esac
  {
    echo '#!/bin/sh'
    # nft is also asked for what there is, and to try something.
    [ $program != nft ] || echo '[ "$*" = "-f -" ] || exec /usr/sbin/nft "$@"'
    echo "sed -f /run/stand-in/rewrite.sed | /usr/sbin/$program $given"
  } >/usr/local/sbin/$program
  chmod +x /usr/local/sbin/$program
  newproxy
}
unrewrite() { rm -f /usr/local/sbin/iptables-restore /usr/local/sbin/nft; newproxy; }
# Removes the jump to kube-proxy's rules from a chain of the nat table: PREROUTING or OUTPUT. Only a new kube-proxy restores it.
unjump() {
  case $(proxymode) in
  nftables) nft flush chain ip kube-proxy "nat-$(echo "$1" | tr A-Z a-z)" ;;
  *) iptables -t nat -S "$1" | sed -n 's/^-A \\(.* -j KUBE-SERVICES\\)$/-D \\1/p' | xargs iptables -w -t nat ;;
  esac
}
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
trialslice() { # LABELS ENDPOINTS PORTS CHECK: waits until a policy holds: until the API server would store this EndpointSlice so that the check, a command, accepts it
  cat >/run/trial.yaml <<YAML
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: trial, namespace: default, labels: { $1 } }
addressType: IPv4
endpoints: [$2]
ports: [$3]
YAML
  within 20 "kubectl create -f /run/trial.yaml --dry-run=server -o yaml >/run/trial.out && $4 /run/trial.out"
}
slicepolicy() { # CONDITION FIELD VALUE: a policy that sets a condition of the only endpoint in EndpointSlices by hand
  policy endpointslices 'object.metadata.?labels[?"endpointslice.kubernetes.io/managed-by"].orValue("") == "clusterip-conformance" && has(object.endpoints) && size(object.endpoints) > 0 && has(object.endpoints[0].conditions) && '"$1" '[JSONPatch{op: "add", path: "/endpoints/0/conditions/'"$2"'", value: '"$3"'}]'
  trialslice 'endpointslice.kubernetes.io/managed-by: clusterip-conformance' '{ addresses: [192.0.2.1], conditions: { ready: false, serving: true, terminating: true } }' '{ name: "", port: 80, protocol: TCP }' "grep '^ *$2: $3'"
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
  case $(proxymode) in
  nftables) nft list map ip kube-proxy service-ips | grep -q "/$trial/" ;;
  *) iptables-save -t nat | grep -q "^-A KUBE-SEP-.*/$trial" ;;
  esac
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
