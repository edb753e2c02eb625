import { expect } from '@jest/globals';
import {
  claim,
  client,
  cluster,
  expectEnding,
  inUrl,
  kube,
  node,
  recordObservation,
  responseTo,
  server,
  settle,
  webService,
} from '../../helpers/testbed/testbed.ts';

claim('default-type', ({ ns, check }) => {
  check('type-is-cluster-ip', 'a Service that names no type becomes one of type ClusterIP', async () => {
    const service = webService();
    expect(service.spec).not.toHaveProperty('type');
    const { spec } = (await ns.service(service)).object;
    recordObservation('type, ClusterIP and ports', { type: spec?.type, clusterIP: spec?.clusterIP, ports: spec?.ports });
    expect(spec?.type).toBe('ClusterIP');
    expect(spec?.ports?.[0]?.nodePort).toBeUndefined();
  });

  check('asked-type-is-kept', 'a Service that names NodePort becomes one of type NodePort', async () => {
    const { spec } = (await ns.service(webService({ type: 'NodePort' }, { name: 'asked' }))).object;
    recordObservation('type and ports', { type: spec?.type, ports: spec?.ports });
    expect(spec?.type).toBe('NodePort');
    expect(spec?.ports?.[0]?.nodePort).toBeGreaterThan(0);
  });
});

claim('node-port', ({ ns, setup, check }) => {
  let nodePort: number;

  setup(async () => {
    const { object } = await ns.service(webService({ type: 'NodePort' }));
    nodePort = object.spec?.ports?.[0]?.nodePort ?? 0;
    await ns.pods(server('web', { labels: { app: 'web' } }));
  });

  check('allocated-in-range', 'the port that the Service gets is from 30000 to 32767', () => {
    recordObservation('the allocated NodePort', nodePort);
    expect(nodePort).toBeGreaterThanOrEqual(30_000);
    expect(nodePort).toBeLessThanOrEqual(32_767);
    return Promise.resolve();
  });

  check('outside-the-range-is-refused', 'the API server rejects 29999 and 32768, and names the range', async () => {
    for (const wrong of [29_999, 32_768]) {
      const service = webService({ type: 'NodePort', ports: [{ port: 8080, targetPort: 80, nodePort: wrong }] }, { name: 'wrong' });
      const { code, message } = await responseTo(`nodePort ${wrong}`, ns.serviceObject(service));
      expect(code).toBe(422);
      expect(message).toContain('The range of valid ports is 30000-32767');
    }
  });

  check(
    'answers-on-the-node',
    "it answers at the node's address, from a Pod and from the node, where the NodePort of a Service without Pods refuses",
    async () => {
      await expectEnding(client(), `http://${inUrl(cluster.nodeAddress)}:${nodePort}/hostname`, 'answered', { by: 'web' });
      await expectEnding(node(), `http://${inUrl(cluster.nodeAddress)}:${nodePort}/hostname`, 'answered', { by: 'web' });
      const { object } = await ns.service(webService({ type: 'NodePort', selector: { app: 'nobody' } }, { name: 'empty' }));
      await expectEnding(client(), `http://${inUrl(cluster.nodeAddress)}:${object.spec?.ports?.[0]?.nodePort}/hostname`, 'refused');
    },
  );
});

claim('load-balancer', ({ ns, setup, check }) => {
  let address: string;
  // Another LoadBalancer Service may hold ports 80 and 443: on one node, each port can be given once.
  const port = 8_461;

  setup(async () => {
    await ns.service(webService({ type: 'LoadBalancer', ports: [{ port, targetPort: 80 }] }));
    await ns.pods(server('web', { labels: { app: 'web' } }));
  });

  check('gets-an-address', 'with nothing installed the Service gets the address of a node, and keeps it', async () => {
    // ServiceLB takes an external address of a node before an internal one.
    const ofNodes = (await kube.core.listNode()).items.flatMap(({ status }) => status?.addresses ?? []).map((it) => it.address);
    const given = await settle(async () => ((await ns.read('web')).status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip ?? ''), {
      waitingFor: `an address of a node (${ofNodes.join(', ')})`,
      accept: (addresses) => addresses.length > 0 && addresses.every((it) => ofNodes.includes(it)),
      // The address is there while the Pods of ServiceLB are ready: for a moment also where they crash one after the other.
      forMs: 5_000,
    });
    address = given[0] ?? '';
  });

  check('answers-there', 'it answers at that address on its port', async () => {
    await expectEnding(client(), `http://${inUrl(address)}:${port}/hostname`, 'answered', { by: 'web' });
  });
});
