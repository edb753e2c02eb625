import { expect, test } from '@jest/globals';
import { capabilities, capabilitiesOf, type Capability, type Findings, unmet } from './capabilities.ts';
import type { Claim } from './row.ts';

/** A cluster that has every capability. Some of them do not come together. */
const k3s: Findings = {
  standIn: false,
  adopted: false,
  version: 'v1.36.3+k3s1',
  proxyMode: 'iptables',
  images: {},
  chosen: { ranges: false, proxyMode: false },
  disabled: [],
  kubectlVersion: 'v1.36.3+k3s1',
  refusedPods: {},
  refusedServices: {},
  missingRights: [],
  nodes: [
    { ready: true, takesPods: true },
    { ready: true, takesPods: true },
  ],
  k3sArgs: ['--kube-proxy-arg=iptables-sync-period=1s'],
  serviceRanges: ['10.44.0.0/27', 'fd00:10:43::/112'],
  nodePortRange: '30000-32767',
  allowed: [],
  statedDefaults: [],
  serviceLBSeen: false,
};

/** A cluster that lacks every capability. */
const poorest: Findings = {
  standIn: true,
  adopted: true,
  version: 'v1.20.0',
  proxyMode: 'unknown',
  images: { 'nginx:1.29.4-alpine': 'mirror.example/nginx:1' },
  chosen: { ranges: true, proxyMode: true },
  disabled: ['servicelb'],
  kubectlVersion: 'none',
  refusedPods: { hostNetwork: 'violates PodSecurity "baseline"', lab: 'violates PodSecurity "restricted"' },
  refusedServices: { NodePort: 'exceeded quota', LoadBalancer: 'exceeded quota', ExternalName: 'denied the request' },
  missingRights: [
    'list servicecidrs.networking.k8s.io',
    'create endpointslices.discovery.k8s.io',
    'patch pods/status',
    'create statefulsets.apps',
  ],
  nodes: [{ ready: true, takesPods: true }],
  k3sArgs: [],
  serviceRanges: ['fd00:10:43::/112'],
  nodePortRange: 'unknown',
  allowed: [],
  statedDefaults: [],
  serviceLBSeen: false,
  fault: { layer: 'DNS', seen: 'no name resolves' },
};

const all = Object.keys(capabilities) as Capability[];

function claim(needs: Capability[], kubernetes?: string): Claim {
  const origin = { document: 'the chapter', section: 'S' };
  const range = kubernetes === undefined ? {} : { kubernetes };
  return { origin, suite: 'chapter/s', says: 'It is so.', why: 'It is.', verdict: 'holds', checks: ['check'], needs, ...range };
}

// Where kube-proxy is a process of its own, the node is no k3s.
const together = all.filter((name) => name !== 'separate kube-proxy');

test('a cluster may have every capability but one, and the stand-in has that', () => {
  expect(unmet(claim(together, '>=1.33'), k3s)).toBeUndefined();
  expect(capabilitiesOf(k3s).filter(({ there }) => there)).toEqual(together.map((name) => ({ name, there: true })));
  expect(unmet(claim(['separate kube-proxy']), { ...k3s, standIn: true })).toBeUndefined();
});

test('a claim without needs can be observed anywhere', () => {
  expect(unmet(claim([]), poorest)).toBeUndefined();
});

test('a cluster that lacks everything lacks each capability for a reason', () => {
  expect(capabilitiesOf(poorest)).toEqual(
    all.map((name) => ({ name, there: false, why: expect.stringMatching(/\S/), remedy: expect.stringMatching(/\S/) })),
  );
});

