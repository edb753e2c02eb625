import { expect } from '@jest/globals';
import type { Endpoint } from 'kubernetes-types/discovery/v1.js';
import type { Ending } from '../../helpers/base/endings.ts';
import type { HandWrittenSlice } from '../../helpers/kube/slices.ts';
import type { CreatedService, Namespace } from '../../helpers/testbed/namespace.ts';
import type { Backend } from '../../helpers/testbed/run-context.ts';
import {
  backends,
  claim,
  client,
  cluster,
  expectEnding,
  http,
  kube,
  node,
  recordObservation,
  refusal,
  series,
  server,
  settle,
  startLoad,
  webService,
} from '../../helpers/testbed/testbed.ts';

const labels = { app: 'web' };

// No machine has the address of a Pod that is gone. On an existing cluster a router may answer for it.
const nobodyThere: readonly Ending[] = cluster.adopted ? ['timed out', 'unreachable', 'refused'] : ['timed out', 'unreachable'];

/** Returns the names of the Pods that answer 40 connections, sorted. */
async function whoAnswers(service: CreatedService): Promise<string> {
  return [...new Set(await series(await client(), service.url(8080), 40))].sort().join();
}

/** Waits until exactly these Pods answer, named in their order. */
async function expectAnswersOf(service: CreatedService, ...names: readonly string[]): Promise<void> {
  await settle(() => whoAnswers(service), {
    waitingFor: `answers of ${service.name} from ${names.join(' and ')} alone`,
    accept: (answers) => answers === [...names].sort().join(),
    inARow: 2,
  });
}

/** Returns every endpoint of a Service with its conditions, by the name of its Pod. */
async function conditionsOf(ns: Namespace, service: string) {
  const { slices } = await ns.endpoints(service);
  return Object.fromEntries(
    slices.flatMap(({ endpoints }) => (endpoints ?? []).map(({ targetRef, conditions }) => [targetRef?.name ?? '', conditions])),
  );
}

/** Returns the addresses that the Endpoints of a Service list, ready or not. */
async function addressesInEndpoints(ns: Namespace, service: string): Promise<string[]> {
  const { subsets } = await kube.core.readNamespacedEndpoints({ namespace: ns.name, name: service });
  return (subsets ?? []).flatMap(({ addresses, notReadyAddresses }) =>
    [...(addresses ?? []), ...(notReadyAddresses ?? [])].map(({ ip }) => ip),
  );
}

/** Waits until a Pod is gone. */
async function gone(ns: Namespace, pod: string): Promise<void> {
  await settle(async () => (await ns.listPods()).map(({ metadata }) => metadata?.name ?? ''), {
    waitingFor: `Pod ${pod} to be gone`,
    accept: (names) => !names.includes(pod),
    inARow: 1,
  });
}
claim('slices-by-hand', ({ ns, setup, check }) => {
  let a: Backend;
  const urls: Record<string, string> = {};
  /** Creates a Service without a selector, with one port named http, and the slice that is given, by default one that fits. */
  const create = async (name: string, slice: Partial<HandWrittenSlice> = {}) => {
    const ports = [{ name: 'http', port: 8080, targetPort: 80 }];
    urls[name] = (await ns.service(webService({ selector: {}, ports }, { name }))).url(8080);
    await ns.slice({ service: name, name, endpoints: [{ addresses: [a.address] }], ports: [{ name: 'http', port: 80 }], ...slice });
  };
  // Once the fitting one answers, which is written last, so are the rules of all. A kernel rations refusals, so one attempt each is enough.
  const refused = async (name: string) => {
    await expectEnding(client(), urls[name] ?? '', 'refused', { inARow: 1 });
  };

  setup(async () => {
    [a] = await backends();
    await Promise.all([
      create('other-name', { ports: [{ name: 'web', port: 80 }] }),
      create('other-protocol', { ports: [{ name: 'http', port: 80, protocol: 'UDP' }] }),
      create('no-label', { service: null }),
      create('no-name', { ports: [{ port: 80 }] }),
      ns
        .service(webService({ selector: {}, ports: [{ name: 'http', port: 8080 }] }, { name: 'none' }))
        .then((none) => (urls.none = none.url(8080))),
    ]);
    await create('fits');
  });

  check(
    'right-slice-answers',
    'a slice with the label kubernetes.io/service-name and the name of the port makes its Pod answer',
    async () => {
      await expectEnding(client(), urls.fits ?? '', 'answered', { by: a.name });
    },
  );

  check('no-slice', 'without a slice a client is refused, and no controller adds one', async () => {
    await refused('none');
    const { slices } = await ns.endpoints('none');
    recordObservation('the slices of the Service', slices);
    expect(slices).toEqual([]);
  });

  check('other-port-name', 'a slice with another port name does not count: a client is refused', () => refused('other-name'));
  check('other-protocol', 'a slice with the same port name for UDP does not count: a TCP client is refused', () =>
    refused('other-protocol'),
  );
  check('no-label', 'a slice without the label kubernetes.io/service-name does not count: a client is refused', () => refused('no-label'));
  check(
    'no-port-name',
    'where the port of the Service has a name, a slice with a port without one does not count: a client is refused',
    () => refused('no-name'),
  );
});

