import { expect } from '@jest/globals';
import type { V1Service } from '@kubernetes/client-node';
import type { Service } from 'kubernetes-types/core/v1.js';
import type { Shell } from '../../helpers/kube/shell.ts';
import type { CreatedService, Namespace } from '../../helpers/testbed/namespace.ts';
import type { Backend } from '../../helpers/testbed/run-context.ts';
import {
  backends,
  claim,
  client,
  cluster,
  dig,
  expectAddress,
  expectEnding,
  inUrl,
  kube,
  node,
  recordObservation,
  refusal,
  responseTo,
  server,
  settle,
  udp,
  webService,
} from '../../helpers/testbed/testbed.ts';

type Family = 'IPv4' | 'IPv6';

const families: readonly Family[] = ['IPv4', 'IPv6'];
const first = cluster.ipFamily;
const second: Family = first === 'IPv4' ? 'IPv6' : 'IPv4';
const labels = { app: 'web' };
const familyOf = (address: string): Family => (address.includes(':') ? 'IPv6' : 'IPv4');
const recordTypeOf = (address: string) => (address.includes(':') ? 'AAAA' : 'A');
/** Returns the address of a family. */
const ofFamily = (addresses: readonly string[], family: Family) =>
  addresses.find((address) => familyOf(address) === family) ?? 'no address';

/** Returns the policy, the families and the addresses of a Service. */
function stackOf({ spec }: V1Service) {
  return {
    policy: spec?.ipFamilyPolicy,
    families: spec?.ipFamilies,
    clusterIP: spec?.clusterIP,
    clusterIPs: spec?.clusterIPs,
    familiesOfAddresses: (spec?.clusterIPs ?? []).map((address) => (address === 'None' ? address : familyOf(address))),
  };
}

/** Creates a Service without a selector, and returns what it got, or why it was refused. */
async function created(ns: Namespace, name: string, spec: Service['spec']) {
  const seen = await ns.serviceObject(webService({ selector: {}, ...spec }, { name })).then(stackOf, refusal);
  recordObservation(`Service ${name}`, seen);
  return seen;
}

claim('headless-without-selector-is-dual', ({ ns, check }) => {
  check('dual-by-default', 'a headless Service without a selector has the policy RequireDualStack and both families', async () => {
    expect(await created(ns, 'headless', { clusterIP: 'None' })).toMatchObject({ policy: 'RequireDualStack', families: [first, second] });
  });

  // Control: only the selector differs.
  check(
    'single-with-a-selector',
    'a headless Service with a selector has the policy SingleStack and the first family of the cluster',
    async () => {
      expect(await created(ns, 'selects', { clusterIP: 'None', selector: labels })).toMatchObject({
        policy: 'SingleStack',
        families: [first],
      });
    },
  );

  check(
    'with-a-cluster-ip',
    'with a ClusterIP that policy is refused unless the cluster has a Service range of both families, and PreferDualStack takes the families that it has',
    async () => {
      const ranges = new Set(cluster.serviceRanges.map(familyOf));
      const had = [first, second].filter((family) => ranges.has(family));
      expect(await created(ns, 'required', { ipFamilyPolicy: 'RequireDualStack' })).toMatchObject(
        had.length === 2 ? { families: had } : { code: 422 },
      );
      expect(await created(ns, 'preferred', { ipFamilyPolicy: 'PreferDualStack' })).toMatchObject({
        families: had,
        familiesOfAddresses: had,
      });
    },
  );
});