test.each<[Capability, string, Partial<Findings>, reason: string]>([
  ['k3s', 'on the stand-in', { standIn: true }, 'its image is our own'],
  ['k3s', 'on another distribution', { adopted: true, version: 'v1.36.3' }, 'v1.36.3'],
  ['original images', 'with a replaced image', { images: { 'nginx:1.29.4-alpine': 'mirror.example/nginx:1' } }, 'images'],
  ['default ranges', 'with a chosen range', { chosen: { ranges: true, proxyMode: false } }, 'this run chose the ranges'],
  ['default ranges', 'on an adopted cluster', { adopted: true }, 'when the cluster was created'],
  ['default proxy', 'with a chosen proxy mode', { chosen: { ranges: false, proxyMode: true } }, 'this run chose the proxy mode'],
  ['default proxy', 'on an adopted cluster', { adopted: true }, 'when the cluster was created'],
  ['known proxy', 'in ipvs mode', { proxyMode: 'ipvs' }, 'ipvs'],
  ['known proxy', 'in an unknown mode', { proxyMode: 'unknown' }, 'unknown'],
  ['ServiceLB', 'on the stand-in', { standIn: true }, 'ServiceLB is not running'],
  ['ServiceLB', 'when it is disabled', { disabled: ['traefik', 'servicelb'] }, 'ServiceLB is not running'],
  ['ServiceLB', 'on an adopted cluster', { adopted: true, serviceLBSeen: true }, 'would open a port'],
  ['ServiceLB', 'on an adopted cluster where none was seen', { adopted: true, allowed: ['load-balancer'] }, 'no Pod of ServiceLB'],
  ['node shell', 'on an adopted cluster', { adopted: true }, 'does not enter nodes'],
  ['outside', 'where containers are kept apart', { noOutside: 'icc is false' }, 'icc is false'],
  ['outside', 'on an adopted cluster', { adopted: true }, 'network of this cluster'],
  ['contained packets', 'on an adopted cluster', { adopted: true }, 'network of this cluster'],
  ['host network', 'where such Pods are refused', { refusedPods: { hostNetwork: 'violates PodSecurity' } }, 'violates PodSecurity'],
  ['kubectl', 'where there is none', { kubectlVersion: 'none' }, 'kubectl'],
  ['lab Pods', 'where they are refused', { refusedPods: { lab: 'violates PodSecurity' } }, 'violates PodSecurity'],
  ['Service range', 'without the right', { missingRights: ['list ipaddresses.networking.k8s.io'] }, 'the account may not list ipaddresses'],
  ['EndpointSlices by hand', 'without the right', { missingRights: ['update endpoints'] }, 'the account may not update endpoints'],
  ['Pod status by hand', 'without the right', { missingRights: ['patch pods/status'] }, 'the account may not patch pods/status'],
  ['StatefulSets', 'without the right', { missingRights: ['create statefulsets.apps'] }, 'the account may not create statefulsets'],
  ['cluster-wide changes', 'on an adopted cluster', { adopted: true }, 'changes nothing cluster-wide'],
  ['separate kube-proxy', 'on k3s', {}, 'part of the k3s process'],
  ['separate kube-proxy', 'on an adopted cluster', { adopted: true }, 'does not enter nodes'],
  ['default ranges', 'on an adopted cluster with the default proxy', { adopted: true, statedDefaults: ['proxy-mode'] }, 'the ranges may'],
  ['default proxy', 'on an adopted cluster with default ranges', { adopted: true, statedDefaults: ['ranges'] }, 'the proxy mode may'],
  ['contained packets', 'on an adopted cluster that allows another thing', { adopted: true, allowed: ['load-balancer'] }, 'would leave'],
  ['outside', 'on an adopted cluster that allows all', { adopted: true, allowed: ['unanswered-packets', 'load-balancer'] }, 'outside'],
  [
    'neighbour look-up',
    'on an adopted cluster that allows packets',
    { adopted: true, allowed: ['unanswered-packets'] },
    'unused addresses',
  ],
  ['default node ports', 'with another range', { nodePortRange: '31000-31999' }, 'from 31000-31999'],
  ['default node ports', 'where none is reported', { nodePortRange: 'unknown' }, 'does not report'],
  ['NodePort Services', 'where a quota allows none', { refusedServices: { NodePort: 'exceeded quota' } }, 'type NodePort: exceeded quota'],
  ['LoadBalancer Services', 'where a policy denies them', { refusedServices: { LoadBalancer: 'denied' } }, 'type LoadBalancer: denied'],
  ['ExternalName Services', 'where a policy denies them', { refusedServices: { ExternalName: 'denied' } }, 'type ExternalName: denied'],
  ['DNS', 'where it is dead', { fault: { layer: 'DNS', seen: 'no name resolves' } }, 'DNS of the cluster is dead: no name resolves'],
  ['two nodes', 'on one node', { nodes: [{ ready: true, takesPods: true }] }, 'has one node'],
  [
    'two nodes',
    'where the second takes no Pods',
    {
      nodes: [
        { ready: true, takesPods: true },
        { ready: true, takesPods: false },
      ],
    },
    'of 2 nodes, 1 is Ready',
  ],
  ['IPv4', 'with IPv6 alone', { serviceRanges: ['fd00:10:43::/112'] }, 'of IPv6 alone'],
  ['dual stack', 'with IPv4 alone', { serviceRanges: ['10.43.0.0/16'] }, 'has one IP family'],
  ['dual stack', 'where no range is published', { serviceRanges: [] }, 'does not publish'],
  ['small Service range', 'with the default range', { serviceRanges: ['10.43.0.0/16'] }, 'too many addresses'],
  [
    'small Service range',
    'with a small range beside the default one',
    { serviceRanges: ['10.43.0.0/16', '10.45.0.0/28'] },
    'too many addresses',
  ],
  ['small Service range', 'with IPv6 alone', { serviceRanges: ['fd00:10:43::/112'] }, 'too many addresses'],
  ['small Service range', 'on an adopted cluster', { adopted: true }, 'must not take every address'],
  ['short sync', 'by default', { k3sArgs: [] }, 'did not shorten'],
  ['Service range', 'where it is not published', { serviceRanges: [] }, 'does not publish'],
])('%s is not there %s', (need, _, difference, reason) => {
  const found = { ...k3s, ...difference };
  expect(unmet(claim([need]), found)?.reason).toContain(reason);
  expect(capabilitiesOf(found)).toContainEqual({
    name: need,
    there: false,
    why: expect.stringContaining(reason),
    remedy: expect.stringMatching(/\S/),
  });
});

