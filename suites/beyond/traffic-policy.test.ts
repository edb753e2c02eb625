import { expect } from '@jest/globals';
import type { HandWrittenEndpoint } from '../../helpers/kube/slices.ts';
import type { Backend } from '../../helpers/testbed/run-context.ts';
import type { CreatedService } from '../../helpers/testbed/namespace.ts';
import {
  backends,
  claim,
  client,
  cluster,
  expectAddress,
  expectEnding,
  kube,
  node,
  recordObservation,
  responseTo,
  series,
  server,
  settle,
  webService,
  withNodeLabel,
} from '../../helpers/testbed/testbed.ts';

// kube-proxy takes an endpoint for local by the name of the node in its slice alone. So a server here is "on another node" where its slice says so.
const elsewhere = 'another-node';
const isLocal = ({ address, node: nodeName }: Backend): HandWrittenEndpoint => ({ addresses: [address], nodeName });
const isElsewhere = ({ address }: Backend): HandWrittenEndpoint => ({ addresses: [address], nodeName: elsewhere });

/** Returns the client that is on a server's node. */
const near = ({ node: name }: Backend) => client(cluster.nodes.length > 1 ? { node: name } : {});

claim('local-without-local', ({ ns, setup, check }) => {
  let a: Backend;
  let here: CreatedService;
  let none: CreatedService;
  let elsewhereOnly: CreatedService;
  let clusterWide: CreatedService;
  const local = { internalTrafficPolicy: 'Local' };
  const both = (web: CreatedService, ending: 'answered' | 'refused' | 'timed out', { by }: { by?: string } = {}) =>
    Promise.all(
      [near(a), node()].map((from) => expectEnding(from, web.url(8080), ending, { inARow: 2, ...(by === undefined ? {} : { by }) })),
    );

  setup(async () => {
    [a] = await backends();
    [elsewhereOnly, none, clusterWide] = await Promise.all([
      ns.serviceByHand('elsewhere', [isElsewhere(a)], local),
      ns.serviceByHand('none', [], local),
      ns.serviceByHand('cluster', [isElsewhere(a)]),
    ]);
    here = await ns.serviceByHand('here', [isLocal(a)], local);
  });

  // Created last, so that kube-proxy has the rules of all of them when it is answered.
  check('local-endpoint', 'with internalTrafficPolicy Local and an endpoint on its own node, a client is answered', async () => {
    await expectEnding(near(a), here.url(8080), 'answered', { by: a.name });
  });

  check(
    'only-elsewhere',
    'with internalTrafficPolicy Local and endpoints on other nodes alone, a client in a Pod times out, and so does the node',
    async () => {
      await both(elsewhereOnly, 'timed out');
    },
  );

  check('none-anywhere', 'without any endpoint, a client in a Pod is refused, and so is the node', async () => {
    await both(none, 'refused');
  });

  // Control: only the policy differs.
  check(
    'policy-cluster',
    'with the policy Cluster, a client in a Pod and the node are answered by the endpoint on another node',
    async () => {
      await both(clusterWide, 'answered', { by: a.name });
    },
  );
});

/** Requests a URL 40 times until exactly these servers answer. Of two that share the requests, one is missing once in 10^12 times. */
const expectServers = (web: CreatedService, a: Backend, ...servers: Backend[]) =>
  settle(async () => [...new Set(await series(await near(a), web.url(8080), 40))].sort(), {
    waitingFor: `answers from ${servers.map(({ name }) => name).join(' and ')} alone`,
    accept: (names) => names.join() === servers.map(({ name }) => name).join(),
    inARow: 2,
  });

