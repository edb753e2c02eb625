import { beforeAll, expect } from '@jest/globals';
import { claim, client, kube } from '../helpers/claims/claim.ts';
import { endpointsOf, podsReady } from '../helpers/kube/objects.ts';
import { applyLab, type Lab } from '../helpers/kube/lab.ts';
import { http, resolve } from '../helpers/probe/attempt.ts';
import { settle } from '../helpers/probe/settle.ts';

// The last step of the lab. In a file of its own because it waits for DNS to forget, which the other steps need not wait for.

claim('clean-up', ({ namespace, fact }) => {
  let lab: Lab;
  let address: string;
  const name = `nnappone-service.${namespace}.svc.cluster.local`;

  beforeAll(async () => {
    lab = await applyLab(namespace);
    await podsReady(kube, namespace, ['nnappone']);
    address = (await kube.core.readNamespacedService({ namespace, name: 'nnappone-service' })).spec?.clusterIP ?? '';
  });

  fact('answered-before', 'before, the name resolves and the address answers', async () => {
    await settle(() => client().then((shell) => resolve(shell, name)), {
      waitingFor: address,
      accept: ({ addresses }) => addresses.join() === address,
    });
    await settle(async () => http(await client(), `http://${address}:8080/`), {
      waitingFor: 'an answer',
      accept: ({ ending }) => ending === 'answered',
    });
  });

  fact(
    'nothing-left',
    'afterwards there is no Pod and no EndpointSlice, the name does not resolve, and the address does not answer',
    async () => {
      expect((await lab.type('kubectl delete pod nnappone')).output).toContain('pod "nnappone" deleted');
      expect((await lab.type('kubectl delete svc nnappone-service')).output).toContain('service "nnappone-service" deleted');
      await settle(
        async () =>
          [
            ...(await endpointsOf(kube, namespace, 'nnappone-service')).slices,
            ...(await kube.core.listNamespacedPod({ namespace })).items,
          ].map(({ metadata }) => metadata?.name),
        {
          waitingFor: 'nothing to be left',
          accept: (left) => left.length === 0,
        },
      );
      // CoreDNS may answer from memory for some seconds more.
      await settle(() => client().then((shell) => resolve(shell, name)), {
        waitingFor: 'the name to be gone',
        accept: ({ addresses }) => addresses.length === 0,
      });
      await settle(async () => http(await client(), `http://${address}:8080/`), {
        waitingFor: 'no answer',
        accept: ({ ending }) => ending === 'timed out' || ending === 'refused',
      });
    },
  );
});
