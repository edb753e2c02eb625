import { expect } from '@jest/globals';
import type { Backend } from '../../helpers/testbed/run-context.ts';
import type { CreatedService } from '../../helpers/testbed/namespace.ts';
import type { Shell } from '../../helpers/kube/shell.ts';
import {
  backends,
  claim,
  client,
  clientPod,
  cluster,
  fromEach,
  idle,
  inUrl,
  node,
  nodeShell,
  onNode,
  recordObservation,
  seriesOfEach,
  settle,
  webService,
} from '../../helpers/testbed/testbed.ts';

// Each port of a Service draws a Pod of its own. With two Pods, 24 ports all draw the same one, or all draw the same as before, once in 10^7 times.
const ports = Array.from({ length: 24 }, (_, index) => ({ name: `port-${index}`, port: 8000 + index, targetPort: 80 }));
const slicePorts = ports.map(({ name }) => ({ name, port: 80 }));
const sticky = { selector: {}, ports, sessionAffinity: 'ClientIP' };

/** Returns the Pod that answers each of the 24 ports. Throws NotSettled while one does not answer. */
const podsOf = async (from: Shell | Promise<Shell>, web: CreatedService): Promise<string[]> => {
  const answers = await seriesOfEach(
    await from,
    ports.map(({ port }) => web.url(port)),
  );
  return answers.flat();
};

/** Requests each port three times until each has only one Pod, and returns these. */
const settledPods = async (from: Shell | Promise<Shell>, urls: readonly string[]): Promise<string[]> => {
  const answers = await settle(async () => seriesOfEach(await from, urls, 3), {
    waitingFor: 'each port to be answered by one Pod',
    accept: (answered) => answered.every((names) => new Set(names).size === 1),
    inARow: 1,
  });
  return answers.map(([name]) => name ?? '');
};
const settledPodsOf = (from: Shell | Promise<Shell>, web: CreatedService) =>
  settledPods(
    from,
    ports.map(({ port }) => web.url(port)),
  );

const endpointsOf = (servers: readonly Backend[]) => servers.map(({ address }) => ({ addresses: [address] }));

/** The node with the shared hostNetwork client. A kernel knows only the clients of its own node. */
const nodeName = () => cluster.nodes.find(({ addresses }) => addresses.includes(cluster.nodeAddress))?.name ?? '';

/** Returns a client on that node. */
const near = () => client(cluster.nodes.length > 1 ? { node: nodeName() } : {});

claim('affinity-per-port', ({ ns, setup, check }) => {
  let web: CreatedService;
  let none: CreatedService;
  let pods: readonly string[] = [];

  setup(async () => {
    const [a, b] = await backends();
    const create = async (name: string, spec: object) => {
      const service = await ns.service(webService({ ...sticky, ...spec }, { name }));
      await ns.slice({ service: name, endpoints: endpointsOf([a, b]), ports: slicePorts });
      return service;
    };
    [web, none] = await Promise.all([create('web', { type: 'NodePort' }), create('none', { sessionAffinity: 'None' })]);
  });

  check('each-port-sticks', 'each of 24 ports of a Service keeps a client with one Pod', async () => {
    pods = await settledPodsOf(near(), web);
    for (let again = 0; again < 3; again++) expect(await podsOf(near(), web)).toEqual(pods);
  });

  check('ports-differ', 'not all ports keep the client with the same Pod', () => {
    recordObservation('the Pod of each port', pods);
    expect(new Set(pods).size).toBe(2);
    return Promise.resolve();
  });

  check('node-port-has-the-same', 'the node port of each port leads the client to the same Pod', async () => {
    const urls = (web.object.spec?.ports ?? []).map(({ nodePort }) => `http://${inUrl(cluster.nodeAddress)}:${nodePort}/hostname`);
    expect(await settledPods(near(), urls)).toEqual(pods);
  });

  // Control: only the field sessionAffinity differs.
  check('spreads-without-affinity', 'without affinity a port is answered by both Pods', async () => {
    await settle(
      async () =>
        seriesOfEach(
          await near(),
          ports.map(({ port }) => none.url(port)),
          3,
        ),
      {
        waitingFor: 'ports with answers from both Pods',
        accept: (answers) => answers.some((names) => new Set(names).size === 2),
      },
    );
  });
});

claim('affinity-renewed', ({ ns, setup, check }) => {
  const timeoutSeconds = 3;
  let web: CreatedService;
  let pods: readonly string[] = [];

  setup(async () => {
    const [a, b] = await backends();
    web = await ns.service(webService({ ...sticky, sessionAffinityConfig: { clientIP: { timeoutSeconds } } }));
    await ns.slice({ service: 'web', endpoints: endpointsOf([a, b]), ports: slicePorts });
  });

  check('lasts-while-it-is-used', 'a client that keeps connecting stays with its Pods for more than twice the timeout', async () => {
    await settle(
      async () => {
        const before = pods;
        pods = await podsOf(client(), web);
        return { pods, same: pods.join() === before.join() };
      },
      { waitingFor: 'the same Pods all the time', accept: ({ same }) => same, forMs: 2_500 * timeoutSeconds },
    );
  });

  check('ends-when-idle', 'once a client has been silent for longer than the timeout, it gets other Pods', async () => {
    await idle((timeoutSeconds + 1) * 1_000, 'affinity ends only when no connection renews it');
    const after = await podsOf(client(), web);
    recordObservation('the Pod of each port', { before: pods, after });
    expect(after).not.toEqual(pods);
  });
});