claim('conditions-decide', ({ ns, setup, check }) => {
  let a: Backend;
  const services: Record<string, CreatedService> = {};
  const create = async (name: string, conditions: Endpoint['conditions']) => {
    services[name] = await ns.serviceByHand(name, [{ addresses: [a.address], ...(conditions === undefined ? {} : { conditions }) }]);
  };
  const url = (name: string) => services[name]?.url(8080) ?? '';

  setup(async () => {
    [a] = await backends();
    await Promise.all([
      create('not-ready', { ready: false }),
      create('not-ready-but-serving', { ready: false, serving: true }),
      create('terminating-only', { ready: false, terminating: true }),
    ]);
    await create('none-set', undefined);
  });

  // Created last, so that kube-proxy has the rules of all of them when it is answered.
  check('none-set', 'an endpoint without conditions is answered', async () => {
    await expectEnding(client(), url('none-set'), 'answered', { by: a.name });
  });

  check('not-ready', 'with `ready: false` alone, an endpoint does not count as terminating, and a client is refused', async () => {
    await expectEnding(client(), url('not-ready'), 'refused', { inARow: 2 });
  });

  check('not-ready-but-serving', 'with `ready: false` and `serving: true`, an endpoint is refused as well', async () => {
    await expectEnding(client(), url('not-ready-but-serving'), 'refused', { inARow: 2 });
  });

  check('terminating-only', 'with `terminating: true` and no `serving`, an endpoint serves, and a client is answered', async () => {
    await expectEnding(client(), url('terminating-only'), 'answered', { by: a.name });
  });
});

claim('terminating-serves-alone', ({ ns, setup, check }) => {
  let [a, b]: Backend[] = [];
  let alone: CreatedService;
  let local: CreatedService;
  let beside: CreatedService;
  let both: CreatedService;
  let notServing: CreatedService;
  let web: CreatedService;
  const terminating = { ready: false, serving: true, terminating: true };
  const on = ({ address, node: nodeName }: Backend, conditions: Endpoint['conditions'] = {}): Endpoint => ({
    addresses: [address],
    nodeName,
    conditions,
  });

  setup(async () => {
    [a, b] = await backends();
    [alone, beside, both, notServing, local, web] = await Promise.all([
      ns.serviceByHand('alone', [on(a, terminating)]),
      ns.serviceByHand('beside', [on(a, terminating), on(b)]),
      ns.serviceByHand('both', [on(a), on(b)]),
      ns.serviceByHand('not-serving', [on(a, { ...terminating, serving: false })]),
      ns.service(webService({ selector: {}, internalTrafficPolicy: 'Local' }, { name: 'local' })),
      ns.service(),
      ns.slice({ service: 'local', endpoints: [on(a, terminating)] }),
      ns.pods(server('web', { labels, servesOnFor: 40 })),
    ]);
  });

  check('alone', 'a Service whose only endpoint terminates and serves is answered', async () => {
    await expectEnding(client(), alone.url(8080), 'answered', { by: a?.name ?? '' });
  });

  check('alone-and-local', 'with internalTrafficPolicy Local, an only endpoint that terminates answers on its node too', async () => {
    await expectEnding(client({ node: a?.node ?? '' }), local.url(8080), 'answered', { by: a?.name ?? '' });
  });

  // Where both were drawn alike, 40 connections would all reach the same one less than once in 10^11 runs.
  check(
    'beside-a-ready-one',
    'an endpoint that terminates gets no connection beside a ready one, while of two ready ones both answer',
    async () => {
      await expectAnswersOf(both, a?.name ?? '', b?.name ?? '');
      await expectAnswersOf(beside, b?.name ?? '');
    },
  );

  check('no-longer-serving', 'an endpoint that terminates and no longer serves is refused', async () => {
    await expectEnding(client(), notServing.url(8080), 'refused', { inARow: 2 });
  });

  // For longer than kube-proxy takes to write rules, so that these are not the rules from before.
  check('deleted-pod', 'a deleted Pod that still serves is answered, while Endpoints has no address', async () => {
    await expectEnding(client(), web.url(8080), 'answered', { by: 'web' });
    await ns.terminate('web');
    await settle(
      async () => {
        const { ending, response } = await http(await client(), web.url(8080));
        return { ending, response, conditions: (await conditionsOf(ns, 'web')).web, endpoints: await addressesInEndpoints(ns, 'web') };
      },
      {
        waitingFor: 'answers of the terminating Pod',
        accept: ({ ending, response, conditions, endpoints }) =>
          ending === 'answered' &&
          response === 'web' &&
          conditions?.terminating === true &&
          conditions.ready === false &&
          endpoints.length === 0,
        forMs: 2000,
      },
    );
  });

  check('refused-once-gone', 'once a terminating Pod, the last of its Service, is gone, a client is refused', async () => {
    await ns.deletePods('web');
    await expectEnding(client(), web.url(8080), 'refused');
  });
});