claim('families', ({ ns, check }) => {
  check('first-range-by-default', 'a Service that asks for nothing has one address, of the first Service range', async () => {
    expect(await created(ns, 'default', {})).toMatchObject({ policy: 'SingleStack', families: [first], familiesOfAddresses: [first] });
    const { spec } = await kube.networking.readServiceCIDR({ name: 'kubernetes' });
    recordObservation('the Service ranges', spec?.cidrs);
    expect(familyOf(spec?.cidrs?.[0] ?? '')).toBe(first);
  });

  check('both-by-policy', 'with PreferDualStack and with RequireDualStack it has one of each family, the first family first', async () => {
    for (const ipFamilyPolicy of ['PreferDualStack', 'RequireDualStack'] as const)
      expect(await created(ns, `with-${ipFamilyPolicy.toLowerCase()}`, { ipFamilyPolicy })).toMatchObject({
        policy: ipFamilyPolicy,
        families: [first, second],
        familiesOfAddresses: [first, second],
      });
  });

  check('one-chosen', 'with one family in ipFamilies it has one address, of that family', async () => {
    for (const family of families)
      expect(await created(ns, `of-${family.toLowerCase()}`, { ipFamilies: [family] })).toMatchObject({
        policy: 'SingleStack',
        families: [family],
        familiesOfAddresses: [family],
      });
  });

  check('order-chosen', 'with both in ipFamilies, addresses are in that order, and clusterIP is the first', async () => {
    const orders: readonly (readonly Family[])[] = [
      ['IPv4', 'IPv6'],
      ['IPv6', 'IPv4'],
    ];
    for (const order of orders) {
      const name = `first-${order[0]?.toLowerCase()}`;
      const seen = await created(ns, name, { ipFamilyPolicy: 'RequireDualStack', ipFamilies: [...order] });
      expect(seen).toMatchObject({ families: order, familiesOfAddresses: order });
      if ('clusterIPs' in seen) expect(seen.clusterIP).toBe(seen.clusterIPs?.[0]);
    }
  });
});

claim('both-families-answer', ({ ns, setup, check }) => {
  let web: CreatedService;
  let single: CreatedService;
  let half: CreatedService;
  let empty: CreatedService;
  let a: Backend;
  const dual = { ipFamilyPolicy: 'RequireDualStack' } as const;

  setup(async () => {
    [a] = await backends();
    const ports = (['TCP', 'UDP'] as const).map((protocol) => ({ name: protocol.toLowerCase(), port: 8080, targetPort: 80, protocol }));
    [web, single, half, empty] = await Promise.all([
      ns.service(webService({ ...dual, ports })),
      ns.service(webService({}, { name: 'single' })),
      ns.service(webService({ ...dual, selector: {} }, { name: 'half' })),
      ns.service(webService({ ...dual, selector: {} }, { name: 'empty' })),
      ns.slice({ service: 'half', endpoints: [{ addresses: [a.address] }] }),
      ns.pods(server('web', { labels })),
    ]);
  });

  const full = (service: string) => `${service}.${ns.name}.svc.${cluster.domain}.`;

  check('both-addresses', 'a client is answered by the Pod through both ClusterIPs', async () => {
    expect(web.addresses.map(familyOf)).toEqual([first, second]);
    for (const address of web.addresses) await expectEnding(client(), web.url(8080, '/hostname', address), 'answered', { by: 'web' });
  });

  /** Waits until a datagram to each ClusterIP is answered. */
  const expectAnswersByUdp = async (here: Shell) => {
    for (const address of web.addresses)
      await settle(() => udp(here, `${inUrl(address)}:8080`), {
        waitingFor: `an answer by UDP from ${address}`,
        accept: ({ ending }) => ending === 'answered',
      });
  };

  check('both-with-udp', 'a client is answered through both addresses with UDP too', async () => {
    await expectAnswersByUdp(await client());
  });

  check('from-the-node', 'a client in the network of the node is answered through both, also with UDP', async () => {
    for (const address of web.addresses) await expectEnding(node(), web.url(8080, '/hostname', address), 'answered', { by: 'web' });
    await expectAnswersByUdp(await node());
  });

  check('from-its-own-pod', 'the only Pod behind the Service is answered through both addresses, by itself', async () => {
    const here = await ns.shell('web');
    for (const address of web.addresses) await expectEnding(here, web.url(8080, '/hostname', address), 'answered', { by: 'web' });
    await expectAnswersByUdp(here);
  });

  check(
    'a-record-of-each',
    'its name has one A and one AAAA record, and that of a single-stack Service has one record in all',
    async () => {
      for (const address of web.addresses) await expectAddress(client(), full('web'), address);
      await expectAddress(client(), full('single'), single.address);
      const other = recordTypeOf(ofFamily(web.addresses, second));
      const here = await client();
      await settle(() => dig(here, full('single'), { type: other }), {
        waitingFor: `no ${other} record of single, though there is such a name`,
        accept: ([seen]) => seen?.status === 'NOERROR' && seen.answer.length === 0,
      });
    },
  );

  check(
    'slices-of-each',
    'a dual-stack Service has one slice of each family, each with the address of the Pod in that family',
    async () => {
      const [pod] = await ns.listPods();
      const expected = (pod?.status?.podIPs ?? []).map(({ ip }) => `${familyOf(ip)} ${ip}`).sort();
      await settle(
        async () =>
          (await ns.endpoints('web')).slices
            .map(({ addressType, endpoints }) => `${addressType} ${(endpoints ?? []).map(({ addresses }) => addresses.join()).join()}`)
            .sort(),
        { waitingFor: expected.join(' and '), accept: (slices) => slices.length === 2 && slices.join() === expected.join(), inARow: 1 },
      );
    },
  );

  check('each-on-its-own', 'where only the first family has an endpoint, its address is answered and the other is refused', async () => {
    await expectEnding(client(), half.url(8080), 'answered', { by: a.name });
    await expectEnding(client(), half.url(8080, '/hostname', ofFamily(half.addresses, second)), 'refused', { inARow: 1 });
  });

  check('none-without-endpoints', 'where neither family has an endpoint, both addresses are refused', async () => {
    for (const address of empty.addresses) await expectEnding(client(), empty.url(8080, '/hostname', address), 'refused', { inARow: 1 });
  });
});

