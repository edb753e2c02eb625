import { expect } from '@jest/globals';
import ipaddr from 'ipaddr.js';
import type { CreatedService } from '../../helpers/testbed/namespace.ts';
import {
  claim,
  client,
  cluster,
  expectEnding,
  kube,
  node,
  recordObservation,
  responseTo,
  server,
  webService,
} from '../../helpers/testbed/testbed.ts';

const labels = { app: 'web' };

/** Returns whether an address is in one of several ranges. An address of the other family is not in a range. */
function inRange(address: string, ...ranges: readonly string[]): boolean {
  const parsed = ipaddr.parse(address);
  return ranges.map((range) => ipaddr.parseCIDR(range)).some((range) => range[0].kind() === parsed.kind() && parsed.match(range));
}

claim('stable-virtual-ip', ({ ns, setup, check }) => {
  let web: CreatedService;

  setup(async () => {
    web = await ns.service(webService());
    await ns.pods(server('first', { labels }));
  });

  check('from-service-range', "the address is from the cluster's Service range", () => {
    recordObservation('the ClusterIP and the Service ranges', { address: web.address, ranges: cluster.serviceRanges });
    expect(inRange(web.address, ...cluster.serviceRanges)).toBe(true);
    // Control: the node's own address is not.
    expect(inRange(cluster.nodeAddress, ...cluster.serviceRanges)).toBe(false);
    return Promise.resolve();
  });

  check('outlives-its-pods', 'the address answers from one Pod, and from the next one once the first is replaced', async () => {
    await expectEnding(client(), web.url(8080), 'answered', { by: 'first' });
    await ns.deletePods('first');
    await ns.pods(server('second', { labels }));
    await expectEnding(client(), web.url(8080), 'answered', { by: 'second' });
    expect((await ns.read('web')).spec?.clusterIP).toBe(web.address);
  });
});

claim('example-range', ({ ns, check }) => {
  check('in-10-43', 'a Service gets an address from 10.43.0.0/16', async () => {
    const { address } = await ns.service(webService());
    recordObservation('the ClusterIP', address);
    expect(inRange(address, '10.43.0.0/16')).toBe(true);
  });
});

claim('virtual-address', ({ ns, setup, check }) => {
  let web: CreatedService;

  setup(async () => {
    web = await ns.service(webService());
    await ns.pods(server('web', { labels }));
  });

  check('no-interface-holds-it', "no interface of the node holds the address, while one holds the node's own", async () => {
    const { output } = await (await node()).run('ip -o addr');
    const held = [...output.matchAll(/inet6? ([0-9a-f.:]+)/g)].map(([, found]) => found);
    recordObservation('addresses that interfaces of the node hold', held);
    expect(held).toContain(cluster.nodeAddress);
    expect(held).not.toContain(web.address);
  });

  check('answers-all-the-same', 'the address answers a client on the node nevertheless', async () => {
    await expectEnding(node(), web.url(8080), 'answered', { by: 'web' });
  });
});

