import type { Claim } from '../row.ts';
import { on, source } from './pages.ts';

const topic = 'The path of a packet';
const suite = 'beyond/path';
const kubernetes = 'https://github.com/kubernetes/kubernetes';

/** Claims of this topic. Ids are never changed; verdicts are what a person found to be true. */
export const path = {
  'source-kept': {
    origin: on('sourceIp', 'Source IP for Services with Type=ClusterIP', 'source-ip-for-services-with-type-clusterip'),
    ...{ topic, suite },
    says: 'Packets to a ClusterIP from within the cluster keep their source address, so the server always sees the Pod of the client.',
    verdict: 'corrected',
    hurts: 'traffic',
    truth:
      "They keep it from a Pod to another Pod. When the client is in the node's network, the server sees an address of the node. When a Pod connects to itself, the server sees another address than the Pod's own.",
    why: 'kube-proxy has the kernel replace the source address where it is not that of a Pod, as far as kube-proxy is configured to know Pods, and where a Pod was chosen for its own connection. Otherwise only the destination is rewritten.',
    checks: ['pod-to-pod', 'from-the-node', 'to-itself', 'to-itself-directly'],
    needs: ['known proxy', 'EndpointSlices by hand', 'host network'],
    sources: [`${source}/pkg/proxy/iptables/proxier.go`, `${source}/pkg/proxy/nftables/proxier.go`],
    e2e: [
      {
        test: 'Services should preserve source pod IP for traffic thru service cluster IP',
        stricter: 'It asks from Pods on other nodes only, by TCP. Here the node and the server itself are clients too, and UDP is tried.',
      },
    ],
  },
  'hairpin-mode': {
    origin: on(
      'debugService',
      'Edge case: A Pod fails to reach itself via the Service IP',
      'a-pod-fails-to-reach-itself-via-the-service-ip',
    ),
    ...{ topic, suite },
    says: 'For a Pod to reach itself through its Service, the hairpin-mode of the kubelet must be hairpin-veth or promiscuous-bridge.',
    verdict: 'corrected',
    hurts: 'judgement',
    truth:
      'The setting of the kubelet does nothing. A Pod reaches itself because kube-proxy replaces the source address, and the network plugin lets the packet return to the Pod that sent it. In nftables mode kube-proxy replaces it only for an endpoint that a slice places on its own node.',
    why: 'kube-proxy has the kernel replace the source address of such a connection, because a kernel drops packets that come from its own address. The network plugin, not the kubelet, makes the bridge send a packet back to where it came from.',
    checks: ['answers-itself', 'answers-itself-udp', 'without-node-name', 'refused-when-it-is-no-endpoint'],
    needs: ['known proxy', 'EndpointSlices by hand'],
    endings: { 'without-node-name': { iptables: 'answered', nftables: 'timed out' } },
    sources: [`${source}/pkg/proxy/iptables/proxier.go`, `${source}/pkg/proxy/nftables/proxier.go`],
    cited: [
      {
        says: 'The kubelet checks that hairpinMode has one of its three values, and does nothing else with it.',
        source: `${source}/pkg/kubelet/apis/config/validation/validation.go`,
      },
    ],
    e2e: [
      {
        test: 'Networking Granular Checks: Services should function for endpoint-Service: udp',
        stricter: 'As for HTTP: it also wants answers of the other Pods, and here the Pod is the only endpoint.',
      },
      {
        test: 'Networking Granular Checks: Services should function for endpoint-Service: http',
        stricter:
          'It asks from a Pod that is one of several endpoints, and wants answers of the others too. Here the Pod is the only one, so that it must meet itself.',
      },
      {
        test: 'Services should allow pods to hairpin back to themselves through services',
        stricter:
          'It repeats until one request is answered. Here several in a row must be, UDP too, and a Service without this Pod refuses it.',
      },
    ],
  },
  'open-connections-stay': {
    origin: on('podLifecycle', 'Pod Termination Flow', 'pod-termination-flow'),
    ...{ topic, suite },
    says: 'A Pod that is being terminated finishes the connections that are open.',
    verdict: 'holds',
    why: 'The kernel rewrites a connection as it did its first packet, and kube-proxy deletes no entry of a TCP connection. So the connection stays with its Pod when the Pod is no longer an endpoint, until the kernel of the Pod ends it.',
    checks: ['readiness-lost', 'label-lost', 'while-it-terminates', 'ends-with-the-pod'],
    needs: ['known proxy'],
    sources: [`${source}/pkg/proxy/conntrack/cleanup.go`],
  },
  'flows-outlive-the-service': {
    origin: on('virtualIps', 'Overview'),
    ...{ topic, suite },
    says: 'kube-proxy watches Services, and has the rules in the kernel follow them. So a Service that is deleted leads nowhere.',
    silent: true,
    verdict: 'corrected',
    hurts: 'traffic',
    truth: 'That is so for new connections only. A TCP connection that is open goes on, and so does a UDP flow that keeps its source port.',
    why: 'The kernel rewrites the packets of a flow that it knows without looking at the rules. kube-proxy deletes such flows only for UDP, and only those of Services that exist.',
    checks: ['new-ones-time-out', 'udp-goes-on', 'tcp-goes-on'],
    needs: ['known proxy', 'contained packets', 'EndpointSlices by hand'],
    endings: { 'new-ones-time-out': { iptables: 'timed out', nftables: 'timed out' } },
    // Before, kube-proxy deleted the UDP flows of a Service with it. Later, it does so again.
    kubernetes: '>=1.32 <1.38',
    sources: [`${source}/pkg/proxy/conntrack/cleanup.go`, `${kubernetes}/pull/141371`],
  },
  ping: {
    origin: on('virtualIps', 'IP address assignment to Services', 'ip-address-assignment-to-services'),
    ...{ topic, suite },
    says: 'A ClusterIP is not the address of any host, and no host answers it.',
    verdict: 'holds',
    why: 'In iptables and nftables mode, kube-proxy has the kernel rewrite only packets for the ports of the Service, and no interface has the address. In nftables mode the kernel rejects what else is sent to a ClusterIP.',
    checks: ['tcp-is-answered', 'no-echo', 'pod-echoes'],
    needs: ['known proxy', 'contained packets', 'EndpointSlices by hand', 'lab Pods', 'IPv4'],
    endings: { 'no-echo': { iptables: 'timed out', nftables: 'refused' } },
    sources: [`${source}/pkg/proxy/nftables/proxier.go`],
  },
  'large-payloads': {
    origin: on('protocols', 'Supported protocols', 'protocol-support'),
    ...{ topic, suite },
    says: 'TCP works with every type of Service, and UDP with most of them.',
    verdict: 'holds',
    why: 'The kernel puts the fragments of a datagram together before the rules of kube-proxy see it, and rewriting an address changes no length.',
    checks: ['tcp', 'udp', 'from-the-node'],
    needs: ['EndpointSlices by hand', 'host network'],
    sources: ['https://kubernetes.io/docs/reference/networking/service-protocols/'],
    e2e: [
      {
        test: 'Networking Granular Checks: Services should be able to handle large requests: http',
        stricter: 'It sends 2,000 bytes, which need two packets. Here a mebibyte goes there and back, and every byte is compared.',
      },
      {
        test: 'Networking Granular Checks: Services should be able to handle large requests: udp',
        stricter: 'It asks from a Pod and accepts repetitions. Here the node asks too.',
      },
    ],
  },
  'node-port-hides-source': {
    origin: on('virtualIps', 'Example', 'packet-processing-iptables'),
    ...{ topic, suite },
    says: 'The address of the client is not rewritten on the way through a ClusterIP, and it is on the way through a node port.',
    verdict: 'holds',
    why: 'kube-proxy has the kernel replace the source address of what arrives at a node port, unless externalTrafficPolicy is Local. By default, in iptables mode it also serves node ports at the IPv4 loopback address, and in nftables mode at the main address of the node only.',
    checks: ['cluster-ip-keeps-it', 'node-port-hides-it', 'local-keeps-it', 'loopback'],
    needs: ['known proxy', 'EndpointSlices by hand', 'host network', 'IPv4', 'NodePort Services'],
    endings: { loopback: { iptables: 'answered', nftables: 'refused' } },
    sources: [
      `${source}/pkg/proxy/iptables/proxier.go`,
      `${source}/pkg/proxy/nftables/proxier.go`,
      `${source}/cmd/kube-proxy/app/server_linux.go`,
    ],
  },
  'half-closed': {
    origin: on('proxyConfig', 'KubeProxyConntrackConfiguration', 'kubeproxy-config-k8s-io-v1alpha1-KubeProxyConntrackConfiguration'),
    ...{ topic, suite },
    says: 'tcpCloseWaitTimeout is how long an idle entry of the connection table stays in CLOSE_WAIT.',
    verdict: 'holds',
    why: 'The kernel puts a connection into CLOSE_WAIT when the client has ended its side, and rewrites the late answer as long as it keeps the entry. kube-proxy writes this setting of the kernel when it starts, unless its own value is 0.',
    checks: ['late-answer', 'entry-waits'],
    needs: ['EndpointSlices by hand', 'node shell'],
    sources: [`${source}/pkg/proxy/conntrack/sysctls.go`],
    e2e: [
      {
        test: 'KubeProxy should set TCP CLOSE_WAIT timeout',
        stricter: 'It reads the entry in the table only. Here the answer must reach the client, too.',
      },
    ],
  },
  'proxy-may-be-away': {
    origin: on('virtualIps', 'Overview'),
    ...{ topic, suite },
    says: 'The rules that kube-proxy writes into the kernel may stay there until the node is restarted.',
    verdict: 'holds',
    why: 'The kernel rewrites packets, and kube-proxy only writes the rules for it. kube-proxy deletes nothing when it ends, writes the same rules when it starts, and deletes only UDP flows that lead to no endpoint.',
    checks: ['new-service-is-not-served', 'old-service-goes-on', 'served-after-the-start', 'flows-stay'],
    needs: ['known proxy', 'separate kube-proxy', 'node shell', 'contained packets', 'EndpointSlices by hand'],
    alone: true,
    endings: { 'new-service-is-not-served': { iptables: 'timed out', nftables: 'timed out' } },
    kubernetes: '>=1.32',
    sources: [`${source}/cmd/kube-proxy/app/options.go`, `${source}/pkg/proxy/conntrack/cleanup.go`, `${kubernetes}/pull/122740`],
    e2e: [
      {
        test: 'Services should work after restarting kube-proxy',
        stricter:
          'It asks after the restart only. Here connections are opened while kube-proxy is away, and open ones must stay with their Pod.',
      },
    ],
  },
  'rules-repaired': {
    origin: on('virtualIps', 'syncPeriod', 'syncperiod'),
    ...{ topic, suite },
    says: 'syncPeriod controls how soon kube-proxy notices that something else has interfered with its iptables rules.',
    verdict: 'corrected',
    hurts: 'traffic',
    truth:
      'It controls how soon kube-proxy notices that all its chains are gone. It does not notice when only the rules inside the chain of a Service are gone. They stay missing until that Service or its slices change.',
    why: 'Every syncPeriod, kube-proxy looks whether a chain of its own that holds no rules still exists, and writes everything again if it does not. Otherwise it writes the rules of a Service only when that Service or its slices have changed.',
    checks: ['deleted-chains-return', 'flushed-chain-stays-empty', 'returns-with-a-change'],
    // The rules are those of the iptables mode, so the run must not have chosen another.
    needs: ['short sync', 'default proxy', 'known proxy', 'node shell', 'contained packets', 'EndpointSlices by hand', 'IPv4'],
    alone: true,
    endings: { 'flushed-chain-stays-empty': { iptables: 'timed out', nftables: 'timed out' } },
    sources: [`${source}/pkg/util/iptables/iptables.go`, `${source}/pkg/proxy/iptables/proxier.go`],
    cited: [
      {
        says: 'That chain is KUBE-PROXY-CANARY in the table mangle: kube-proxy does not notice when chains of other tables alone are gone.',
        source: `${source}/pkg/util/iptables/iptables.go`,
      },
      {
        says: 'Unless the cluster has more than 1000 endpoints, kube-proxy also writes all rules again once an hour.',
        source: `${source}/pkg/proxy/iptables/proxier.go`,
      },
    ],
    e2e: [
      {
        test: 'Networking should recreate its iptables rules if they are deleted',
        stricter: 'It deletes all chains and asks until it is answered. Here it is also shown what does not come back.',
      },
    ],
  },
  'across-nodes': {
    origin: on('virtualIps', 'Overview'),
    ...{ topic, suite },
    says: 'Every node runs a Service proxy, so Pods on all nodes reach a ClusterIP.',
    verdict: 'holds',
    why: 'kube-proxy on the node of the client has the kernel there choose the endpoint and rewrite the packets. The node of the server only forwards them.',
    checks: ['pod-of-another-node', 'the-other-way', 'the-other-node-itself', 'refused-there-too'],
    needs: ['known proxy', 'two nodes', 'EndpointSlices by hand', 'host network'],
    sources: [`${source}/pkg/proxy/iptables/proxier.go`],
    e2e: [
      {
        test: 'Networking Granular Checks: Services should function for pod-Service: http',
        stricter:
          'It counts which Pods answer. Here the only server is on another node than the client, in both directions, and the address that it sees is checked.',
      },
    ],
  },
} as const satisfies Record<string, Claim>;