claim('prefer-same-node', ({ ns, setup, check }) => {
  let a: Backend;
  let b: Backend;
  let asked: CreatedService;
  let notAsked: CreatedService;
  let otherNodes: CreatedService;
  let incomplete: CreatedService;
  const trafficDistribution = 'PreferSameNode';
  const hinted = ({ address }: Backend, name: string): HandWrittenEndpoint => ({ addresses: [address], hints: { forNodes: [{ name }] } });

  setup(async () => {
    [a, b] = await backends();
    const hints = [hinted(a, a.node), hinted(b, elsewhere)];
    [asked, notAsked, otherNodes, incomplete] = await Promise.all([
      ns.serviceByHand('asked', hints, { trafficDistribution }),
      ns.serviceByHand('not-asked', hints),
      ns.serviceByHand('other-nodes', [hinted(a, elsewhere), hinted(b, elsewhere)], { trafficDistribution }),
      ns.serviceByHand('incomplete', [hinted(a, a.node), { addresses: [b.address] }], { trafficDistribution }),
      ns.service(webService({ trafficDistribution }, { name: 'selecting' })),
      ns.service(webService({}, { name: 'selecting-without' })),
      ns.pods(server('one', { labels: { app: 'web' } })),
    ]);
  });

  check(
    'hints-name-the-node',
    'trafficDistribution PreferSameNode makes each endpoint carry a hint with the name of its node, and without the field there is none',
    async () => {
      const hintsOf = async (service: string) => {
        const { slices } = await ns.endpoints(service);
        return slices.flatMap(({ endpoints = [] }) => endpoints).map(({ nodeName, hints }) => ({ nodeName, hints: hints?.forNodes ?? [] }));
      };
      await settle(() => hintsOf('selecting'), {
        waitingFor: 'a hint with the name of the node',
        accept: ([one]) => one?.nodeName !== undefined && one.hints.map(({ name }) => name).join() === one.nodeName,
      });
      await settle(() => hintsOf('selecting-without'), {
        waitingFor: 'an endpoint without hints',
        accept: (endpoints) => endpoints.length === 1 && endpoints[0]?.hints.length === 0,
      });
    },
  );

  check('own-node-first', 'with hints for its own node and for another, a client always reaches the endpoint of its own', async () => {
    await expectServers(asked, a, a);
  });

  check('none-for-this-node', 'with hints for other nodes alone, a client reaches all endpoints', async () => {
    await expectServers(otherNodes, a, a, b);
  });

  check('one-hint-missing', 'with one endpoint without a hint, a client reaches all endpoints', async () => {
    await expectServers(incomplete, a, a, b);
  });

  check('field-is-not-read', 'without trafficDistribution on the Service, hints in its slice count all the same', async () => {
    await expectServers(notAsked, a, a);
  });
});

claim('prefer-same-zone-without-zones', ({ ns, setup, check }) => {
  let a: Backend;
  let b: Backend;
  let hinted: CreatedService;
  const trafficDistribution = 'PreferSameZone';
  const zone = 'this-zone';
  const inZone = ({ address }: Backend, name: string): HandWrittenEndpoint => ({
    addresses: [address],
    zone: name,
    hints: { forZones: [{ name }] },
  });
  const endpointsOfWeb = async () =>
    (await ns.endpoints('web')).slices
      .flatMap(({ endpoints = [] }) => endpoints)
      .map(({ conditions, zone: itsZone, hints }) => ({ ready: conditions?.ready, zone: itsZone, hints: hints?.forZones }));

  setup(async () => {
    [a, b] = await backends();
    [hinted] = await Promise.all([
      ns.serviceByHand('hinted', [inZone(a, zone), inZone(b, 'another-zone')], { trafficDistribution }),
      ns.service(webService({ trafficDistribution })),
      ns.pods(server('one', { labels: { app: 'web' } })),
    ]);
  });

  check('no-label-no-hints', 'while no node has a zone, endpoints get no hints, and zones in hints are not followed', async () => {
    await settle(endpointsOfWeb, {
      waitingFor: 'a ready endpoint without a zone and without hints',
      accept: (endpoints) =>
        endpoints.length === 1 && endpoints[0]?.ready === true && endpoints[0].zone === undefined && endpoints[0].hints === undefined,
    });
    await expectServers(hinted, a, a, b);
  });

  check('nobody-says-so', 'no event of the Service mentions that zones are not followed', async () => {
    const { items } = await kube.core.listNamespacedEvent({ namespace: ns.name, fieldSelector: 'involvedObject.kind=Service' });
    const messages = items.map(({ message }) => message ?? '');
    recordObservation('the events of Services', messages);
    expect(messages.filter((message) => /zone|topolog|hint|distribution/i.test(message))).toEqual([]);
  });

  check('label-makes-hints', 'with the label of a zone on the nodes, endpoints get hints, and a client stays in its zone', () =>
    withNodeLabel('topology.kubernetes.io/zone', zone, async () => {
      await expectServers(hinted, a, a);
      // The controller looks at a Service again when it changes, not when a node gets a label.
      await ns.patch('web', { metadata: { annotations: { looked: 'again' } } });
      await settle(endpointsOfWeb, {
        waitingFor: 'a hint with the name of the zone',
        accept: (endpoints) => endpoints.length === 1 && endpoints[0]?.hints?.map(({ name }) => name).join() === zone,
      });
    }),
  );

  check('old-word-warns', 'the older word PreferClose is accepted with a warning, and PreferSameZone without', async () => {
    const warningOf = async (word: string) => {
      // Headless, because a dry run may take an address of a range that another claim is deleting.
      const body = webService({ clusterIP: 'None', trafficDistribution: word }, { name: word.toLowerCase() });
      const { headers } = await kube.core.createNamespacedServiceWithHttpInfo({ namespace: ns.name, body: body as object, dryRun: 'All' });
      recordObservation(`the warning about ${word}`, headers.warning ?? '');
      return headers.warning ?? '';
    };
    expect(await warningOf('PreferClose')).toMatch(/deprecated.*PreferSameZone/);
    expect(await warningOf('PreferSameZone')).toBe('');
  });

  check('other-words', 'any other word for trafficDistribution is rejected', async () => {
    const other = ns.serviceObject(webService({ trafficDistribution: 'PreferSameRack' }, { name: 'other' }));
    expect((await responseTo('another word', other)).code).toBe(422);
  });
});

