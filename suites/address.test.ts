import { beforeAll, expect } from '@jest/globals';
import ipaddr from 'ipaddr.js';
import { claim, client, cluster, kube, node } from '../helpers/claims/claim.ts';
import { refusal } from '../helpers/kube/refusal.ts';
import { createPods, createService, deletePods, patchService } from '../helpers/kube/objects.ts';
import { server, webService } from '../helpers/kube/workloads.ts';
import { http } from '../helpers/probe/attempt.ts';
import { settle } from '../helpers/probe/settle.ts';
import { recordLook } from '../helpers/report/evidence.ts';

const web = { labels: { app: 'web' } };

function inRange(address: string, range: string): boolean {
  return ipaddr.parse(address).match(ipaddr.parseCIDR(range));
}

claim('stable-virtual-ip', ({ namespace, fact }) => {
  let address: string;

  beforeAll(async () => {
    address = (await createService(kube, namespace, webService())).spec?.clusterIP ?? '';
    await createPods(kube, namespace, server('first', web));
  });

  fact('from-service-range', "the address is from the cluster's Service range", () => {
    recordLook('the ClusterIP and the Service range', { address, range: cluster.serviceRange });
    expect(inRange(address, cluster.serviceRange)).toBe(true);
    // Control: the node's own address is not.
    expect(inRange(cluster.nodeAddress, cluster.serviceRange)).toBe(false);
    return Promise.resolve();
  });

  fact('outlives-its-pods', 'it answers from one Pod, and from the next one once the first is replaced', async () => {
    const answered = (pod: string) =>
      settle(async () => http(await client(), `http://${address}:8080/hostname`), {
        waitingFor: `an answer from the ${pod} Pod`,
        accept: ({ ending, said }) => ending === 'answered' && said === pod,
      });
    await answered('first');
    await deletePods(kube, namespace, ['first']);
    await createPods(kube, namespace, server('second', web));
    await answered('second');
    const service = await kube.core.readNamespacedService({ namespace, name: 'web' });
    expect(service.spec?.clusterIP).toBe(address);
  });
});

claim('example-range', ({ namespace, fact }) => {
  fact('in-10-43', 'a Service gets an address from 10.43.0.0/16', async () => {
    const address = (await createService(kube, namespace, webService())).spec?.clusterIP ?? '';
    recordLook('the ClusterIP', address);
    expect(inRange(address, '10.43.0.0/16')).toBe(true);
  });
});

claim('virtual-address', ({ namespace, fact }) => {
  let address: string;

  beforeAll(async () => {
    address = (await createService(kube, namespace, webService())).spec?.clusterIP ?? '';
    await createPods(kube, namespace, server('web', web));
  });

  fact('no-interface-holds-it', "no interface of the node holds the address, while one holds the node's own", async () => {
    const { output } = await (await node()).run('ip -4 -o addr');
    const held = [...output.matchAll(/inet ([0-9.]+)/g)].map(([, found]) => found);
    recordLook('addresses that interfaces of the node hold', held);
    expect(held).toContain(cluster.nodeAddress);
    expect(held).not.toContain(address);
  });

  fact('answers-all-the-same', 'and yet it answers', async () => {
    await settle(async () => http(await node(), `http://${address}:8080/hostname`), {
      waitingFor: 'an answer',
      accept: ({ ending }) => ending === 'answered',
    });
  });
});