claim('no-retry', ({ ns, setup, check }) => {
  let [listens, deaf]: Backend[] = [];
  let web: CreatedService;
  /** Returns how many of 24 connections end in which way. */
  const endings = async () => {
    const counts: Record<string, number> = { answered: 0, refused: 0 };
    for (let sent = 0; sent < 24; sent++) {
      const { ending } = await http(await client(), web.url(8080));
      counts[ending] = (counts[ending] ?? 0) + 1;
    }
    return counts;
  };

  setup(async () => {
    [listens, deaf] = await backends();
    [web] = await Promise.all([
      ns.serviceByHand('web', [{ addresses: [listens.address] }]),
      // No process listens on port 81 there.
      ns.slice({ service: 'web', name: 'deaf', endpoints: [{ addresses: [deaf.address] }], ports: [{ name: '', port: 81 }] }),
    ]);
  });

  // One of two is drawn 24 times: always the same less than once in 8 million runs.
  check('some-refused', 'of two Pods one has no listener: some connections are answered, the others refused', async () => {
    await settle(endings, {
      waitingFor: 'answers and refusals',
      accept: ({ answered = 0, refused = 0 }) => answered > 0 && refused > 0 && answered + refused === 24,
      inARow: 1,
    });
  });

  check('all-answered-without-it', 'once that Pod is no endpoint any more, 40 of 40 connections are answered', async () => {
    await ns.deleteSlice('deaf');
    await expectAnswersOf(web, listens?.name ?? '');
  });
});

claim('publish-not-ready', ({ ns, setup, check }) => {
  let published: CreatedService;
  let ordinary: CreatedService;

  setup(async () => {
    [published, ordinary] = await Promise.all([
      ns.service(webService({ publishNotReadyAddresses: true }, { name: 'published' })),
      ns.service(webService({}, { name: 'ordinary' })),
      ns.startPods(server('never-ready', { labels, readyByFile: true, servesOnFor: 40 })),
      ns.pods(server('ready', { labels: { app: 'later' } })),
    ]);
  });

  check('never-ready-answers', 'with publishNotReadyAddresses, a Pod that is not ready answers', async () => {
    await expectEnding(client(), published.url(8080), 'answered', { by: 'never-ready' });
  });

  check('refused-without-the-field', 'through a Service without the field, the same Pod does not: the client is refused', async () => {
    await settle(() => conditionsOf(ns, 'ordinary'), {
      waitingFor: 'the Pod in the slice, not ready',
      accept: (conditions) => conditions['never-ready']?.ready === false,
      inARow: 1,
    });
    await expectEnding(client(), ordinary.url(8080), 'refused');
  });

  check(
    'terminating-gets-its-share',
    'with publishNotReadyAddresses, a Pod that terminates beside a ready one answers as well as that',
    async () => {
      await ns.label('ready', labels);
      await expectAnswersOf(published, 'never-ready', 'ready');
      await ns.terminate('never-ready');
      // For longer than kube-proxy takes to write rules.
      await settle(
        async () => ({ conditions: (await conditionsOf(ns, 'published'))['never-ready'], answers: await whoAnswers(published) }),
        {
          waitingFor: 'answers of the terminating Pod and of the ready one',
          accept: ({ conditions, answers }) => conditions?.terminating === true && answers === 'never-ready,ready',
          forMs: 2000,
        },
      );
    },
  );

  check('not-without-the-field', 'through the Service without the field, only the ready Pod answers', async () => {
    await expectAnswersOf(ordinary, 'ready');
  });

  check('said-to-be-ready', 'with publishNotReadyAddresses, a terminating Pod has `ready: true`, and Endpoints lists it', async () => {
    const { 'never-ready': conditions } = await conditionsOf(ns, 'published');
    recordObservation('the conditions of the terminating Pod', conditions ?? 'none: it is no endpoint');
    expect(conditions).toMatchObject({ ready: true, serving: false, terminating: true });
    expect(await addressesInEndpoints(ns, 'published')).toHaveLength(2);
    expect(await addressesInEndpoints(ns, 'ordinary')).toHaveLength(1);
  });
});

