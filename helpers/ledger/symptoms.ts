import type { Ending } from '../base/endings.ts';
import type { ClaimId } from './claims.ts';
import type { ProxyMode } from './row.ts';

// What a person with an incident sees, and what it means for a Service. Capital words in a command stand for the reader's own names.

/** One thing to check next, with a command. */
interface NextStep {
  /** The question that the command answers, and what the answer means. */
  readonly question: string;
  readonly command: string;
}

/** What a symptom means in one proxy mode only. */
interface OnlyIn {
  readonly only: ProxyMode;
  readonly means: string;
}

/** A sign of trouble with a Service, with its causes and what to check next. */
export interface Symptom {
  /** How a person names it. */
  readonly name: string;
  /** The ending of a connection, where it is one. */
  readonly ending?: Ending;
  /** What the person sees on the screen. */
  readonly seen: string;
  /** What it means, the most frequent cause first. */
  readonly means: readonly (string | OnlyIn)[];
  /** The claims that show it, or that show what it does not mean. */
  readonly claims: readonly [ClaimId, ...ClaimId[]];
  /** Where to look next, in order. */
  readonly next: readonly [NextStep, ...NextStep[]];
}

const endpoints: NextStep = {
  question:
    'Does the Service have a ready endpoint? `ready: true` must stand below an address, and `ports` must list the targetPort. Without ports, no Pod has a port of that name.',
  command: 'kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=SERVICE -o yaml',
};

const labels: NextStep = {
  question: 'Does a Pod of the same namespace carry every label of the selector? The first command prints the selector.',
  command: 'kubectl -n NAMESPACE get service SERVICE -o wide\nkubectl -n NAMESPACE get pods --show-labels',
};

const aroundTheService: NextStep = {
  question: 'Does the Pod answer without the Service? If it ends in the same way, the Service is not the cause.',
  command: 'kubectl -n CLIENT-NAMESPACE exec CLIENT-POD -- curl -sv --max-time 3 http://POD-IP:TARGET-PORT',
};

const dnsPods: NextStep = {
  question: 'Does CoreDNS run, and is it an endpoint of its own Service?',
  command:
    'kubectl -n kube-system get pods -l k8s-app=kube-dns\nkubectl -n kube-system get endpointslices -l kubernetes.io/service-name=kube-dns',
};

const resolver: NextStep = {
  question:
    'Which name servers and search domains does the client have? The first search domain must begin with the namespace of the client.',
  command: 'kubectl -n CLIENT-NAMESPACE exec CLIENT-POD -- cat /etc/resolv.conf',
};

