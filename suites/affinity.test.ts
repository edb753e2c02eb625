import { beforeAll, expect } from '@jest/globals';
import { claim, client, kube } from '../helpers/claims/claim.ts';
import { createPods, createService, endpointsOf, patchService } from '../helpers/kube/objects.ts';
import { server, webService } from '../helpers/kube/workloads.ts';
import { idle } from '../helpers/probe/idle.ts';
import { http, series } from '../helpers/probe/attempt.ts';
import { settle } from '../helpers/probe/settle.ts';
import { recordLook } from '../helpers/report/evidence.ts';

claim('client-ip-affinity', ({ namespace, fact }) => {
  let url: string;
  const timeoutSeconds = 2;
  const podsThatAnswer = async () => [...new Set(await series(await client(), url, 40))];

  beforeAll(async () => {
    const service = await createService(kube, namespace, webService({ sessionAffinity: 'ClientIP' }));
    url = `http://${service.spec?.clusterIP}:8080/hostname`;
    await createPods(kube, namespace, ...['one', 'two', 'three'].map((pod) => server(pod, { labels: { app: 'web' } })));
  });

  fact('lasts-three-hours-by-default', 'the API server adds a timeout of 10800 s', async () => {
    const { spec } = await kube.core.readNamespacedService({ namespace, name: 'web' });
    expect(spec?.sessionAffinityConfig?.clientIP?.timeoutSeconds).toBe(10_800);
  });

  // Without affinity one Pod would answer all 40 once in 10^18 times.
  fact('one-pod-answers', '40 connections of one client all reach the same Pod', async () => {
    await settle(async () => (await endpointsOf(kube, namespace, 'web')).endpoints, {
      waitingFor: 'three ready endpoints',
      accept: (endpoints) => endpoints.length === 3 && endpoints.every(({ ready }) => ready),
    });
    await settle(async () => http(await client(), url), { waitingFor: 'an answer', accept: ({ ending }) => ending === 'answered' });
    await settle(podsThatAnswer, { waitingFor: 'one and the same Pod', accept: (pods) => pods.length === 1, inARow: 2 });
  });

  // Each connection winds the clock up again, so it has to stay idle. The next Pod is drawn at random and may be the same:
  // twelve times in a row that happens less than twice in a million runs.
  fact('expires-when-idle', `with a timeout of ${timeoutSeconds} s another Pod may answer after a longer silence`, async () => {
    await patchService(kube, namespace, 'web', { spec: { sessionAffinityConfig: { clientIP: { timeoutSeconds } } } });
    // The new timeout is in the rules when a short silence ends the affinity; before, the old one holds it for hours.
    const [pinned] = await settle(podsThatAnswer, { waitingFor: 'one and the same Pod', accept: (pods) => pods.length === 1, inARow: 1 });
    for (let silence = 1; silence <= 13; silence++) {
      await idle((timeoutSeconds + 1) * 1000, 'affinity ends only when no connection renews it');
      const answer = await http(await client(), url);
      recordLook(`the answer after silence ${silence}`, answer);
      if (answer.said !== pinned) {
        expect(answer.ending).toBe('answered');
        return;
      }
    }
    expect(`always ${pinned}`).toBe('another Pod after one of 13 silences');
  });

  fact('can-be-turned-off', 'with sessionAffinity None again, all three Pods answer', async () => {
    await patchService(kube, namespace, 'web', { spec: { sessionAffinity: 'None', sessionAffinityConfig: null } });
    await settle(podsThatAnswer, { waitingFor: 'answers from three Pods', accept: (pods) => pods.length === 3, inARow: 2 });
  });
});
