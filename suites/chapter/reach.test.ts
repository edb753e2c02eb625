import type { CreatedService } from '../../helpers/testbed/namespace.ts';
import type { Outside } from '../../helpers/testbed/outside.ts';
import { claim, client, cluster, expectEnding, inUrl, server, startOutside, timeouts, webService } from '../../helpers/testbed/testbed.ts';

const [serviceRange = ''] = cluster.serviceRanges;

// No machine on the network outside has the ClusterIP: the look-up there fails after about 1 s, or the attempt times out.
const notAnswered = ['unreachable', 'timed out'] as const;
const lookUp = { inARow: 2, limit: 2 * timeouts.attempt };

claim('only-inside', ({ ns, setup, check }) => {
  let outside: Outside;
  let web: CreatedService;

  setup(async () => {
    outside = await startOutside();
    web = await ns.service(webService({ type: 'NodePort' }));
    await ns.pods(server('web', { labels: { app: 'web' } }));
  });

  check('node-port-answers-outside', 'a machine outside reaches the Pod by the NodePort of the Service', async () => {
    const nodePort = web.object.spec?.ports?.[0]?.nodePort;
    await expectEnding(outside, `http://${inUrl(cluster.nodeAddress)}:${nodePort}/hostname`, 'answered', { by: 'web' });
  });

  check('not-answered-outside', 'the same machine gets no answer from the ClusterIP of the same Service', async () => {
    await expectEnding(client(), web.url(8080), 'answered', { by: 'web' });
    await expectEnding(outside, web.url(8080), notAnswered, lookUp);
  });

  check('answered-with-a-route', 'the same machine is answered once it routes the Service range via the node', async () => {
    await outside.addRoute(serviceRange, cluster.nodeAddress);
    await expectEnding(outside, web.url(8080), 'answered', { by: 'web' });
  });
});

claim('not-from-outside', ({ ns, setup, check }) => {
  let outside: Outside;
  let web: CreatedService;

  setup(async () => {
    outside = await startOutside();
    web = await ns.service(webService());
    await ns.pods(server('web', { labels: { app: 'web' } }));
  });

  check('answered-inside', 'a Pod in another namespace is answered', async () => {
    await expectEnding(client(), web.url(8080), 'answered', { by: 'web' });
  });

  check(
    'not-answered-outside',
    'a machine beside the node gets no answer, except while it routes the Service range via the node',
    async () => {
      // Control: with the route the machine is answered, so the Service works.
      await outside.addRoute(serviceRange, cluster.nodeAddress);
      await expectEnding(outside, web.url(8080), 'answered', { by: 'web' });
      await outside.deleteRoute(serviceRange);
      await expectEnding(outside, web.url(8080), notAnswered, lookUp);
    },
  );
});

claim('inside-only-type', ({ ns, setup, check }) => {
  let outside: Outside;
  let web: CreatedService;

  setup(async () => {
    outside = await startOutside();
    web = await ns.service(webService({ type: 'ClusterIP' }));
    await ns.pods(server('web', { labels: { app: 'web' } }));
  });

  check('pod-is-answered', 'a Service of type ClusterIP answers a Pod', async () => {
    await expectEnding(client(), web.url(8080), 'answered', { by: 'web' });
  });

  check('outside-is-answered-by-a-route', 'it answers a machine outside that routes the Service range via the node', async () => {
    await outside.addRoute(serviceRange, cluster.nodeAddress);
    await expectEnding(outside, web.url(8080), 'answered', { by: 'web' });
  });

  check('outside-is-not-without', 'it does not answer the same machine without that route', async () => {
    await outside.deleteRoute(serviceRange);
    await expectEnding(outside, web.url(8080), notAnswered, lookUp);
  });
});