/** The symptoms, the most frequent ones first. */
export const symptoms: readonly Symptom[] = [
  {
    name: 'refused at once',
    ending: 'refused',
    seen: '"Connection refused" after a few ms; curl exits 7',
    means: [
      'The Service has no ready endpoint: no Pod matches the selector, no matching Pod is Ready, or none has the named targetPort. kube-proxy rejects the connection.',
      'The Service has endpoints, but no process in the Pod listens on the targetPort. Then the kernel refuses in the name of the Pod.',
      {
        only: 'nftables',
        means: 'The Service does not list the port. In this mode, kube-proxy also rejects connections to every other port of a ClusterIP.',
      },
    ],
    claims: ['no-pods-time-out', 'matches-container-port', 'pod-listens', 'named-target-port', 'port-exposed'],
    next: [
      endpoints,
      labels,
      {
        question: 'Does the Service list the port that the client uses? A URL without a port means 80.',
        command: "kubectl -n NAMESPACE get service SERVICE -o jsonpath='{.spec.ports}'",
      },
      aroundTheService,
    ],
  },
  {
    name: 'times out',
    ending: 'timed out',
    seen: 'nothing until the limit of the client; curl exits 28',
    means: [
      {
        only: 'iptables',
        means:
          'The Service does not list the port, such as 80 when the URL names none. No rule matches, and the packet leaves the node and is lost.',
      },
      'No Service has the address any more: it was deleted, or DNS or the client still has the address of an earlier one.',
      'Something drops the packets on their way to the Pod or back: a NetworkPolicy, a firewall between nodes, a route that is missing.',
      'The node has no rules for the Service, because kube-proxy does not run there or leaves the Service to another proxy.',
      'It does not mean that the Service lacks Pods: then the client is refused.',
    ],
    claims: ['port-exposed', 'bare-url', 'clean-up', 'due-to-kube-proxy', 'no-pods-time-out'],
    next: [
      {
        question: 'Does a Service have this address, and does it list this port?',
        command: 'kubectl get services -A -o wide --field-selector spec.clusterIP=ADDRESS',
      },
      aroundTheService,
      { question: 'Is there a NetworkPolicy that keeps the client out?', command: 'kubectl get networkpolicies -A' },
      {
        question: 'Does kube-proxy run on the node of the client? It prints its mode there. A proxy of another kind does not answer.',
        command: 'curl -s localhost:10249/proxyMode',
      },
    ],
  },
  {
    name: 'no route to host',
    ending: 'unreachable',
    seen: '"No route to host" or "Host is unreachable", often after 1 to 3 s; curl exits 7',
    means: [
      'A router, or the last network before the address, reports that no machine has the address. Often it is the address of a Pod that no longer exists, or whose node is gone.',
      'A firewall on the node rejects the packet with this error, as firewalld does.',
      'The client is outside the cluster, where no machine has a ClusterIP.',
      'It does not mean that the Service lacks Pods: then the client is refused.',
    ],
    claims: ['no-route-to-host', 'only-inside'],
    next: [
      {
        question: 'Does every address in the EndpointSlices belong to a Pod that runs?',
        command: 'kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=SERVICE\nkubectl -n NAMESPACE get pods -o wide',
      },
      { question: 'Is every node Ready?', command: 'kubectl get nodes -o wide' },
      { question: 'On the node: does a firewall manage the rules?', command: 'systemctl is-active firewalld ufw' },
    ],
  },
  {
    name: 'name not found',
    ending: 'unresolved',
    seen: '"Could not resolve host"; curl exits 6, nslookup prints NXDOMAIN',
    means: [
      'A short name works only in the namespace of the Service. Elsewhere it takes SERVICE.NAMESPACE, or the full name.',
      'The client does not use the DNS of the cluster: it runs on a node or a laptop, or in a hostNetwork Pod without the dnsPolicy ClusterFirstWithHostNet.',
      'The Service does not exist, or its name is spelled differently.',
      'The Service is some seconds old, and the client looked its name up before: DNS caches that a name does not exist.',
    ],
    claims: ['fqdn-elsewhere', 'from-any-pod', 'short-name', 'clean-up'],
    next: [
      { question: 'In which namespace is the Service?', command: 'kubectl get services -A' },
      {
        question: 'Does the full name resolve? Its last part is the domain of the cluster, which k3s can set to another.',
        command: 'kubectl -n CLIENT-NAMESPACE exec CLIENT-POD -- nslookup SERVICE.NAMESPACE.svc.cluster.local',
      },
      resolver,
      dnsPods,
    ],
  },
  {
    name: 'no DNS answer',
    ending: 'no DNS answer',
    seen: '"Resolving timed out" (curl exits 28) or "Could not resolve host" after some seconds (curl exits 6); nslookup prints "no servers could be reached"',
    means: [
      'No CoreDNS Pod is ready. Its Service then has no endpoint, so queries to it are refused. Many resolvers report that as a name that does not exist.',
      'Something drops queries to port 53: often a NetworkPolicy that allows the application but not DNS.',
      'The node has no rules for the DNS Service, because kube-proxy does not run there. Then other Services do not answer either.',
    ],
    claims: ['short-name', 'from-any-pod'],
    next: [
      dnsPods,
      resolver,
      {
        question: 'Does a Service answer by its address? Then only DNS is missing.',
        command: 'kubectl -n CLIENT-NAMESPACE exec CLIENT-POD -- curl -sv --max-time 3 http://CLUSTER-IP:PORT',
      },
      { question: 'Is there a NetworkPolicy that keeps the client from port 53?', command: 'kubectl get networkpolicies -A' },
    ],
  },
  {
    name: 'other answer',
    ending: 'other answer',
    seen: 'an answer, but not of the application: an error status, a page of another program, "Empty reply" (curl exits 52), "Connection reset" (curl exits 56)',
    means: [
      'The targetPort leads to another process, or to one that speaks another protocol, such as TLS.',
      'The selector also matches Pods of another application. Then the wrong answers come and go, because each connection may reach another Pod.',
      'A proxy between them answers: a sidecar of a service mesh, or the one that the variable `http_proxy` names.',
      'It does not mean that the Service has no endpoints: a process accepted the connection.',
    ],
    claims: ['selector-links', 'all-pods-with-label', 'random-pod', 'matches-container-port'],
    next: [
      {
        question: 'Which Pods does the selector match? `-o wide` shows the selector.',
        command: 'kubectl -n NAMESPACE get service SERVICE -o wide\nkubectl -n NAMESPACE get pods -l LABEL=VALUE -o wide',
      },
      aroundTheService,
      { question: 'Does the client use a proxy?', command: 'kubectl -n CLIENT-NAMESPACE exec CLIENT-POD -- env' },
    ],
  },
  {
    name: '`<none>`',
    seen: '`<none>` under ENDPOINTS in `kubectl get endpoints`, `<unset>` in `kubectl get endpointslices`',
    means: [
      'No Pod is an endpoint, not even one that is not Ready. The labels do not match, there is no Pod, or the Pod is in another namespace.',
      'The Service names its targetPort, and no matching Pod has a port of that name.',
      '`<none>` under EXTERNAL-IP, in `kubectl get service`, is normal: a ClusterIP Service has no external address.',
    ],
    claims: ['none-means-mismatch', 'no-pods-endpoints', 'named-target-port', 'get-svc-shows-it'],
    next: [
      labels,
      {
        question: 'Does the Pod give the name of the targetPort to one of its ports?',
        command: "kubectl -n NAMESPACE get pods -o custom-columns='NAME:.metadata.name,PORTS:.spec.containers[*].ports'",
      },
      { question: 'Is the Pod in another namespace?', command: 'kubectl get pods -A -l LABEL=VALUE' },
    ],
  },
  {
    name: 'blank',
    seen: 'nothing under ENDPOINTS in `kubectl get endpoints`, not even `<none>`',
    means: [
      'Pods match, and none of them is Ready. The Service sends them no traffic, and clients are refused.',
      '`kubectl get endpointslices` lists the addresses of these Pods all the same.',
    ],
    claims: ['none-means-mismatch', 'all-pods-with-label'],
    next: [
      { question: 'Which Pods are not Ready? READY prints 0/1.', command: 'kubectl -n NAMESPACE get pods -l LABEL=VALUE' },
      {
        question: 'Why? The events at the end have the failed readiness probe, or the image that cannot be pulled.',
        command: 'kubectl -n NAMESPACE describe pod POD',
      },
    ],
  },
];

/** A symptom as it reads on one cluster. */
/** A sign of trouble with a Service, with its causes and what to check next. */
export interface SymptomHere extends Omit<Symptom, 'means'> {
  readonly means: readonly string[];
}

/** Returns the symptoms with what they mean in a proxy mode, such as `iptables`. For any other mode, what depends on the mode names it. */
export function symptomsFor(mode: string): readonly SymptomHere[] {
  const known = mode === 'iptables' || mode === 'nftables';
  const inMode = (meaning: string | OnlyIn): string[] => {
    if (typeof meaning === 'string') return [meaning];
    if (!known) return [`In ${meaning.only} mode, ${meaning.means.replace(/^./, (first) => first.toLowerCase())}`];
    return meaning.only === mode ? [meaning.means] : [];
  };
  return symptoms.map((symptom) => ({ ...symptom, means: symptom.means.flatMap(inMode) }));
}
