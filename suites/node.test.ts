import { beforeAll, expect } from '@jest/globals';
import { claim, kube, node, nodeShell } from '../helpers/claims/claim.ts';
import type { Shell } from '../helpers/kube/shell.ts';
import { createPods, createService, deletePods, patchService } from '../helpers/kube/objects.ts';
import { server, webService } from '../helpers/kube/workloads.ts';
import { type Attempt, http } from '../helpers/probe/attempt.ts';
import { settle } from '../helpers/probe/settle.ts';
import { recordLook } from '../helpers/report/evidence.ts';

const web = { labels: { app: 'web' } };

function answered(shell: Shell, url: string): Promise<Attempt> {
  return settle(() => http(shell, url), { waitingFor: `${shell.name} to be answered`, accept: ({ ending }) => ending === 'answered' });
}

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

  fact(
    'not-answered-when-kube-proxy-ignores-it',
    'while kube-proxy is told to ignore the Service, the node gets no answer though a Pod is ready',
    async () => {
      await settle(async () => http(await node(), url), {
        waitingFor: 'no answer on the node',
        accept: ({ ending }) => ending === 'timed out' || ending === 'refused',
        inARow: 2,
      });
    },
  );

  fact('answered-when-it-does-not', 'without that label the same client is answered, and again not with it', async () => {
    await patchService(kube, namespace, 'web', { metadata: { labels: { [label]: null } } });
    await answered(await node(), url);
    await patchService(kube, namespace, 'web', { metadata: { labels: { [label]: 'nobody' } } });
    await settle(async () => http(await node(), url), {
      waitingFor: 'no answer on the node again',
      accept: ({ ending }) => ending === 'timed out' || ending === 'refused',
      inARow: 2,
    });
  });
});

claim('curl-on-node', ({ namespace, fact }) => {
  let url: string;
  const type = async (command: string) => (await nodeShell()).run(`${command} 2>&1`);

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
    await settle(() => type(`wget -q -T 2 -O - ${url}`), {
      waitingFor: 'an answer to wget',
      accept: ({ exitCode, output }) => exitCode === 0 && output.trim() === 'web',
    });
  });
});
