import type { Claim } from '../row.ts';
import { on, source } from './pages.ts';

const topic = 'API rules';
const suite = 'beyond/api-rules';
const validation = `${source}/pkg/apis/core/validation/validation.go`;

/** Claims of this topic. Ids are never changed; verdicts are what a person found to be true. */
export const apiRules = {
  'service-names': {
    origin: { ...on('service', 'Defining a Service', 'defining-a-service'), version: '1.35' },
    ...{ topic, suite },
    says: 'The name of a Service is a label of RFC 1035, so it starts with a letter.',
    verdict: 'corrected',
    truth: 'From Kubernetes 1.36 it may start with a digit: a label of RFC 1123. The page for that version says so.',
    hurts: 'nobody',
    why: 'The API server checks the name by the rules for labels. A feature gate that is on from 1.36 takes those of RFC 1123 in place of RFC 1035.',
    checks: ['digit-first-answers', 'other-names-are-refused', 'longest-name'],
    needs: ['EndpointSlices by hand', 'DNS'],
    kubernetes: '>=1.36',
    sources: [validation, `${source}/pkg/features/kube_features.go`],
    e2e: [
      {
        test: 'DNS should work with a service name that starts with a digit',
        stricter: 'It resolves the name. Here a client is answered by that name too, and the names that are still refused are shown.',
      },
    ],
  },
  'ports-per-slice': {
    origin: on('endpointSliceApi', 'EndpointSlice', 'EndpointSlice'),
    ...{ topic, suite },
    says: 'An EndpointSlice has at most 100 ports, and one that the control plane manages has at least one.',
    verdict: 'refuted',
    truth: 'The API server accepts 101 ports, and slices without any port are common: a Service without Pods has one.',
    hurts: 'nobody',
    why: 'The API server allows 20,000 ports in a slice. The EndpointSlice controller learns the ports from Pods, so it writes a slice without ports where it finds none.',
    checks: ['hundred-and-one-ports', 'a-thousand-and-one-endpoints', 'no-ports-without-pods'],
    needs: ['EndpointSlices by hand'],
    sources: [`${source}/pkg/apis/discovery/validation/validation.go`],
  },
  'ports-need-names': {
    origin: on('service', 'Multi-port Services', 'multi-port-services'),
    ...{ topic, suite },
    says: 'Where a Service has several ports, each of them needs a name, and no two have the same.',
    verdict: 'holds',
    why: 'The API server refuses a Service with several ports if one has no name or a name that another has, because slices, DNS and kube-proxy know ports by name.',
    checks: ['one-unnamed-is-refused', 'same-name-is-refused', 'a-single-one-needs-none'],
    sources: [validation],
  },
  'port-numbers': {
    origin: on('serviceApi', 'ServicePort', 'ServicePort'),
    ...{ topic, suite },
    says: 'A port is a number from 1 to 65535.',
    verdict: 'holds',
    why: 'The API server checks the numbers and that there is a port, because a ClusterIP without a port leads nowhere.',
    checks: ['outside-is-refused', 'first-and-last', 'none-at-all'],
    sources: [validation],
  },
  protocols: {
    origin: on('serviceApi', 'ServicePort', 'ServicePort'),
    ...{ topic, suite },
    says: 'The protocol of a port is TCP, UDP or SCTP, and TCP where none is named.',
    verdict: 'holds',
    why: 'The API server adds TCP where no protocol is named, and refuses every other name.',
    checks: ['tcp-by-default', 'all-three', 'others-are-refused'],
    sources: [validation],
  },
  'target-port-names': {
    origin: on('serviceApi', 'ServicePort', 'ServicePort'),
    ...{ topic, suite },
    says: 'A targetPort is a number from 1 to 65535 or the name of a port: at most 15 letters, digits and hyphens, at least one of them a letter.',
    verdict: 'holds',
    why: 'The API server checks it by the rules for the names of services at IANA. It does not look for a Pod with such a port.',
    checks: ['names-that-are-refused', 'fifteen-characters', 'zero-is-the-port'],
    sources: [validation, 'https://www.rfc-editor.org/rfc/rfc6335#section-5.1'],
  },
  'node-port-needs-a-type': {
    origin: on('serviceApi', 'ServicePort', 'ServicePort'),
    ...{ topic, suite },
    says: 'A nodePort may be set only where the type of the Service needs one.',
    verdict: 'holds',
    why: 'The API server refuses a nodePort on a Service of the type ClusterIP, and an externalTrafficPolicy too, unless that Service has externalIPs.',
    checks: ['refused-on-cluster-ip', 'accepted-on-node-port'],
    needs: ['NodePort Services'],
    sources: [validation],
  },
  'affinity-bounds': {
    origin: on('serviceApi', 'ClientIPConfig', 'ClientIPConfig'),
    ...{ topic, suite },
    says: 'The timeoutSeconds of ClientIP affinity is from 1 to 86400, which is a day.',
    verdict: 'holds',
    why: 'The API server refuses any other value. Where the affinity is None, it drops the configuration without a word.',
    checks: ['outside-is-refused', 'one-and-a-day', 'dropped-without-affinity'],
    sources: [validation, `${source}/pkg/apis/core/v1/defaults.go`],
  },
  'app-protocol-is-a-note': {
    origin: on('service', 'Application protocol', 'application-protocol'),
    ...{ topic, suite },
    says: 'appProtocol is a hint for implementations, which may serve a port better by it.',
    verdict: 'holds',
    why: 'The API server only checks its form. kube-proxy does not read it, so its rules stay, and connections go on.',
    checks: ['none-lost', 'form-is-checked'],
    needs: ['EndpointSlices by hand'],
    sources: [validation],
  },
} as const satisfies Record<string, Claim>;