claim('second-family-comes-and-goes', ({ ns, setup, check }) => {
  let web: CreatedService;
  let a: Backend;
  let added: string;

  setup(async () => {
    [a] = await backends();
    [web] = await Promise.all([
      ns.service(webService({ selector: {} })),
      ...families.map((family) =>
        ns.slice({ service: 'web', name: `web-${family.toLowerCase()}`, endpoints: [{ addresses: [ofFamily(a.addresses, family)] }] }),
      ),
    ]);
  });

  check(
    'second-added',
    'PreferDualStack adds an address of the other family to a Service, the first stays, and both are answered',
    async () => {
      expect(web.addresses).toHaveLength(1);
      const seen = stackOf(await ns.patch('web', { spec: { ipFamilyPolicy: 'PreferDualStack' } }));
      recordObservation('the Service with PreferDualStack', seen);
      expect(seen).toMatchObject({ clusterIP: web.address, familiesOfAddresses: [first, second] });
      added = ofFamily(seen.clusterIPs ?? [], second);
      for (const address of [web.address, added])
        await expectEnding(client(), web.url(8080, '/hostname', address), 'answered', { by: a.name });
    },
  );

  check('removal-needs-the-policy', 'while the policy is not SingleStack, the second address cannot be removed', async () => {
    const response = await responseTo('one address', ns.patch('web', { spec: { clusterIPs: [web.address], ipFamilies: [first] } }));
    expect(response).toMatchObject({ code: 422, message: expect.stringContaining('SingleStack') });
  });

  check('first-never-changes', 'the first family and the first address cannot be changed', async () => {
    const swapped = { clusterIP: added, clusterIPs: [added, web.address], ipFamilies: [second, first] };
    expect(await responseTo('the other order', ns.patch('web', { spec: swapped }))).toMatchObject({ code: 422 });
    expect(await responseTo('the other family alone', ns.patch('web', { spec: { ipFamilies: [second, first] } }))).toMatchObject({
      code: 422,
    });
    expect(stackOf(await ns.read('web'))).toMatchObject({ clusterIPs: [web.address, added] });
  });

  check(
    'second-released',
    'SingleStack takes the second address away, and another Service can have it; the first is still answered',
    async () => {
      const seen = stackOf(await ns.patch('web', { spec: { ipFamilyPolicy: 'SingleStack' } }));
      recordObservation('the Service with SingleStack', seen);
      expect(seen).toMatchObject({ clusterIPs: [web.address], families: [first] });
      const another = await created(ns, 'another', { clusterIP: added, ipFamilies: [second] });
      expect(another).toMatchObject({ clusterIPs: [added] });
      await expectEnding(client(), web.url(8080), 'answered', { by: a.name });
    },
  );
});