claim('affinity-through-churn', ({ ns, setup, check }) => {
  let a: Backend;
  let b: Backend;
  let c: Backend;
  let web: CreatedService;
  let none: CreatedService;
  let pods: readonly string[] = [];
  /** Sets the endpoints, and waits until the Service without affinity shows that kube-proxy has them: its slice is written last. */
  const setEndpoints = async (...servers: Backend[]) => {
    for (const service of ['web', 'none']) await ns.slice({ service, endpoints: endpointsOf(servers), ports: slicePorts });
    const urls = ports.map(({ port }) => none.url(port));
    // One of three Pods is missing among 72 answers once in 10^12 times.
    await settle(async () => [...new Set((await seriesOfEach(await client(), urls, 3)).flat())].sort(), {
      waitingFor: 'answers from these Pods alone, without affinity',
      accept: (names) => names.join() === servers.map(({ name }) => name).join(),
      inARow: 1,
    });
  };

  setup(async () => {
    [a, b, c] = await backends();
    [web, none] = await Promise.all([
      ns.service(webService(sticky)),
      ns.service(webService({ ...sticky, sessionAffinity: 'None' }, { name: 'none' })),
    ]);
    await setEndpoints(a, b);
  });

  check('kept-when-one-is-added', 'when a Pod is added, the client stays with its Pod on every port', async () => {
    pods = await settledPodsOf(client(), web);
    await setEndpoints(a, b, c);
    expect(await podsOf(client(), web)).toEqual(pods);
  });

  check('kept-when-another-goes', 'when another Pod goes, the client stays with its Pod on every port', async () => {
    await setEndpoints(a, b);
    expect(await podsOf(client(), web)).toEqual(pods);
  });

  // Without affinity, all ports that had b would draw it again of two Pods less than once in 900 times: 0.75 ** 24.
  check('moves-when-its-own-goes', 'when its own Pod goes, the client moves to another, and only on those ports', async () => {
    expect(pods).toContain(a.name);
    await setEndpoints(b, c);
    const after = await podsOf(client(), web);
    recordObservation('the Pod of each port', { before: pods, after });
    expect(after).not.toContain(a.name);
    expect(new Set(after.filter((_, index) => pods[index] === b.name))).toEqual(new Set([b.name]));
    pods = after;
  });

  check('stays-when-it-returns', 'when the Pod of a client returns, the client stays where it has moved', async () => {
    await setEndpoints(a, b, c);
    expect(await podsOf(client(), web)).toEqual(pods);
  });
});

claim('affinity-client', ({ ns, setup, check }) => {
  let web: CreatedService;

  setup(async () => {
    const [a, b] = await backends();
    [web] = await Promise.all([
      ns.service(webService(sticky)),
      ns.slice({ service: 'web', endpoints: endpointsOf([a, b]), ports: slicePorts }),
      ns.pods(clientPod('other', onNode(nodeName())), clientPod('on-the-node', { hostNetwork: true, ...onNode(nodeName()) })),
    ]);
  });

  check('pods-differ', 'two Pods are two clients: on some port they have different Pods', async () => {
    // Both on one node: the kernel of another one would draw anew for any client.
    const one = await settledPodsOf(near(), web);
    expect(await settledPodsOf(ns.shell('other'), web)).not.toEqual(one);
  });

  check('node-is-one-client', 'all hostNetwork Pods of a node are one client: they have the same Pod on every port', async () => {
    const one = await settledPodsOf(node(), web);
    expect(await settledPodsOf(ns.shell('on-the-node'), web)).toEqual(one);
  });
});

claim('affinity-hundred-clients', ({ ns, setup, check, inMode }) => {
  let url: string;
  // Addresses for measurements, which no network uses (https://www.rfc-editor.org/rfc/rfc2544). One route makes all of them addresses of the node.
  const range = '198.18.64.0/22';
  const addresses = Array.from({ length: 384 }, (_, index) => `198.18.${64 + Math.floor(index / 96)}.${1 + (index % 96)}`);
  const first = addresses.slice(0, 40);
  let pods: readonly string[] = [];
  const ask = async (from: readonly string[]) => {
    const shell = await nodeShell(nodeName());
    await shell.run(`ip route replace local ${range} dev lo`);
    try {
      return await fromEach(await node(), from, url);
    } finally {
      await shell.run(`ip route del local ${range} dev lo`);
    }
  };

  setup(async () => {
    const [a, b] = await backends();
    const ipv4 = [a, b].map(({ addresses: all }) => ({ addresses: all.filter((address) => !address.includes(':')) }));
    const web = await ns.service(
      webService({ selector: {}, sessionAffinity: 'ClientIP', ipFamilies: ['IPv4'], ports: [{ port: 8080, targetPort: 80 }] }),
    );
    await ns.slice({ service: 'web', endpoints: ipv4 });
    url = web.url(8080);
    await settle(() => ask(first.slice(0, 1)), { waitingFor: 'an answer', accept: () => true, inARow: 1 });
  });

  check('eighty-are-remembered', 'each of 40 clients keeps its Pod while 40 others connect', async () => {
    pods = await ask(first);
    await ask(addresses.slice(40, 80));
    expect(await ask(first)).toEqual(pods);
  });

  // Each of two Pods gets at least 100 of 304 clients but for one time in 10^8. Then 40 clients draw again, and all get the same as before once in 10^12 times.
  check(
    'the-oldest-are-forgotten',
    'after 304 other clients, some of the first have another Pod in iptables mode, and none in nftables mode',
    async () => {
      await ask(addresses.slice(80));
      const after = await ask(first);
      recordObservation('the Pod of each of the first clients', { before: pods, after });
      const kept = after.every((pod, index) => pod === pods[index]);
      expect(kept ? 'each client keeps its Pod' : 'some clients get another Pod').toBe(inMode('the-oldest-are-forgotten'));
    },
  );
});