claim('selector-removed-freezes', ({ ns, setup, check }) => {
  let frozen: CreatedService;
  let follows: CreatedService;

  setup(async () => {
    [frozen, follows] = await Promise.all([
      ns.service(webService({}, { name: 'frozen' })),
      ns.service(webService({}, { name: 'follows' })),
      ns.pods(server('old', { labels }), server('new', { labels: { app: 'later' } })),
    ]);
    await expectEnding(client(), frozen.url(8080), 'answered', { by: 'old', inARow: 1 });
    await ns.patch('frozen', { spec: { selector: null } });
  });

  check('old-pod-still-answers', 'once its selector is removed, the Service is still answered by its Pod', async () => {
    await expectEnding(client(), frozen.url(8080), 'answered', { by: 'old' });
  });

  // The other Service shows that the controller and kube-proxy have seen the change.
  check('new-pod-never-answers', 'a Pod that gets the label answers for a Service with the selector, and not for this one', async () => {
    await ns.label('new', labels);
    await expectAnswersOf(follows, 'new', 'old');
    const answers = await whoAnswers(frozen);
    recordObservation('who answers for the Service without a selector', answers);
    expect(answers).toBe('old');
  });

  check('deleted-pod-stays-listed', 'a deleted Pod stays in the slice, and nobody answers', async () => {
    const address = (await ns.listPods()).find(({ metadata }) => metadata?.name === 'old')?.status?.podIP ?? '';
    await ns.deletePods('old');
    await expectAnswersOf(follows, 'new');
    await expectEnding(client(), frozen.url(8080), nobodyThere, { inARow: 2 });
    const { slices } = await ns.endpoints('frozen');
    recordObservation('the slices of the Service without a selector', slices);
    // Not those of the mirroring controller, which copies the Endpoints that are left.
    const earlier = slices.filter(
      ({ metadata }) => metadata?.labels?.['endpointslice.kubernetes.io/managed-by'] === 'endpointslice-controller.k8s.io',
    );
    expect(earlier.flatMap(({ endpoints }) => (endpoints ?? []).flatMap(({ addresses }) => addresses))).toContain(address);
  });

  check('followed-again', 'with its selector back, the Service has the Pods that match now', async () => {
    await ns.patch('frozen', { spec: { selector: labels } });
    await expectAnswersOf(frozen, 'new');
  });
});

claim('empty-selector', ({ ns, setup, check }) => {
  let one: CreatedService;
  let empty: CreatedService;

  setup(async () => {
    [one, empty] = await Promise.all([
      ns.service(webService({}, { name: 'one-label' })),
      ns.service(webService({ selector: {} }, { name: 'empty' })),
      ns.pods(server('web', { labels })),
    ]);
  });

  check('label-selects', 'a Service with one label in its selector is answered', async () => {
    await expectEnding(client(), one.url(8080), 'answered', { by: 'web' });
  });

  check('empty-selects-nothing', 'a Service with an empty selector is stored without any, and gets no slice', async () => {
    const { spec } = await ns.read('empty');
    recordObservation('the Service with an empty selector', spec);
    expect(spec?.selector ?? 'none').toBe('none');
    expect((await ns.endpoints('empty')).slices).toEqual([]);
  });

  check('empty-is-refused', 'a client of the Service with an empty selector is refused', async () => {
    await expectEnding(client(), empty.url(8080), 'refused');
  });
});

