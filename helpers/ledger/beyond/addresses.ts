import type { Claim } from '../row.ts';
import { on, source } from './pages.ts';

const topic = 'Addresses';
const suite = 'beyond/addresses';
const allocator = `${source}/pkg/registry/core/service/ipallocator`;

/** Claims of this topic. Ids are never changed; verdicts are what a person found to be true. */
export const addresses = {
  'by-value': {
    origin: on('service', 'Choosing your own IP address', 'choosing-your-own-ip-address'),
    ...{ topic, suite },
    says: 'A Service may ask for an address of the Service range. The API server rejects any other with 422.',
    verdict: 'holds',
    why: 'The API server takes the address by creating an IPAddress object of that name, which works once only. It releases the address before it answers the deletion of the Service.',
    checks: ['granted', 'taken', 'not-in-the-range', 'network-and-broadcast', 'granted-again', 'kept-without-a-value'],
    needs: ['Service range', 'IPv4'],
    kubernetes: '>=1.33',
    sources: [`${source}/pkg/registry/core/service/storage/alloc.go`, `${source}/pkg/registry/core/service/storage/storage.go`],
  },
  'dry-run-knows-nothing': {
    origin: on('apiConcepts', 'Generated values', 'generated-values'),
    ...{ topic, suite },
    says: 'Values that the API server generates, such as addresses, will likely be different in a dry run and in the real request.',
    verdict: 'corrected',
    hurts: 'judgement',
    truth:
      'An address that the API server chooses is always shown as the network address of a range, which no Service ever gets. A dry run also accepts an address that another Service has.',
    why: 'In a dry run the API server looks up no address: it shows the first one of the range, and checks of a given one only that the range has it.',
    checks: ['shows-the-network-address', 'never-granted', 'accepts-what-is-taken', 'stores-nothing'],
    needs: ['Service range', 'IPv4'],
    kubernetes: '>=1.33',
    cited: [
      {
        says: 'Where there are several ranges, a dry run looks at only one of them, chosen at random.',
        source: `${allocator}/cidrallocator.go`,
      },
    ],
    sources: [`${allocator}/ipallocator.go`],
  },
  'address-objects': {
    origin: on('virtualIps', 'IP address allocation tracking', 'ip-address-allocation-tracking'),
    ...{ topic, suite },
    says: 'Each ClusterIP is in a global map in etcd before its Service is created, or the creation fails. The next section says that objects of the API replace this map.',
    verdict: 'corrected',
    hurts: 'judgement',
    truth:
      'There is no such map any more. Each ClusterIP is an IPAddress object that names its Service. One that is deleted by hand comes back, and while one that is made by hand exists, no Service can get its address.',
    why: 'Since Kubernetes 1.34 the API server keeps addresses in these objects alone. A controller inside the API server creates a missing one when the Service changes, or else within some minutes.',
    checks: ['one-for-each-service', 'gone-with-the-service', 'comes-back', 'made-by-hand'],
    needs: ['Service range', 'cluster-wide changes', 'IPv4'],
    kubernetes: '>=1.34',
    sources: [`${allocator}/controller/repairip.go`, `${source}/pkg/features/kube_features.go`],
    cited: [
      {
        says: 'Where the Service does not change, the object comes back within three minutes.',
        source: `${source}/pkg/controlplane/instance.go`,
      },
    ],
    e2e: [
      {
        test: 'ServiceCIDR and IPAddress API should support IPAddress API operations',
        stricter: 'It creates, changes and deletes objects. Here they decide which Service gets an address.',
      },
    ],
  },
  'kept-across-types': {
    origin: on('serviceApi', 'ServiceSpec', 'ServiceSpec'),
    ...{ topic, suite },
    says: 'The ClusterIP of a Service changes only when its type is changed to or from ExternalName.',
    verdict: 'holds',
    why: 'Between the other types the API server only adds or releases node ports. It rejects another value, None included, because clients may have the address already.',
    checks: ['same-address', 'node-port-freed', 'freed-by-external-name', 'not-to-headless', 'not-from-headless'],
    needs: [
      'known proxy',
      'EndpointSlices by hand',
      'Service range',
      'IPv4',
      'NodePort Services',
      'LoadBalancer Services',
      'ExternalName Services',
    ],
    sources: [`${source}/pkg/registry/core/service/storage/alloc.go`],
    e2e: [
      {
        test: 'Services should be able to change the type from ClusterIP to ExternalName',
        stricter: 'It compares the field with "". Here another Service gets the address at once.',
      },
    ],
  },
  'second-range': {
    origin: on('extendRanges', 'Adding a new ServiceCIDR', 'adding-a-new-servicecidr'),
    ...{ topic, suite },
    says: 'When a ServiceCIDR is added, new Services get addresses from it.',
    verdict: 'corrected',
    hurts: 'judgement',
    truth: 'A new Service may get its address from any of the ranges, also while the old one has room.',
    why: 'For each Service the API server tries its ready ranges in the order of a Go map, which is another one each time. It prefers none of them.',
    checks: ['by-value-from-each', 'new-range-answers', 'both-ranges-met', 'range-cannot-change'],
    needs: ['Service range', 'cluster-wide changes', 'EndpointSlices by hand', 'IPv4'],
    kubernetes: '>=1.33',
    sources: [`${allocator}/cidrallocator.go`],
    cited: [
      {
        says: 'In nftables mode, kube-proxy drops packets to unused addresses of the new range, but only from its next full sync on. That is the first sync more than an hour after the last full one.',
        source: `${source}/pkg/proxy/nftables/proxier.go`,
      },
    ],
    // Meanwhile any claim's Service may get an address of it.
    alone: true,
    e2e: [
      {
        test: 'Service CIDRs should create Services and serve on different Service CIDRs',
        stricter: 'It asks for addresses of the new range by value. Here Services get addresses of both ranges by themselves.',
      },
    ],
  },
  'range-protected': {
    origin: on('extendRanges', 'Deleting a ServiceCIDR', 'deleting-a-servicecidr'),
    ...{ topic, suite },
    says: 'A ServiceCIDR that is deleted stays as long as IPAddresses depend on it. Its condition Ready then has the reason OrphanIPAddress.',
    verdict: 'corrected',
    hurts: 'nobody',
    truth: 'It stays, but the reason is Terminating.',
    why: 'A controller in the controller manager holds the object by a finalizer until no IPAddress depends on it, or other ranges contain them all, and for at least 10 s after the deletion. Meanwhile the API server gives no Service an address of the range.',
    checks: ['in-use-stays', 'its-service-answers', 'grants-no-more', 'gone-when-free', 'inside-another-goes'],
    needs: ['Service range', 'cluster-wide changes', 'EndpointSlices by hand', 'IPv4'],
    kubernetes: '>=1.33',
    sources: [
      `${source}/pkg/controller/servicecidrs/servicecidrs_controller.go`,
      'https://github.com/kubernetes/api/blob/v0.36.3/networking/v1/types.go',
    ],
    e2e: [
      {
        test: 'ServiceCIDR and IPAddress API should support ServiceCIDR API operations',
        stricter: 'It deletes a range that no Service uses. Here a Service is in it.',
      },
    ],
  },
  'range-full': {
    origin: on('extendRanges', 'Adding a new ServiceCIDR', 'adding-a-new-servicecidr'),
    ...{ topic, suite },
    says: 'When no address is left, the creation of a Service fails with an internal error: the range is full. With a further ServiceCIDR, Services get addresses again.',
    verdict: 'holds',
    why: 'The API server reports a full range as an InternalError, 500, and every other failure to get an address as an invalid field, 422. Headless and ExternalName Services need no address and can still be made, and the address of a deleted Service is free at once.',
    checks: ['internal-error', 'others-are-made', 'deletion-helps', 'further-range-helps'],
    needs: ['small Service range', 'cluster-wide changes', 'ExternalName Services'],
    kubernetes: '>=1.33',
    sources: [`${source}/pkg/registry/core/service/storage/alloc.go`],
    alone: true,
  },
  bands: {
    origin: on('virtualIps', 'IP address ranges for Service virtual IP addresses', 'service-ip-static-sub-range'),
    ...{ topic, suite },
    says: 'The lower band of a range, which is for addresses by value, has min(max(16, size / 16), 256) addresses: never less than 16.',
    verdict: 'corrected',
    hurts: 'judgement',
    truth:
      'A range of 16 addresses has no such band. In larger ones, a Service that asks for no address gets one of the upper band, until that is used up.',
    why: 'The API server computes no band for 16 addresses or fewer. Elsewhere it begins at a random address of the upper band, and turns to the lower one only when the upper one is full.',
    checks: ['upper-band-first', 'no-band-in-16'],
    needs: ['small Service range', 'cluster-wide changes'],
    kubernetes: '>=1.33',
    sources: [`${allocator}/bitmap.go`, `${allocator}/ipallocator.go`],
    alone: true,
  },
} as const satisfies Record<string, Claim>;
