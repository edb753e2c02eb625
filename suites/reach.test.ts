import { afterAll, beforeAll, expect } from '@jest/globals';
import { claim, client, cluster, docker, imageOf, kube, node } from '../helpers/claims/claim.ts';
import { execInContainer } from '../helpers/cluster/engine.ts';
import { type Outside, startOutside } from '../helpers/cluster/outside.ts';
import { pinnedImages } from '../helpers/cluster/settings.ts';
import type { PodShell } from '../helpers/kube/shell.ts';
import { createPods, createService, deletePods, patchService } from '../helpers/kube/objects.ts';
import { server, webService } from '../helpers/kube/workloads.ts';
import { type Attempt, http } from '../helpers/probe/attempt.ts';
import { settle } from '../helpers/probe/settle.ts';
import { recordLook } from '../helpers/report/evidence.ts';
import { timeouts } from '../helpers/timeouts.ts';

const web = { labels: { app: 'web' } };

// Shared by the claims of this file, which tell their stories one after the other and put its routes back.
let outside: Outside;
beforeAll(async () => {
  outside = await startOutside(imageOf(pinnedImages().agnhost));
});
afterAll(() => outside.remove());

function answered(shell: PodShell, url: string): Promise<Attempt> {
  return settle(() => http(shell, url), { waitingFor: `${shell.name} to be answered`, accept: ({ ending }) => ending === 'answered' });
}

// Nobody on the network outside claims the address: the look-up there fails after about 3 s, or the attempt runs out of time.
function notAnswered(shell: PodShell, url: string): Promise<Attempt> {
  return settle(() => http(shell, url, 2 * timeouts.attempt + 1_000), {
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

  fact('not-answered-outside', 'a machine beside the node is not', async () => {
    await notAnswered(outside, url);
  });
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

claim('from-node', ({ namespace, fact }) => {
  let url: string;

  beforeAll(async () => {
    url = `http://${(await createService(kube, namespace, webService())).spec?.clusterIP}:8080/hostname`;
    await createPods(kube, namespace, server('web', web));
  });

  fact('node-is-answered', "a client in the node's network is answered", async () => {
    await answered(await node(), url);
  });

  fact('node-is-refused-without-pods', 'and refused when the Pod is gone, so it was the Service that answered', async () => {
    await deletePods(kube, namespace, ['web']);
    await settle(async () => http(await node(), url), { waitingFor: 'a refusal', accept: ({ ending }) => ending === 'refused' });
  });
});

claim('due-to-kube-proxy', ({ namespace, fact }) => {
  let url: string;
  // kube-proxy leaves a Service with this label to another proxy, of which there is none.
  const label = 'service.kubernetes.io/service-proxy-name';

  beforeAll(async () => {
    const service = await createService(kube, namespace, { ...webService(), metadata: { name: 'web', labels: { [label]: 'nobody' } } });
    url = `http://${service.spec?.clusterIP}:8080/hostname`;
    await createPods(kube, namespace, server('web', web));
  });

  fact('not-answered-when-kube-proxy-ignores-it', 'while kube-proxy is told to ignore the Service, the node gets no answer though a Pod is ready', async () => {
    await settle(async () => http(await node(), url), {
      waitingFor: 'no answer on the node',
      accept: ({ ending }) => ending === 'timed out' || ending === 'refused',
    });
  });

  fact('answered-when-it-does-not', 'without that label the same client is answered, and again not with it', async () => {
    await patchService(kube, namespace, 'web', { metadata: { labels: { [label]: null } } });
    await answered(await node(), url);
    await patchService(kube, namespace, 'web', { metadata: { labels: { [label]: 'nobody' } } });
    await settle(async () => http(await node(), url), {
      waitingFor: 'no answer on the node again',
      accept: ({ ending }) => ending === 'timed out' || ending === 'refused',
    });
  });
});

claim('curl-on-node', ({ namespace, fact }) => {
  let url: string;
  const type = (command: string) => execInContainer(docker, cluster.container, ['sh', '-c', command], { limit: timeouts.command });

  beforeAll(async () => {
    url = `http://${(await createService(kube, namespace, webService())).spec?.clusterIP}:8080/hostname`;
    await createPods(kube, namespace, server('web', web));
  });

  fact('no-curl', 'a shell on the node finds no curl', async () => {
    const result = await type(`curl ${url}`);
    recordLook('curl on the node', result);
    expect(result.exitCode).toBe(127);
  });

  fact('wget-is-answered', 'its wget is answered', async () => {
    await settle(() => type(`wget -q -T 2 -O - ${url}`), { waitingFor: 'an answer to wget', accept: ({ exitCode, output }) => exitCode === 0 && output.trim() === 'web' });
  });
});