claim('cluster-ip-as-endpoint', ({ ns, setup, check, ending }) => {
  let a: Backend;
  let target: CreatedService;
  let chained: CreatedService;
  /** Writes a slice for the second Service, and returns `accepted` or why the API server rejects it. */
  const write = (address: string, port: number): Promise<string> =>
    ns.slice({ service: 'chained', endpoints: [{ addresses: [address] }], ports: [{ name: '', port }] }).then(
      () => 'accepted',
      (error: unknown) => `${refusal(error).code}: ${refusal(error).message}`,
    );

  setup(async () => {
    [a] = await backends();
    [target, chained] = await Promise.all([ns.serviceByHand('target'), ns.serviceByHand('chained')]);
  });

  check('accepted', 'the API server accepts the ClusterIP of another Service as the address of an endpoint', async () => {
    const response = await write(target.address, 8080);
    recordObservation('the response to a slice with a ClusterIP', response);
    expect(response).toBe('accepted');
  });

  check('not-answered', 'through the first Service the Pod answers, and through both in a row nobody does', async () => {
    // Written last, so that kube-proxy has the rules of both when it is answered.
    await ns.slice({ service: 'target', endpoints: [{ addresses: [a.address] }] });
    await expectEnding(client(), target.url(8080), 'answered', { by: a.name });
    await expectEnding(client(), chained.url(8080), ending('not-answered'));
  });

  check('pod-address-is-answered', 'with the address of the Pod in the same slice, the second Service is answered', async () => {
    expect(await write(a.address, 80)).toBe('accepted');
    await expectEnding(client(), chained.url(8080), 'answered', { by: a.name });
  });

  check('others-rejected', 'the API server rejects a loopback address and a link-local one', async () => {
    for (const address of a.address.includes(':') ? ['::1', 'fe80::1'] : ['127.0.0.1', '169.254.1.1']) {
      const response = await write(address, 80);
      recordObservation(`the response to a slice with ${address}`, response);
      expect(response).toMatch(/^422: .*endpoints\[0\]\.addresses/);
    }
  });
});

claim('duplicate-endpoint', ({ ns, setup, check }) => {
  let [twice, once, other]: Backend[] = [];
  let web: CreatedService;

  setup(async () => {
    [twice, once, other] = await backends();
    const endpoints = (...servers: readonly Backend[]) => servers.map(({ address }) => ({ addresses: [address] }));
    [web] = await Promise.all([
      ns.serviceByHand('web', endpoints(twice, once)),
      ns.slice({ service: 'web', name: 'second', endpoints: endpoints(twice, other) }),
    ]);
  });

  // Of 850 connections a third is 283, with a standard deviation of 13.7, and a half is 425 with 14.6. A share of one third is outside of 215 to 351 in less
  // than one of a million runs. A share of one half is inside in less than one of a million.
  check('no-double-share', 'a Pod in two slices, beside two Pods in one each, gets a third of the connections and not a half', async () => {
    await expectAnswersOf(web, twice?.name ?? '', once?.name ?? '', other?.name ?? '');
    const answers = await series(await client(), web.url(8080), 850);
    const share = answers.filter((name) => name === twice?.name).length;
    recordObservation('of 850 connections, those to the Pod in two slices', share);
    expect(share).toBeGreaterThanOrEqual(215);
    expect(share).toBeLessThanOrEqual(351);
  });
});

claim('mirrored-endpoints', ({ ns, setup, check }) => {
  let a: Backend;
  let mirrored: CreatedService;
  let skipped: CreatedService;
  const writeEndpoints = (name: string, endpointsLabels: Record<string, string> = {}) =>
    kube.core.createNamespacedEndpoints({
      namespace: ns.name,
      body: { metadata: { name, labels: endpointsLabels }, subsets: [{ addresses: [{ ip: a.address }], ports: [{ port: 80 }] }] },
    });
  const managers = async (service: string) =>
    (await ns.endpoints(service)).slices.map(({ metadata }) => metadata?.labels?.['endpointslice.kubernetes.io/managed-by']);

  setup(async () => {
    [a] = await backends();
    [skipped, mirrored] = await Promise.all([ns.serviceByHand('skipped'), ns.serviceByHand('mirrored')]);
    await writeEndpoints('skipped', { 'endpointslice.kubernetes.io/skip-mirror': 'true' });
    await writeEndpoints('mirrored');
  });

  check('mirrored', 'the mirroring controller writes a slice for Endpoints that were written by hand', async () => {
    await settle(() => managers('mirrored'), {
      waitingFor: 'one slice of the mirroring controller',
      accept: (found) => found.join() === 'endpointslicemirroring-controller.k8s.io',
    });
  });

  check('answered', 'a Service with Endpoints that were written by hand is answered by their address', async () => {
    await expectEnding(client(), mirrored.url(8080), 'answered', { by: a.name });
  });

  // The other Endpoints were written later, and have been mirrored.
  check('label-skips-it', 'Endpoints with the label skip-mirror get no slice, and a client is refused', async () => {
    const found = await managers('skipped');
    recordObservation('the slices for Endpoints with the label', found);
    expect(found).toEqual([]);
    await expectEnding(client(), skipped.url(8080), 'refused', { inARow: 2 });
  });

  check('deleted-with-it', 'once the Endpoints are deleted, so is the slice, and a client is refused', async () => {
    await kube.core.deleteNamespacedEndpoints({ namespace: ns.name, name: 'mirrored' });
    await settle(() => managers('mirrored'), { waitingFor: 'no slice', accept: (found) => found.length === 0 });
    await expectEnding(client(), mirrored.url(8080), 'refused', { inARow: 2 });
  });
});

