import { beforeAll, expect } from '@jest/globals';
import { claim, client, cluster, kube, node } from '../helpers/claims/claim.ts';
import { refusal } from '../helpers/kube/refusal.ts';
import { createPods, createService } from '../helpers/kube/objects.ts';
import { server, webService } from '../helpers/kube/workloads.ts';
import { http } from '../helpers/probe/attempt.ts';
import { settle } from '../helpers/probe/settle.ts';
import { recordLook } from '../helpers/report/evidence.ts';

const web = { labels: { app: 'web' } };

claim('default-type', ({ namespace, fact }) => {
  fact('type-is-cluster-ip', 'a Service that names no type becomes one of type ClusterIP', async () => {
    const service = webService();
    expect(service.spec).not.toHaveProperty('type');
    const { spec } = await createService(kube, namespace, service);
    recordLook('type and ClusterIP', { type: spec?.type, clusterIP: spec?.clusterIP });
    expect(spec?.type).toBe('ClusterIP');
    expect(spec?.ports?.[0]?.nodePort).toBeUndefined();
  });

  fact('asked-type-is-kept', 'one that names NodePort stays a NodePort', async () => {
    const { spec } = await createService(kube, namespace, { ...webService({ type: 'NodePort' }), metadata: { name: 'asked' } });
    expect(spec?.type).toBe('NodePort');
    expect(spec?.ports?.[0]?.nodePort).toBeGreaterThan(0);
  });
});

claim('node-port', ({ namespace, fact }) => {
  let nodePort: number;

  beforeAll(async () => {
    const { spec } = await createService(kube, namespace, webService({ type: 'NodePort' }));
    nodePort = spec?.ports?.[0]?.nodePort ?? 0;
    await createPods(kube, namespace, server('web', web));
  });

  fact('allocated-in-range', 'the port that the Service gets is from 30000 to 32767', () => {
    recordLook('the allocated NodePort', nodePort);
    expect(nodePort).toBeGreaterThanOrEqual(30_000);
    expect(nodePort).toBeLessThanOrEqual(32_767);
    return Promise.resolve();
  });

  fact('outside-the-range-is-refused', 'the API server refuses 29999 and 32768, and names the range', async () => {
    for (const wrong of [29_999, 32_768]) {
      const service = {
        ...webService({ type: 'NodePort', ports: [{ port: 8080, targetPort: 80, nodePort: wrong }] }),
        metadata: { name: 'wrong' },
      };
      const refused = await createService(kube, namespace, service).then(() => undefined, refusal);
      recordLook(`the answer to nodePort ${wrong}`, refused);
      expect(refused?.code).toBe(422);
      expect(refused?.message).toContain('The range of valid ports is 30000-32767');
    }
  });

  fact(
    'answers-on-the-node',
    "it answers at the node's address, from a Pod and from the node, where the port beside it does not",
    async () => {
      for (const shell of [await client(), await node()]) {
        await settle(() => http(shell, `http://${cluster.nodeAddress}:${nodePort}/hostname`), {
          waitingFor: 'an answer',
          accept: ({ ending, said }) => ending === 'answered' && said === 'web',
        });
      }
      const { spec } = await createService(kube, namespace, {
        ...webService({ type: 'NodePort', selector: { app: 'nobody' } }),
        metadata: { name: 'empty' },
      });
      await settle(async () => http(await client(), `http://${cluster.nodeAddress}:${spec?.ports?.[0]?.nodePort}/hostname`), {
        waitingFor: 'a refusal by the NodePort of a Service without Pods',
        accept: ({ ending }) => ending === 'refused',
      });
    },
  );
});

claim('load-balancer', ({ namespace, fact }) => {
  // Ports 80 and 443 may be taken by another LoadBalancer Service; on one node each port can be given once.
  const port = 8_461;

  beforeAll(async () => {
    await createService(kube, namespace, webService({ type: 'LoadBalancer', ports: [{ port, targetPort: 80 }] }));
    await createPods(kube, namespace, server('web', web));
  });

  const addresses = async () =>
    (await kube.core.readNamespacedService({ namespace, name: 'web' })).status?.loadBalancer?.ingress?.map(({ ip }) => ip ?? '') ?? [];

  fact('gets-an-address', "with nothing installed the Service gets the node's address", async () => {
    await settle(addresses, { waitingFor: 'an address from ServiceLB', accept: (given) => given.includes(cluster.nodeAddress) });
  });

  fact('answers-there', 'and answers there on its port', async () => {
    await settle(async () => http(await client(), `http://${cluster.nodeAddress}:${port}/hostname`), {
      waitingFor: 'an answer',
      accept: ({ ending, said }) => ending === 'answered' && said === 'web',
    });
  });
});