claim('never-changes', ({ ns, setup, check }) => {
  let web: CreatedService;
  const addressNow = async () => (await ns.read('web')).spec?.clusterIP;
  const scale = (replicas: number) =>
    kube.apps.replaceNamespacedDeploymentScale({
      namespace: ns.name,
      name: 'web',
      body: { metadata: { name: 'web', namespace: ns.name }, spec: { replicas } },
    });

  // The Deployment chooses the names of its Pods, so no check of this claim names the Pod that answers.
  setup(async () => {
    web = await ns.service(webService());
    const { metadata, spec } = server('web', { labels });
    await kube.apps.createNamespacedDeployment({
      namespace: ns.name,
      body: {
        metadata: { name: 'web' },
        spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata, spec } as never },
      },
    });
  });

  check('kept-when-scaled', 'the address stays when the Pods are scaled to none, and answers again when they come back', async () => {
    await expectEnding(client(), web.url(8080), 'answered');
    await scale(0);
    await expectEnding(client(), web.url(8080), ['refused', 'timed out', 'unreachable'], { inARow: 3 });
    expect(await addressNow()).toBe(web.address);
    await scale(1);
    await expectEnding(client(), web.url(8080), 'answered');
    expect(await addressNow()).toBe(web.address);
  });

  check('kept-when-edited', 'the address stays when selector, port and labels are edited', async () => {
    await ns.patch('web', { spec: { selector: { app: 'other' } } });
    expect(await addressNow()).toBe(web.address);
    await ns.patch('web', {
      metadata: { labels: { edited: 'yes' } },
      spec: { selector: { app: 'web' }, ports: [{ port: 9090, targetPort: 80 }] },
    });
    await expectEnding(client(), web.url(9090), 'answered');
    expect(await addressNow()).toBe(web.address);
  });

  check('another-is-refused', 'the API server rejects another address for the Service, and accepts the same', async () => {
    const other = web.address.replace(/[0-9a-f]+$/, (last) => String(last === '77' ? 78 : 77));
    const change = ns.patch('web', { spec: { clusterIP: other, clusterIPs: [other] } });
    const { code, message } = await responseTo('another address', change);
    expect(code).toBe(422);
    expect(message).toContain('may not change once set');
    await ns.patch('web', { spec: { clusterIP: web.address, clusterIPs: [web.address] } });
    expect(await addressNow()).toBe(web.address);
  });

  check('released-by-external-name', 'a Service that becomes an ExternalName Service has no address any more', async () => {
    await ns.patch('web', { spec: { type: 'ExternalName', externalName: 'example.invalid' } });
    const address = await addressNow();
    recordObservation('the address of the ExternalName Service', address ?? 'none');
    expect(address ?? '').toBe('');
  });

  check(
    'not-promised-to-a-new-life',
    'a Service that is deleted and created again cannot have its old address once another Service has it',
    async () => {
      const { address: before } = await ns.service(webService({}, { name: 'first-life' }));
      await kube.core.deleteNamespacedService({ namespace: ns.name, name: 'first-life' });
      const taker = await ns.service(webService({ clusterIP: before }, { name: 'taker' }));
      expect(taker.address).toBe(before);
      const again = await ns.service(webService({}, { name: 'first-life' }));
      recordObservation('the address before and after', { before, after: again.address });
      expect(again.address).not.toBe(before);
      const third = ns.serviceObject(webService({ clusterIP: before }, { name: 'third' }));
      expect((await responseTo('a third Service that asks for the old address', third)).message).toContain(
        'provided IP is already allocated',
      );
    },
  );
});

claim('limited-by-range', ({ ns, check }) => {
  check('takes-an-address', "each Service takes an address of its own from the cluster's ServiceCIDR", async () => {
    const { items } = await kube.networking.listServiceCIDR();
    const ranges = items.flatMap(({ spec }) => spec?.cidrs ?? []);
    const { address: one } = await ns.service(webService());
    const { address: two } = await ns.service(webService({}, { name: 'other' }));
    recordObservation('ServiceCIDRs and two ClusterIPs', { ranges, one, two });
    expect(inRange(one, ...ranges)).toBe(true);
    expect(two).not.toBe(one);
    // The API server stores an IPAddress object for each address that is taken.
    const { parentRef } = (await kube.networking.readIPAddress({ name: one })).spec;
    expect(parentRef).toMatchObject({ namespace: ns.name, name: 'web' });
  });

  check('others-take-none', 'headless and ExternalName Services take none', async () => {
    const headless = await ns.serviceObject(webService({ clusterIP: 'None' }, { name: 'headless' }));
    const external = await ns.serviceObject({
      metadata: { name: 'external' },
      spec: { type: 'ExternalName', externalName: 'example.invalid' },
    });
    expect(headless.spec?.clusterIP).toBe('None');
    expect(external.spec?.clusterIP ?? '').toBe('');
    const { items } = await kube.networking.listIPAddress();
    const holders = items.filter(({ spec }) => spec.parentRef.namespace === ns.name).map(({ spec }) => spec.parentRef.name);
    recordObservation('Services of the namespace that hold an address', holders);
    expect(holders.sort()).toEqual(['other', 'web']);
  });
});

claim('default-range-size', ({ check }) => {
  check('slash-16', 'the ServiceCIDR is 10.43.0.0/16: 65,534 addresses', async () => {
    const { spec } = await kube.networking.readServiceCIDR({ name: 'kubernetes' });
    recordObservation('the ServiceCIDR', spec?.cidrs);
    expect(spec?.cidrs).toContain('10.43.0.0/16');
  });
});
