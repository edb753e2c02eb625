import { expect } from '@jest/globals';
import type { Lab } from '../../helpers/testbed/lab.ts';
import { applyLab, claim, client, expectEnding, inUrl, settle, timeouts } from '../../helpers/testbed/testbed.ts';

// Option A of the lab's third step. It has a file of its own because its Pod takes up to 30 s to stop.

claim('debug-pod', ({ ns, setup, check }) => {
  let lab: Lab;

  setup(async () => {
    lab = await applyLab(ns.name);
    await ns.podsReady('nnappone');
  });

  check('answers', 'a shell in the debug Pod is answered by the Service', async () => {
    const { spec } = await ns.read('nnappone-service');
    await expectEnding(client(), `http://${inUrl(spec?.clusterIP ?? '')}:8080/`, 'answered');
    const { output } = await lab.type(
      'kubectl run debug --image=curlimages/curl -it --rm -- sh',
      'curl -s -o /dev/null -w "%{http_code} from %{remote_ip}\\n" http://nnappone-service:8080\nexit\n',
    );
    expect(output).toContain(`200 from ${spec?.clusterIP}`);
  });

  // The kubelet restarts the shell when it ends, until kubectl deletes the Pod. An idle shell stops only after the grace period of 30 s.
  check('gone-afterwards', 'when the shell ends, the debug Pod is gone and the Pod of the lab is not', async () => {
    await settle(async () => (await ns.listPods()).map(({ metadata }) => metadata?.name), {
      waitingFor: 'only the Pod of the lab to be left',
      accept: (names) => names.join() === 'nnappone',
      within: timeouts.podsReady,
    });
  });
});

claim('welcome-page', ({ ns, setup, check }) => {
  setup(async () => {
    await applyLab(ns.name);
    await ns.podsReady('nnappone');
  });

  check('welcome-to-nginx', 'the page contains "Welcome to nginx!" and not "Network Nuts"', async () => {
    const { spec } = await ns.read('nnappone-service');
    const { response } = await expectEnding(client(), `http://${inUrl(spec?.clusterIP ?? '')}:8080/`, 'answered');
    expect(response).toContain('Welcome to nginx!');
    expect(response).not.toContain('Network Nuts');
  });
});
