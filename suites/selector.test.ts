import { beforeAll, expect } from '@jest/globals';
import { claim, client, cluster, kube, shellIn } from '../helpers/claims/claim.ts';
import { createNamespace, createPods, createService, endpointsOf, labelPod, podsReady, startPods } from '../helpers/kube/objects.ts';
import { server, webService } from '../helpers/kube/workloads.ts';
import { series } from '../helpers/probe/attempt.ts';
import { settle } from '../helpers/probe/settle.ts';

const web = { labels: { app: 'web' } };

/** The Pods behind an address, as its answers name them. Of three Pods at most, 40 connections miss one less than once in 3 million. */
async function answering(address: string): Promise<string[]> {
  return [...new Set(await series(await client(), `http://${address}:8080/hostname`, 40))].sort();
}

claim('all-pods-with-label', ({ namespace, elsewhere, fact }) => {
  let address: string;
  const settles = (pods: string[]) =>
    settle(
      async () => {
        const { endpoints } = await endpointsOf(kube, namespace, 'web');
        return { ready: endpoints.filter(({ ready }) => ready).map(({ pod }) => pod ?? ''), answers: await answering(address) };
      },
      {
        waitingFor: `answers from ${pods.join(' and ')} alone`,
        accept: ({ ready, answers }) => ready.join() === pods.join() && String(answers) === pods.join(),
        inARow: 2,
      },
    );

  beforeAll(async () => {
    address = (await createService(kube, namespace, webService())).spec?.clusterIP ?? '';
    await createNamespace(kube, elsewhere, cluster);
    await startPods(kube, namespace, server('late', { ...web, readyByFile: true }));
    await Promise.all([
      createPods(kube, namespace, server('one', web), server('two', web)),
      createPods(kube, elsewhere, server('elsewhere', web)),
    ]);
  });

  fact('only-ready-pods-answer', 'the two ready Pods with the label answer, a third that is not ready does not', async () => {
    await settles(['one', 'two']);
  });

  fact('readiness-won', 'the third joins when it becomes ready', async () => {
    await (await shellIn(namespace, 'late')).run('touch /tmp/ready');
    await podsReady(kube, namespace, ['late']);
    await settles(['late', 'one', 'two']);
  });

  fact('readiness-lost', 'and leaves when it no longer is', async () => {
    await (await shellIn(namespace, 'late')).run('rm /tmp/ready');
    await settles(['one', 'two']);
  });

  fact(
    'other-namespace-never',
    'a ready Pod with the label in another namespace answers its own Service there, and never this one',
    async () => {
      const there = (await createService(kube, elsewhere, webService())).spec?.clusterIP ?? '';
      await settle(() => answering(there), {
        waitingFor: 'answers from elsewhere',
        accept: (answers) => String(answers) === 'elsewhere',
        inARow: 2,
      });
      expect(await answering(address)).toEqual(['one', 'two']);
    },
  );
});

claim('selector-links', ({ namespace, fact }) => {
  let address: string;
  const settles = (pods: string[]) =>
    settle(() => answering(address), {
      waitingFor: `answers from ${pods.join(' and ')} alone`,
      accept: (answers) => String(answers) === pods.join(),
      inARow: 2,
    });

  beforeAll(async () => {
    address = (await createService(kube, namespace, webService())).spec?.clusterIP ?? '';
    await createPods(kube, namespace, server('always', web), server('sometimes', { labels: { app: 'other' } }));
  });

  fact('label-added', 'a Pod answers from the moment it carries the label', async () => {
    await settles(['always']);
    await labelPod(kube, namespace, 'sometimes', { app: 'web' });
    await settles(['always', 'sometimes']);
  });

  fact('label-removed', 'and no longer once the label is taken away, though the Pod runs on', async () => {
    await labelPod(kube, namespace, 'sometimes', { app: null });
    await settles(['always']);
    expect((await podsReady(kube, namespace, ['sometimes'])).map(({ metadata }) => metadata?.name)).toEqual(['sometimes']);
  });
});
