import type { Claim } from '../row.ts';
import { on, source } from './pages.ts';

const topic = 'Ports';
const suite = 'beyond/ports';

/** Claims of this topic. Ids are never changed; verdicts are what a person found to be true. */
export const ports = {
  'port-rename-gap': {
    origin: on('service', 'Multi-port Services', 'multi-port-services'),
    ...{ topic, suite },
    says: 'If a Service has more than one port, every port must have a name. So a second port gives the first one a name that it did not have.',
    silent: true,
    verdict: 'corrected',
    hurts: 'traffic',
    truth:
      'Giving a port another name interrupts it: new connections are refused until the EndpointSlices have the new name in the rules too, for up to about a second. Open connections go on.',
    why: 'kube-proxy joins ports of Services and EndpointSlices by name, and gets the change of the Service first. It writes rules without endpoints, and includes the slice of the EndpointSlice controller only in its next sync, a second later.',
    checks: [
      'rename-refuses',
      'target-port-changes',
      'named-port-added',
      'old-name-in-the-slice',
      'open-connection-goes-on',
      'slice-follows',
    ],
    needs: ['known proxy', 'EndpointSlices by hand'],
    sources: [`${source}/pkg/proxy/runner/bounded_frequency_runner.go`, 'https://github.com/kubernetes/ingress-nginx/issues/7390'],
    alone: true,
  },
  'apply-loses-a-port': {
    origin: { ...on('serviceApi', 'ServiceSpec', 'ServiceSpec'), version: '1.35' },
    ...{ topic, suite },
    says: 'The ports of a Service are a map, and their number and protocol together are its key.',
    verdict: 'corrected',
    hurts: 'traffic',
    truth:
      'That is the key for kubectl apply --server-side. Plain kubectl apply merges ports by number alone: it cannot add UDP to a TCP port of the same number, and one of the two is lost.',
    why: 'Plain kubectl apply sends a strategic merge patch, in which the API server merges ports by the key "port" of the type. Server-side apply uses both keys, and a merge patch replaces the list.',
    checks: ['plain-apply-loses-one', 'server-side-keeps-both', 'merge-patch-keeps-both'],
    needs: ['kubectl'],
    sources: [
      'https://github.com/kubernetes/api/blob/v0.36.3/core/v1/types.go',
      'https://github.com/kubernetes/kubernetes/issues/39188',
      'https://github.com/kubernetes/kubernetes/issues/105610',
    ],
  },
  'tcp-and-udp-on-one-number': {
    origin: on('service', 'Port definitions', 'field-spec-ports'),
    ...{ topic, suite },
    says: 'Each port of a Service has a protocol of its own, so TCP and UDP can have the same number.',
    verdict: 'holds',
    why: 'kube-proxy writes rules by address, protocol and number, so each of the two ports has rules of its own. The API server rejects a number that is there twice with the same protocol.',
    checks: ['both-answer', 'without-udp-tcp-goes-on', 'without-tcp-udp-goes-on', 'same-protocol-twice'],
    needs: ['known proxy', 'contained packets', 'EndpointSlices by hand'],
    endings: {
      'without-udp-tcp-goes-on': { iptables: 'timed out', nftables: 'refused' },
      'without-tcp-udp-goes-on': { iptables: 'timed out', nftables: 'refused' },
    },
    sources: [`${source}/pkg/proxy/iptables/proxier.go`, `${source}/pkg/proxy/nftables/proxier.go`],
    e2e: [
      {
        test: 'Services should serve endpoints on same port and different protocols',
        stricter:
          'It accepts any failure of the protocol that is dropped, within 30 s. Here the failure is the one of the proxy mode, and the other protocol loses no connection.',
      },
    ],
  },
  'ports-come-and-go': {
    origin: on('service', 'Multi-port Services', 'multi-port-services'),
    ...{ topic, suite },
    says: 'A Service may have several ports, each with a name.',
    verdict: 'holds',
    why: 'When one port changes, kube-proxy writes the rules of all ports of the Service again, in one step, and those of the other ports are the same as before. Where the EndpointSlice controller finds no endpoint for a port, kube-proxy rejects its connections.',
    checks: ['each-its-own', 'added', 'removed', 'port-that-no-pod-offers'],
    needs: ['known proxy', 'contained packets'],
    endings: { removed: { iptables: 'timed out', nftables: 'refused' } },
    sources: [`${source}/pkg/proxy/iptables/proxier.go`],
    e2e: [
      {
        test: 'Services should serve multiport endpoints from pods',
        stricter: 'It accepts an answer from any Pod. Here each port must reach its own listener.',
      },
      {
        test: 'Services should be updated after adding or deleting ports',
        stricter:
          'It does not connect to the port that was deleted. Here that port ends as the proxy mode says, and a port that stays loses no connection.',
      },
    ],
  },
  'sidecar-named-port': {
    origin: on('service', 'Port definitions', 'field-spec-ports'),
    ...{ topic, suite },
    says: 'A targetPort may be a name: that of a port which a Pod declares.',
    verdict: 'holds',
    why: 'The EndpointSlice controller looks for the name in the containers of a Pod, and in its restartable init containers, which run beside them. Ports of other init containers do not count, because those have ended when the Pod serves.',
    checks: ['sidecar-answers', 'ended-init-container'],
    needs: ['known proxy'],
    kubernetes: '>=1.33',
    sources: ['https://github.com/kubernetes/endpointslice/blob/v0.36.3/utils.go'],
    e2e: [
      {
        test: 'Services should connect to the named ports exposed by restartable init containers',
        stricter:
          'It shows only that it answers. Here the port of an init container that ends does not count, with the same name and number.',
      },
      {
        test: 'Services should connect to the ports exposed by restartable init containers',
        stricter: 'It accepts any answer. Here the name of the Pod is compared.',
      },
    ],
  },
} as const satisfies Record<string, Claim>;