claim('external-policy-inside', ({ ns, setup, check }) => {
  let a: Backend;
  let external: CreatedService;
  let internal: CreatedService;

  setup(async () => {
    [a] = await backends();
    internal = await ns.serviceByHand('internal', [isElsewhere(a)], { type: 'NodePort', internalTrafficPolicy: 'Local' });
    external = await ns.serviceByHand('external', [isElsewhere(a)], { type: 'NodePort', externalTrafficPolicy: 'Local' });
  });

  check('cluster-ip-is-answered', 'with externalTrafficPolicy Local, the ClusterIP leads to an endpoint on another node', async () => {
    await expectEnding(near(a), external.url(8080), 'answered', { by: a.name });
  });

  // Control: only the name of the field differs.
  check('internal-policy-counts', 'with internalTrafficPolicy Local and the endpoint on another node, the client times out', async () => {
    await expectEnding(near(a), internal.url(8080), 'timed out');
  });

  check('not-for-cluster-ip', 'the API server rejects externalTrafficPolicy on a Service of type ClusterIP', async () => {
    const plain = ns.serviceObject(webService({ externalTrafficPolicy: 'Local' }, { name: 'plain' }));
    const { code, message } = await responseTo('the field', plain);
    expect(code).toBe(422);
    expect(message).toMatch(/externally-accessible/);
  });
});

claim('proxy-labels', ({ ns, setup, check }) => {
  let a: Backend;
  let onSlice: CreatedService;
  let onService: CreatedService;
  let handedOver: CreatedService;
  const headless = 'service.kubernetes.io/headless';
  const proxyName = 'service.kubernetes.io/service-proxy-name';

  setup(async () => {
    [a] = await backends();
    const endpoints = [isLocal(a)];
    [onSlice, handedOver] = await Promise.all([
      ns.service(webService({ selector: {} }, { name: 'on-slice' })),
      ns.service(webService({ selector: {} }, { name: 'handed-over', labels: { [proxyName]: 'nobody' } })),
      ns.slice({ service: 'on-slice', endpoints, labels: { [headless]: '' } }),
      ns.slice({ service: 'handed-over', endpoints }),
    ]);
    onService = await ns.service(webService({ selector: {} }, { name: 'on-service', labels: { [headless]: '' } }));
    await ns.slice({ service: 'on-service', endpoints });
  });

  check('on-the-service', 'the headless label on the Service has no effect: a client is answered', async () => {
    await expectEnding(client(), onService.url(8080), 'answered', { by: a.name });
  });

  check(
    'on-the-slice',
    'the same label on its slice hides its endpoints, so that a client is refused until the label is removed',
    async () => {
      await expectEnding(client(), onSlice.url(8080), 'refused');
      await ns.slice({ service: 'on-slice', endpoints: [isLocal(a)] });
      await expectEnding(client(), onSlice.url(8080), 'answered', { by: a.name });
    },
  );

  check('name-still-resolves', 'the name of a Service that is handed to another proxy still has its ClusterIP', async () => {
    await expectAddress(client(), `handed-over.${ns.name}.svc.${cluster.domain}`, handedOver.address);
  });
});