test.each<[string, Partial<Findings>, Capability]>([
  ['k3s lacks traefik', { disabled: ['traefik'] }, 'ServiceLB'],
  ['the proxy is in nftables mode', { proxyMode: 'nftables' }, 'known proxy'],
  ['the proxy mode was chosen', { chosen: { ranges: false, proxyMode: true } }, 'default ranges'],
  ['the ranges were chosen', { chosen: { ranges: true, proxyMode: false } }, 'default proxy'],
  ['lab Pods are refused', { refusedPods: { lab: 'violates PodSecurity' } }, 'host network'],
  ['hostNetwork Pods are refused', { refusedPods: { hostNetwork: 'violates PodSecurity' } }, 'lab Pods'],
  ['NodePort Services are refused', { refusedServices: { NodePort: 'exceeded quota' } }, 'ExternalName Services'],
  ['the cluster is an adopted k3s', { adopted: true }, 'k3s'],
  ['the cluster is adopted', { adopted: true }, 'known proxy'],
  [
    'the cluster is adopted, with ranges that the user states to be defaults,',
    { adopted: true, statedDefaults: ['ranges'] },
    'default ranges',
  ],
  ['the cluster is adopted, with a stated proxy mode,', { adopted: true, statedDefaults: ['proxy-mode'] }, 'default proxy'],
  ['the cluster is adopted, and the user allows it,', { adopted: true, allowed: ['unanswered-packets'] }, 'contained packets'],
  ['the cluster is adopted, with ServiceLB,', { adopted: true, allowed: ['load-balancer'], serviceLBSeen: true }, 'ServiceLB'],
  ['Services do not work', { fault: { layer: 'Pod to Service', seen: 'timed out' } }, 'DNS'],
])('although %s, there is %s', (_, difference, need) => {
  expect(unmet(claim([need]), { ...k3s, ...difference })).toBeUndefined();
});

test('a run may be green without any capability but DNS, and its own cluster must report a known proxy mode', () => {
  const optional = (name: Capability, found: Findings) => unmet(claim([name]), found)?.optional;
  expect(all.filter((name) => optional(name, poorest) !== true)).toEqual(['DNS']);
  expect(all.filter((name) => optional(name, { ...poorest, adopted: false }) === false)).toEqual(['known proxy', 'DNS']);
});

test.each([
  ['v1.33.0+k3s1', true],
  ['v1.36.3', true],
  ['v1.32.13+k3s1', false],
])('a verdict for Kubernetes 1.33 and later, on %s: %s', (version, met) => {
  const gap = unmet(claim([], '>=1.33'), { ...k3s, version });
  const reason = `the ledger's verdict is for Kubernetes >=1.33, and this is ${version}`;
  expect(gap).toEqual(met ? undefined : { reason, remedy: 'a cluster of Kubernetes >=1.33', optional: true });
});

test('the first need that is not met is the reason', () => {
  const gap = unmet(claim(['known proxy', 'k3s'], '>=1.33'), { ...k3s, standIn: true, proxyMode: 'ipvs', version: 'v1.30.0' });
  expect(gap?.reason).toContain('ipvs');
});
