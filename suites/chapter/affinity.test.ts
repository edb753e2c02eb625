import { expect } from '@jest/globals';
import type { CreatedService } from '../../helpers/testbed/namespace.ts';
import {
  claim,
  client,
  expectEnding,
  http,
  idle,
  recordObservation,
  series,
  server,
  settle,
  webService,
} from '../../helpers/testbed/testbed.ts';

const labels = { app: 'web' };

claim('client-ip-affinity', ({ ns, setup, check }) => {
  let web: CreatedService;
  const timeoutSeconds = 2;
  const names = ['one', 'two', 'three'];
  // Something else may answer in their place, such as a proxy.
  const isOwn = (response: string) => names.includes(response);
  const podsThatAnswer = async () => [...new Set(await series(await client(), web.url(8080), 40))];

  setup(async () => {
    web = await ns.service(webService({ sessionAffinity: 'ClientIP' }));
    await ns.pods(...names.map((name) => server(name, { labels })));
  });

  check('lasts-three-hours-by-default', 'the API server adds a timeout of 10800 s', async () => {
    const { spec } = await ns.read('web');
    recordObservation('the configuration that the API server added', spec?.sessionAffinityConfig);
    expect(spec?.sessionAffinityConfig?.clientIP?.timeoutSeconds).toBe(10_800);
  });

  // Without affinity one Pod would answer all 40 once in 10^18 times.
  check('one-pod-answers', '40 connections of one client all reach the same Pod', async () => {
    await settle(async () => (await ns.endpoints('web')).endpoints, {
      waitingFor: 'three ready endpoints',
      accept: (endpoints) => endpoints.length === 3 && endpoints.every(({ ready }) => ready),
    });
    await expectEnding(client(), web.url(8080), 'answered');
    await settle(podsThatAnswer, {
      waitingFor: 'one and the same Pod',
      accept: (pods) => pods.length === 1 && pods.every(isOwn),
      inARow: 2,
    });
  });

  // Each connection starts the timeout again, so the client must stay silent. Afterwards a Pod is drawn at random and may be the same:
  // twelve times in a row that happens less than twice in a million runs.
  check('expires-when-idle', `with a timeout of ${timeoutSeconds} s another Pod may answer after a longer silence`, async () => {
    await ns.patch('web', { spec: { sessionAffinityConfig: { clientIP: { timeoutSeconds } } } });
    // Until kube-proxy has programmed the new timeout, the old one keeps the client on the same Pod. The first silence may be too early.
    const [pinned] = await settle(podsThatAnswer, {
      waitingFor: 'one and the same Pod',
      accept: (pods) => pods.length === 1 && pods.every(isOwn),
      inARow: 1,
    });
    for (let silence = 1; silence <= 13; silence++) {
      await idle((timeoutSeconds + 1) * 1000, 'affinity ends only when no connection renews it');
      const attempt = await http(await client(), web.url(8080));
      recordObservation(`the attempt after silence ${silence}`, attempt);
      if (attempt.response !== pinned) {
        expect(attempt.ending).toBe('answered');
        expect(isOwn(attempt.response)).toBe(true);
        return;
      }
    }
    expect(`always ${pinned}`).toBe('another Pod after one of 13 silences');
  });

  check('can-be-turned-off', 'with sessionAffinity None again, all three Pods answer', async () => {
    await ns.patch('web', { spec: { sessionAffinity: 'None', sessionAffinityConfig: null } });
    await settle(podsThatAnswer, {
      waitingFor: 'answers from three Pods',
      accept: (pods) => pods.length === 3 && pods.every(isOwn),
      inARow: 2,
    });
  });
});