claim('readiness-gate', ({ ns, setup, check }) => {
  let web: CreatedService;
  const conditionType = 'example.com/on-line';
  const gated = (name: string) => server(name, { labels, spec: { readinessGates: [{ conditionType }] } });
  const set = (pod: string, status: 'True' | 'False') => ns.patchPodStatus(pod, { conditions: [{ type: conditionType, status }] });

  setup(async () => {
    [web] = await Promise.all([ns.service(), ns.startPods(gated('blue'), gated('green'))]);
    await settle(
      async () =>
        (await ns.listPods('app=web')).map(({ status }) => status?.conditions?.find(({ type }) => type === 'ContainersReady')?.status),
      { waitingFor: 'the containers of both Pods to be ready', accept: (found) => found.join() === 'True,True', inARow: 1 },
    );
    await settle(() => conditionsOf(ns, 'web'), {
      waitingFor: 'both Pods in the slice',
      accept: (found) => Object.keys(found).sort().join() === 'blue,green',
      inARow: 1,
    });
  });

  // For longer than the kubelet and the controller take with a Pod that has no gate.
  check(
    'refused-while-unset',
    'while nobody sets the condition, Pods with ready containers are not ready, and a client is refused',
    async () => {
      await settle(() => conditionsOf(ns, 'web'), {
        waitingFor: 'both Pods not to be ready',
        accept: ({ blue, green }) => blue?.ready === false && green?.ready === false,
        forMs: 2000,
      });
      await expectEnding(client(), web.url(8080), 'refused');
    },
  );

  check('answered-once-true', 'a Pod answers once the condition is True, and the other does not', async () => {
    await set('blue', 'True');
    await expectEnding(client(), web.url(8080), 'answered', { by: 'blue' });
    await expectAnswersOf(web, 'blue');
  });

  check(
    'switched-without-loss',
    'with one Pod set to True and then the other to False, 50 requests a second are all answered',
    async () => {
      const load = await startLoad(await client(), web.url(8080));
      await set('green', 'True');
      await settle(() => conditionsOf(ns, 'web'), {
        waitingFor: 'both Pods to be ready',
        accept: ({ blue, green }) => blue?.ready === true && green?.ready === true,
      });
      await set('blue', 'False');
      await settle(() => conditionsOf(ns, 'web'), {
        waitingFor: 'only one of them to be ready',
        accept: ({ blue, green }) => blue?.ready === false && green?.ready === true,
        inARow: 1,
      });
      await expectAnswersOf(web, 'green');
      const result = await load.stop();
      recordObservation('the requests meanwhile', result);
      expect(result.lost).toEqual([]);
      // Otherwise it would say nothing.
      expect(result.sent).toBeGreaterThan(10);
    },
  );
});

claim('host-network-endpoint', ({ ns, setup, check }) => {
  // No other program on a node is expected to use this port.
  const port = 28_462;
  let web: CreatedService;
  let name: string;

  setup(async () => {
    [web] = await Promise.all([
      ns.service(webService({ ports: [{ port: 8080, targetPort: port }] })),
      ns.pods(server('on-node', { labels, port, hostNetwork: true })),
    ]);
    // It answers with the name of its node.
    name = (await (await ns.shell('on-node')).run('uname -n')).output.trim();
  });

  check('endpoint-is-the-node', "the endpoint of a hostNetwork Pod is its node's own address", async () => {
    const { endpoints } = await settle(() => ns.endpoints('web'), {
      waitingFor: 'one ready endpoint',
      accept: (found) => found.endpoints.length === 1 && found.endpoints[0]?.ready === true,
      inARow: 1,
    });
    const [pod] = await ns.listPods('app=web');
    const { items } = await kube.core.listNode();
    const addresses = items.find(({ metadata }) => metadata?.name === pod?.spec?.nodeName)?.status?.addresses;
    recordObservation('the addresses of the node', addresses);
    expect((addresses ?? []).map(({ address }) => address)).toContain(endpoints[0]?.address);
  });

  check('answered-from-a-pod', 'a hostNetwork Pod answers a client in a Pod through the ClusterIP', async () => {
    await expectEnding(client(), web.url(8080), 'answered', { by: name });
  });

  check('answered-from-the-node', "a hostNetwork Pod answers a client in the node's network as well", async () => {
    await expectEnding(node(), web.url(8080), 'answered', { by: name });
  });

  check('refused-without-it', 'without the hostNetwork Pod, a client in a Pod and one on the node are refused', async () => {
    await ns.deletePods('on-node');
    await expectEnding(client(), web.url(8080), 'refused');
    await expectEnding(node(), web.url(8080), 'refused');
  });
});

