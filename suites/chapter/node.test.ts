import { expect } from '@jest/globals';
import type { CreatedService } from '../../helpers/testbed/namespace.ts';
import { claim, expectEnding, node, nodeShell, recordObservation, server, settle, webService } from '../../helpers/testbed/testbed.ts';

claim('from-node', ({ ns, setup, check }) => {
  let web: CreatedService;

  setup(async () => {
    web = await ns.service(webService());
    await ns.pods(server('web', { labels: { app: 'web' } }));
  });

  check('node-is-answered', "a client in the node's network is answered", async () => {
    await expectEnding(node(), web.url(8080), 'answered', { by: 'web' });
  });

  // Control: so the answer came by way of the Service.
  check('node-is-refused-without-pods', 'the same client is refused once the Pod is deleted', async () => {
    await ns.deletePods('web');
    await expectEnding(node(), web.url(8080), 'refused');
  });
});

claim('due-to-kube-proxy', ({ ns, setup, check }) => {
  let web: CreatedService;
  // kube-proxy leaves a Service with this label to the proxy that the label names; no such proxy runs here.
  const label = 'service.kubernetes.io/service-proxy-name';

  setup(async () => {
    web = await ns.service(webService({}, { labels: { [label]: 'nobody' } }));
    await ns.pods(server('web', { labels: { app: 'web' } }));
  });

  check(
    'not-answered-when-kube-proxy-ignores-it',
    'while a label makes kube-proxy ignore the Service, a client on the node gets no answer though a Pod is ready',
    async () => {
      await expectEnding(node(), web.url(8080), ['timed out', 'refused', 'unreachable'], { inARow: 2 });
    },
  );

  check('answered-when-it-does-not', 'the client is answered without the label, and not once it is restored', async () => {
    await ns.patch('web', { metadata: { labels: { [label]: null } } });
    await expectEnding(node(), web.url(8080), 'answered', { by: 'web' });
    await ns.patch('web', { metadata: { labels: { [label]: 'nobody' } } });
    await expectEnding(node(), web.url(8080), ['timed out', 'refused', 'unreachable'], { inARow: 2 });
  });
});

claim('curl-on-node', ({ ns, setup, check }) => {
  let web: CreatedService;

  setup(async () => {
    web = await ns.service(webService());
    await ns.pods(server('web', { labels: { app: 'web' } }));
  });

  check('no-curl', 'a shell on the node finds no curl', async () => {
    const result = await (await nodeShell()).run(`curl ${web.url(8080)} 2>&1`);
    recordObservation('curl on the node', result);
    expect(result.exitCode).toBe(127);
  });

  check('wget-is-answered', "the node's wget is answered", async () => {
    await settle(async () => (await nodeShell()).run(`wget -q -T 2 -O - ${web.url(8080)} 2>&1`), {
      waitingFor: 'an answer to wget',
      accept: ({ exitCode, output }) => exitCode === 0 && output.trim() === 'web',
    });
  });
});
