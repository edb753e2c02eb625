import { beforeAll, expect } from '@jest/globals';
import { claim, client, kube } from '../helpers/claims/claim.ts';
import { applyLab, type Lab } from '../helpers/kube/lab.ts';
import { podsReady } from '../helpers/kube/objects.ts';
import { http } from '../helpers/probe/attempt.ts';
import { settle } from '../helpers/probe/settle.ts';
import { timeouts } from '../helpers/timeouts.ts';

// Option A of the lab's third step; apart from the other steps because its Pod takes its time to go.

claim('debug-pod', ({ namespace, fact }) => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await applyLab(namespace);
    await podsReady(kube, namespace, ['nnappone']);
  });

  fact('answers', 'a shell in the debug Pod is answered by the Service', async () => {
    const { spec } = await kube.core.readNamespacedService({ namespace, name: 'nnappone-service' });
    await settle(async () => http(await client(), `http://${spec?.clusterIP}:8080/`), {
      waitingFor: 'an answer',
      accept: ({ ending }) => ending === 'answered',
    });
    const { output } = await lab.type(
      'kubectl run debug --image=curlimages/curl -it --rm -- sh',
      'curl -s -o /dev/null -w "%{http_code} from %{remote_ip}\\n" http://nnappone-service:8080\nexit\n',
    );
    expect(output).toContain(`200 from ${spec?.clusterIP}`);
  });

  // The shell is started anew when it ends, until the deletion arrives, and an idle shell sits out its 30 s of grace.
  fact('gone-afterwards', 'when the shell ends, the debug Pod is gone and the Pod of the lab is not', async () => {
    await settle(async () => (await kube.core.listNamespacedPod({ namespace })).items.map(({ metadata }) => metadata?.name), {
      waitingFor: 'only the Pod of the lab to be left',
      accept: (names) => names.join() === 'nnappone',
      within: timeouts.podsReady,
    });
  });
});

claim('welcome-page', ({ namespace, fact }) => {
  beforeAll(async () => {
    await applyLab(namespace);
    await podsReady(kube, namespace, ['nnappone']);
  });

  fact('welcome-to-nginx', 'the page says "Welcome to nginx!" and nothing of Network Nuts', async () => {
    const { spec } = await kube.core.readNamespacedService({ namespace, name: 'nnappone-service' });
    const { said } = await settle(async () => http(await client(), `http://${spec?.clusterIP}:8080/`), {
      waitingFor: 'an answer',
      accept: ({ ending }) => ending === 'answered',
    });
    expect(said).toContain('Welcome to nginx!');
    expect(said).not.toContain('Network Nuts');
  });
});