claim('rollout-needs-a-pause', ({ ns, setup, check }) => {
  let a: Backend;
  let web: CreatedService;
  let stale: CreatedService;
  let goneAddress: string;

  setup(async () => {
    [a] = await backends();
    [web, stale] = await Promise.all([
      ns.service(),
      ns.serviceByHand('stale', [{ addresses: [a.address] }]),
      ns.pods(server('old', { labels, servesOnFor: 4 }), server('new', { labels })),
    ]);
    goneAddress = (await ns.listPods()).find(({ metadata }) => metadata?.name === 'old')?.status?.podIP ?? '';
    await expectAnswersOf(web, 'new', 'old');
    await expectEnding(client(), stale.url(8080), 'answered', { by: a.name, inARow: 1 });
  });

  // The other Service makes kube-proxy write rules just before: it then waits for up to a second before it writes those without the old Pod.
  check(
    'pause-loses-none',
    'a Pod without a readiness probe that serves on for 4 s is deleted, and 50 requests a second are all answered',
    async () => {
      const load = await startLoad(await client(), web.url(8080));
      const before = await ns.serviceByHand('before', [{ addresses: [a.address] }]);
      await expectEnding(client(), before.url(8080), 'answered', { by: a.name, inARow: 1 });
      await ns.terminate('old');
      await gone(ns, 'old');
      await expectAnswersOf(web, 'new');
      const result = await load.stop();
      recordObservation('the requests meanwhile', result);
      expect(result.lost).toEqual([]);
      expect(Object.keys(result.answeredBy).sort()).toEqual(['new', 'old']);
    },
  );

  check('stale-address-is-not-answered', 'an endpoint with the address of the Pod that is gone is not answered', async () => {
    await ns.slice({ service: 'stale', endpoints: [{ addresses: [goneAddress] }] });
    await expectEnding(client(), stale.url(8080), nobodyThere, { inARow: 2 });
  });

  check('corrected-address-is', 'with the address of a Pod that runs, the same Service is answered', async () => {
    await ns.slice({ service: 'stale', endpoints: [{ addresses: [a.address] }] });
    await expectEnding(client(), stale.url(8080), 'answered', { by: a.name });
  });
});

claim('hundred-per-slice', ({ ns, setup, check }) => {
  // Pods that are never scheduled and run nothing: a Service that publishes addresses before Pods are ready lists them once they have one.
  const spec = { schedulingGates: [{ name: 'example.com/never' }] };
  const selecting = (name: string, selector: Record<string, string>, targetPort: string | number = 80) =>
    ns.serviceObject(
      webService({ clusterIP: 'None', publishNotReadyAddresses: true, selector, ports: [{ port: 80, targetPort }] }, { name }),
    );
  const sizes = async (service: string) =>
    (await ns.endpoints(service)).slices.map(({ endpoints }) => endpoints?.length ?? 0).sort((x, y) => y - x);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

  setup(async () => {
    const [{ address }] = await backends();
    const many = Array.from({ length: 101 }, (_, index) =>
      server(`many-${index}`, { labels: { app: 'many', part: index < 60 ? 'first' : 'second' }, spec }),
    );
    const two = [80, 81].map((http) => server(`on-${http}`, { labels: { app: 'two' }, declares: { http }, spec }));
    await Promise.all([
      selecting('before', { app: 'many' }),
      selecting('grows', { app: 'many', part: 'first' }),
      selecting('two', { app: 'two' }, 'http'),
    ]);
    await ns.startPods(...many, ...two);
    // Addresses for documentation, which no host has.
    const unused = address.includes(':') ? '2001:db8::' : '192.0.2.';
    await Promise.all(
      [...many, ...two].map(({ metadata }, index) => {
        const podIP = `${unused}${index + 1}`;
        return ns.patchPodStatus(metadata?.name ?? '', { podIP, podIPs: [{ ip: podIP }] });
      }),
    );
  });

  // The first Service gets its endpoints one by one. Where it has all of them, the controller has seen every Pod, and the next Service gets them at once.
  check('at-most-100', 'of 101 Pods, a slice has 100 and another the last', async () => {
    await settle(() => sizes('before'), {
      waitingFor: '101 endpoints in slices of at most 100',
      accept: (found) => sum(found) === 101 && Math.max(...found) <= 100,
      inARow: 1,
    });
    await selecting('after', { app: 'many' });
    await settle(() => sizes('after'), {
      waitingFor: 'a slice of 100 endpoints and one of 1',
      accept: (found) => found.join() === '100,1',
    });
  });

  check('new-slice-beside-a-free-one', 'to a slice of 60 endpoints 41 more come at once, and get a slice of their own', async () => {
    await settle(() => sizes('grows'), { waitingFor: 'one slice of 60 endpoints', accept: (found) => found.join() === '60', inARow: 1 });
    await ns.patch('grows', { spec: { selector: { part: null } } });
    await settle(() => sizes('grows'), { waitingFor: 'slices of 60 and 41 endpoints', accept: (found) => found.join() === '60,41' });
  });

  check('own-slice-for-other-ports', 'two Pods that name different ports are in two slices of one endpoint each', async () => {
    const slices = await settle(async () => (await ns.endpoints('two')).slices, {
      waitingFor: 'two slices',
      accept: (found) => found.length === 2,
    });
    expect(slices.map(({ endpoints, ports }) => [endpoints?.length, ports?.[0]?.port]).sort()).toEqual([
      [1, 80],
      [1, 81],
    ]);
  });
});