claim('never-changes', ({ namespace, fact }) => {
  let address: string;
  const addressNow = async () => (await kube.core.readNamespacedService({ namespace, name: 'web' })).spec?.clusterIP;
  const answers = (port = 8080) =>
    settle(async () => http(await client(), `http://${address}:${port}/hostname`), {
      waitingFor: 'an answer',
      accept: ({ ending }) => ending === 'answered',
    });

  beforeAll(async () => {
    address = (await createService(kube, namespace, webService())).spec?.clusterIP ?? '';
    const { metadata, spec } = server('web', web);
    await kube.apps.createNamespacedDeployment({
      namespace,
      body: {
        metadata: { name: 'web' },
        spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template: { metadata, spec } as never },
      },
    });
  });

  const scale = (replicas: number) =>
    kube.apps.replaceNamespacedDeploymentScale({
      namespace,
      name: 'web',
      body: { metadata: { name: 'web', namespace }, spec: { replicas } },
    });

  fact('kept-when-scaled', 'it stays when the Pods are scaled to none, and answers again when they come back', async () => {
    await answers();
    await scale(0);
    await settle(async () => http(await client(), `http://${address}:8080/hostname`), {
      waitingFor: 'no more answers',
      accept: ({ ending }) => ending !== 'answered' && ending !== 'broken',
    });
    expect(await addressNow()).toBe(address);
    await scale(1);
    await answers();
    expect(await addressNow()).toBe(address);
  });

  fact('kept-when-edited', 'it stays when selector, port and labels are edited', async () => {
    await patchService(kube, namespace, 'web', { spec: { selector: { app: 'other' } } });
    expect(await addressNow()).toBe(address);
    await patchService(kube, namespace, 'web', {
      metadata: { labels: { edited: 'yes' } },
      spec: { selector: { app: 'web' }, ports: [{ port: 9090, targetPort: 80 }] },
    });
    await answers(9090);
    expect(await addressNow()).toBe(address);
  });

  fact('another-is-refused', 'the API server refuses to set another, and accepts the same', async () => {
    const other = address.replace(/\d+$/, (last) => String(last === '77' ? 78 : 77));
    const refused = await patchService(kube, namespace, 'web', { spec: { clusterIP: other, clusterIPs: [other] } }).then(
      () => undefined,
      refusal,
    );
    recordLook('the answer to another address', refused);
    expect(refused?.code).toBe(422);
    expect(refused?.message).toContain('may not change once set');
    await patchService(kube, namespace, 'web', { spec: { clusterIP: address, clusterIPs: [address] } });
    expect(await addressNow()).toBe(address);
  });

  fact('released-by-external-name', 'only becoming an ExternalName Service gives it up', async () => {
    await patchService(kube, namespace, 'web', { spec: { type: 'ExternalName', externalName: 'example.invalid' } });
    expect((await addressNow()) ?? '').toBe('');
  });

  fact(
    'not-promised-to-a-new-life',
    'a Service deleted and created again has no right to the address that another has taken meanwhile',
    async () => {
      const service = webService();
      await createService(kube, namespace, { ...service, metadata: { name: 'first-life' }, spec: { ...service.spec } });
      const before = (await kube.core.readNamespacedService({ namespace, name: 'first-life' })).spec?.clusterIP ?? '';
      await kube.core.deleteNamespacedService({ namespace, name: 'first-life' });
      // A claims worker beside this one may draw the address too; either way someone else has it.
      const taken = await createService(kube, namespace, {
        ...service,
        metadata: { name: 'usurper' },
        spec: { ...service.spec, clusterIP: before },
      });
      expect(taken.spec?.clusterIP).toBe(before);
      const again = await createService(kube, namespace, { ...service, metadata: { name: 'first-life' }, spec: { ...service.spec } });
      recordLook('the address before and after', { before, after: again.spec?.clusterIP });
      expect(again.spec?.clusterIP).not.toBe(before);
      const claimed = await createService(kube, namespace, {
        ...service,
        metadata: { name: 'third' },
        spec: { ...service.spec, clusterIP: before },
      }).then(() => undefined, refusal);
      expect(claimed?.message).toContain('provided IP is already allocated');
    },
  );
});

claim('limited-by-range', ({ namespace, fact }) => {
  fact('takes-an-address', "each Service takes an address of its own from the cluster's ServiceCIDR", async () => {
    const { items } = await kube.networking.listServiceCIDR();
    const ranges = items.flatMap(({ spec }) => spec?.cidrs ?? []);
    const one = (await createService(kube, namespace, webService())).spec?.clusterIP ?? '';
    const two = (await createService(kube, namespace, { ...webService(), metadata: { name: 'other' } })).spec?.clusterIP ?? '';
    recordLook('ServiceCIDRs and two ClusterIPs', { ranges, one, two });
    expect(ranges.some((range) => inRange(one, range))).toBe(true);
    expect(two).not.toBe(one);
    // The cluster keeps the account itself: an IPAddress object for each.
    const { parentRef } = (await kube.networking.readIPAddress({ name: one })).spec;
    expect(parentRef).toMatchObject({ namespace, name: 'web' });
  });

  fact('others-take-none', 'headless and ExternalName Services take none', async () => {
    const headless = await createService(kube, namespace, {
      metadata: { name: 'headless' },
      spec: { ...webService().spec, clusterIP: 'None' },
    });
    const external = await createService(kube, namespace, {
      metadata: { name: 'external' },
      spec: { type: 'ExternalName', externalName: 'example.invalid' },
    });
    expect(headless.spec?.clusterIP).toBe('None');
    expect(external.spec?.clusterIP ?? '').toBe('');
    const { items } = await kube.networking.listIPAddress();
    const holders = items.filter(({ spec }) => spec.parentRef.namespace === namespace).map(({ spec }) => spec.parentRef.name);
    recordLook('Services of the namespace that hold an address', holders);
    expect(holders.sort()).toEqual(['other', 'web']);
  });
});

claim('default-range-size', ({ fact }) => {
  fact('slash-16', 'the ServiceCIDR is 10.43.0.0/16: 65,534 addresses', async () => {
    const { spec } = await kube.networking.readServiceCIDR({ name: 'kubernetes' });
    recordLook('the ServiceCIDR', spec?.cidrs);
    expect(spec?.cidrs).toContain('10.43.0.0/16');
  });
});
