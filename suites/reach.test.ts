import { beforeAll } from '@jest/globals';
import { claim, client, cluster, imageOf, kube } from '../helpers/claims/claim.ts';
import { type Outside, startOutside } from '../helpers/cluster/outside.ts';
import { pinnedImages } from '../helpers/cluster/settings.ts';
import type { Shell } from '../helpers/kube/shell.ts';
import { createPods, createService } from '../helpers/kube/objects.ts';
import { server, webService } from '../helpers/kube/workloads.ts';
import { type Attempt, http } from '../helpers/probe/attempt.ts';
import { settle } from '../helpers/probe/settle.ts';
import { timeouts } from '../helpers/timeouts.ts';

const web = { labels: { app: 'web' } };

// Shared by the claims of this file, which tell their stories one after the other and put its routes back.
let outside: Outside;
beforeAll(async () => {
  outside = await startOutside(imageOf(pinnedImages().agnhost));
});

function answered(shell: Shell, url: string): Promise<Attempt> {
  return settle(() => http(shell, url), { waitingFor: `${shell.name} to be answered`, accept: ({ ending }) => ending === 'answered' });
}

// Nobody on the network outside claims the address: the look-up there fails after about 1 s, or the attempt runs out of time.
function notAnswered(shell: Shell, url: string): Promise<Attempt> {
  return settle(() => http(shell, url, 2 * timeouts.attempt), {
    waitingFor: `${shell.name} to get no answer`,
    accept: ({ ending }) => ending === 'unreachable' || ending === 'timed out',
    inARow: 2,
  });
}

async function withRoute(show: () => Promise<void>): Promise<void> {
  await outside.addRoute(cluster.serviceRange, cluster.nodeAddress);
  try {
    await show();
  } finally {
    await outside.deleteRoute(cluster.serviceRange);
  }
}

claim('only-inside', ({ namespace, fact }) => {
  let url: string;
  let nodePort: number | undefined;

  beforeAll(async () => {
    const { spec } = await createService(kube, namespace, webService({ type: 'NodePort' }));
    url = `http://${spec?.clusterIP}:8080/hostname`;
    nodePort = spec?.ports?.[0]?.nodePort;
    await createPods(kube, namespace, server('web', web));
  });

  fact('node-port-answers-outside', 'a machine outside reaches the Pod by the NodePort of the Service', async () => {
    await answered(outside, `http://${cluster.nodeAddress}:${nodePort}/hostname`);
  });

  fact('not-answered-outside', 'the same machine gets no answer from the ClusterIP of the same Service', async () => {
    await answered(await client(), url);
    await notAnswered(outside, url);
  });

  fact('answered-with-a-route', 'the same machine is answered once it routes the Service range via the node', async () => {
    await withRoute(async () => {
      await answered(outside, url);
    });
  });
});

claim('not-from-outside', ({ namespace, fact }) => {
  let url: string;

  beforeAll(async () => {
    url = `http://${(await createService(kube, namespace, webService())).spec?.clusterIP}:8080/hostname`;
    await createPods(kube, namespace, server('web', web));
  });

  fact('answered-inside', 'a Pod in another namespace is answered', async () => {
    await answered(await client(), url);
  });

  fact(
    'not-answered-outside',
    'a machine beside the node is not, though it is while it routes the Service range via the node',
    async () => {
      await withRoute(async () => {
        await answered(outside, url);
      });
      await notAnswered(outside, url);
    },
  );
});

claim('inside-only-type', ({ namespace, fact }) => {
  let url: string;

  beforeAll(async () => {
    const { spec } = await createService(kube, namespace, webService({ type: 'ClusterIP' }));
    url = `http://${spec?.clusterIP}:8080/hostname`;
    await createPods(kube, namespace, server('web', web));
  });

  fact('pod-is-answered', 'a Pod is answered by a Service of type ClusterIP', async () => {
    await answered(await client(), url);
  });

  fact('outside-is-answered-by-a-route', 'so is a machine outside, as long as it routes the range via the node', async () => {
    await withRoute(async () => {
      await answered(outside, url);
    });
  });

  fact('outside-is-not-without', 'without that route it is not', async () => {
    await notAnswered(outside, url);
  });
});