claim('evicted-pods-refused', ({ ns, setup, check }) => {
  let a: Backend;
  let web: CreatedService;
  let neverReady: CreatedService;
  const listed = async (service: string) => (await ns.endpoints(service)).endpoints.map(({ pod }) => pod);
  const ready = (status: 'True' | 'False') => [{ type: 'Ready', status }];
  const publishing = (name: string, app: string) => ns.service(webService({ publishNotReadyAddresses: true, selector: { app } }, { name }));

  // The first Pod is never scheduled and runs nothing. It has the address of a server of the run.
  setup(async () => {
    [a] = await backends();
    [web, neverReady] = await Promise.all([
      publishing('web', 'web'),
      publishing('never-ready', 'never-ready'),
      ns.startPods(
        server('evicted', { labels, spec: { schedulingGates: [{ name: 'example.com/never' }] } }),
        server('never-ready', { labels: { app: 'never-ready' }, readyByFile: true, spec: { restartPolicy: 'Never' } }),
      ),
    ]);
    await ns.patchPodStatus('evicted', { podIP: a.address, podIPs: [{ ip: a.address }], conditions: ready('True') });
  });

  check('listed-before', 'a Pod with an address is an endpoint of a Service that publishes addresses, and is answered', async () => {
    await settle(() => listed('web'), { waitingFor: 'the Pod in the slice', accept: (pods) => pods.join() === 'evicted', inARow: 1 });
    await expectEnding(client(), web.url(8080), 'answered', { by: a.name });
  });

  check(
    'left-out-once-evicted',
    'once it has failed, as by an eviction, it keeps its labels and its address, and is no endpoint',
    async () => {
      await ns.patchPodStatus('evicted', { phase: 'Failed', reason: 'Evicted', conditions: ready('False') });
      await settle(() => listed('web'), { waitingFor: 'no endpoint', accept: (pods) => pods.length === 0 });
      const [pod] = await ns.listPods('app=web');
      recordObservation('the status of the Pod', pod?.status);
      expect(pod?.status).toMatchObject({ phase: 'Failed', podIP: a.address });
    },
  );

  check('refused-once-evicted', 'once the only Pod of a Service is evicted, a client of the Service is refused', async () => {
    await expectEnding(client(), web.url(8080), 'refused');
  });

  // The other Pod has just shown how soon the controller follows a change that it looks at.
  check(
    'never-ready-stays',
    'a Pod that was never ready and has ended stays listed, until the controller looks at its Service again',
    async () => {
      await expectEnding(client(), neverReady.url(8080), 'answered', { by: 'never-ready', inARow: 1 });
      await http(await client(), neverReady.url(8080, '/exit?code=1'));
      await settle(
        async () => ({
          phase: (await ns.listPods('app=never-ready'))[0]?.status?.phase,
          pods: await listed('never-ready'),
        }),
        {
          waitingFor: 'a Pod that has ended and is listed',
          accept: ({ phase, pods }) => phase === 'Failed' && pods.join() === 'never-ready',
          forMs: 3000,
        },
      );
      await ns.patch('never-ready', { metadata: { annotations: { 'example.com/changed': 'yes' } } });
      await settle(() => listed('never-ready'), { waitingFor: 'no endpoint', accept: (pods) => pods.length === 0 });
    },
  );
});
