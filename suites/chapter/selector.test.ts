import { expect } from '@jest/globals';
import type { CreatedService } from '../../helpers/testbed/namespace.ts';
import { claim, client, series, server, settle, webService } from '../../helpers/testbed/testbed.ts';

const labels = { app: 'web' };

/** Returns the names of the Pods that answer a URL. With at most three Pods, 40 connections miss one less than once in 3 million. */
async function answering(url: string): Promise<string[]> {
  return [...new Set(await series(await client(), url, 40))].sort();
}

claim('all-pods-with-label', ({ ns, elsewhere, setup, check }) => {
  let web: CreatedService;
  const onlyTheseAnswer = (pods: string[]) =>
    settle(
      async () => {
        const { endpoints } = await ns.endpoints('web');
        return { ready: endpoints.filter(({ ready }) => ready).map(({ pod }) => pod ?? ''), answers: await answering(web.url(8080)) };
      },
      {
        waitingFor: `answers from ${pods.join(' and ')} alone`,
        accept: ({ ready, answers }) => ready.join() === pods.join() && answers.join() === pods.join(),
        inARow: 2,
      },
    );

  setup(async () => {
    web = await ns.service(webService());
    await elsewhere.create();
    await ns.startPods(server('late', { labels, readyByFile: true }));
    await Promise.all([ns.pods(server('one', { labels }), server('two', { labels })), elsewhere.pods(server('elsewhere', { labels }))]);
  });

  check('only-ready-pods-answer', 'the two ready Pods with the label answer, a third that is not ready does not', async () => {
    await onlyTheseAnswer(['one', 'two']);
  });

  check('readiness-won', 'the third Pod answers too once it is ready', async () => {
    await (await ns.shell('late')).run('touch /tmp/ready');
    await ns.podsReady('late');
    await onlyTheseAnswer(['late', 'one', 'two']);
  });

  check('readiness-lost', 'the third Pod does not answer once it is no longer ready', async () => {
    await (await ns.shell('late')).run('rm /tmp/ready');
    await onlyTheseAnswer(['one', 'two']);
  });

  check(
    'other-namespace-never',
    'a ready Pod with the label in another namespace answers its own Service there, and never this one',
    async () => {
      const there = await elsewhere.service(webService());
      await settle(() => answering(there.url(8080)), {
        waitingFor: 'answers from elsewhere',
        accept: (answers) => answers.join() === 'elsewhere',
        inARow: 2,
      });
      expect(await answering(web.url(8080))).toEqual(['one', 'two']);
    },
  );
});

claim('selector-links', ({ ns, setup, check }) => {
  let web: CreatedService;
  const onlyTheseAnswer = (pods: string[]) =>
    settle(() => answering(web.url(8080)), {
      waitingFor: `answers from ${pods.join(' and ')} alone`,
      accept: (answers) => answers.join() === pods.join(),
      inARow: 2,
    });

  setup(async () => {
    web = await ns.service(webService());
    await ns.pods(server('always', { labels }), server('sometimes', { labels: { app: 'other' } }));
  });

  check('label-added', 'a Pod answers once it carries the label', async () => {
    await onlyTheseAnswer(['always']);
    await ns.label('sometimes', { app: 'web' });
    await onlyTheseAnswer(['always', 'sometimes']);
  });

  check('label-removed', 'the Pod does not answer once the label is removed, though it still runs', async () => {
    await ns.label('sometimes', { app: null });
    await onlyTheseAnswer(['always']);
    expect((await ns.podsReady('sometimes')).map(({ metadata }) => metadata?.name)).toEqual(['sometimes']);
  });
});
