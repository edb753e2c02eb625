import { expect } from '@jest/globals';
import type { V1StatefulSet } from '@kubernetes/client-node';
import {
  claim,
  client,
  cluster,
  dig,
  expectAnswer,
  expectEnding,
  isNoName,
  kube,
  recordObservation,
  server,
  settle,
  timeouts,
  webService,
} from '../../helpers/testbed/testbed.ts';

// CoreDNS remembers for some seconds that a name does not exist. So no name is asked for before it should exist, unless that is the point.

const ipv6 = cluster.ipFamily === 'IPv6';
const type = ipv6 ? 'AAAA' : 'A';
const labels = { app: 'web' };
/** Addresses for documentation, which no Pod has. Nothing is sent to them. */
const nobody = (host: number) => (ipv6 ? `2001:db8::${host}` : `198.51.100.${host}`);
/** The label that stands for an address in a name. */
const dashed = (address: string) => address.replace(/[.:]/g, '-');
/** CoreDNS remembers an answer for its TTL: 5 s, unless the Corefile sets another, or disables the cache as that of kubeadm does. */
const forgotten = timeouts.settled + 10_000;

const named = [{ name: 'http', port: 8080, targetPort: 80 }];
const headless = (name: string, selector: Record<string, string> = {}) =>
  webService({ clusterIP: 'None', selector, ports: named }, { name });

const full = (name: string) => `${name}.svc.${cluster.domain}.`;

/** Waits until a name has exactly these addresses. */
async function expectAddresses(name: string, addresses: readonly string[], { within }: { within?: number } = {}): Promise<void> {
  const sorted = (all: readonly string[]) => [...all].sort().join();
  await expectAnswer(
    client(),
    full(name),
    `exactly ${addresses.join(' and ')}`,
    ({ answer }) => sorted(answer.map(({ data }) => data)) === sorted(addresses),
    within === undefined ? {} : { within },
  );
}

/** Waits until there is no such name. */
const expectNoName = (name: string) => expectAnswer(client(), full(name), 'NXDOMAIN', isNoName);

/** Waits until a name has exactly these SRV records, each `<port> <target>`. */
async function expectPorts(name: string, ...ports: readonly string[]): Promise<void> {
  await expectAnswer(
    client(),
    full(name),
    ports.join(' and '),
    ({ answer }) => {
      const seen = answer.map(({ data }) => data.split(' ').slice(2).join(' '));
      return seen.sort().join() === [...ports].sort().join();
    },
    { type: 'SRV' },
  );
}

claim('one-record-per-ready-pod', ({ ns, setup, check }) => {
  const name = (service: string) => `${service}.${ns.name}`;
  const [one, two, three] = [nobody(1), nobody(2), nobody(3)] as const;
  const endpoint = (address: string, ready: boolean) => ({ addresses: [address], conditions: { ready } });

  setup(async () => {
    await Promise.all([
      ...['some', 'none', 'changes'].map((service) => ns.serviceObject(headless(service))),
      ns.slice({ service: 'some', endpoints: [endpoint(one, false), endpoint(two, true), endpoint(three, true)] }),
      ns.slice({ service: 'none', endpoints: [endpoint(one, false)] }),
      ns.slice({ service: 'changes', endpoints: [endpoint(two, true), endpoint(three, true)] }),
    ]);
  });

  check('no-address-of-its-own', 'a Service with clusterIP None has no ClusterIP', async () => {
    const { spec } = await ns.read('some');
    recordObservation('its addresses', { clusterIP: spec?.clusterIP, clusterIPs: spec?.clusterIPs });
    expect([spec?.clusterIP, spec?.clusterIPs]).toEqual(['None', ['None']]);
  });

  check('ready-ones-alone', 'of three endpoints, its name has the addresses of the two that are ready', async () => {
    await expectAddresses(name('some'), [two, three]);
  });

  check('none-ready-is-no-name', 'where the only endpoint is not ready, there is no such name', async () => {
    await expectNoName(name('none'));
  });

  check(
    'gone-when-not-ready',
    'the address of an endpoint that stops being ready is gone once the cached answer has expired, and the other stays',
    async () => {
      await expectAddresses(name('changes'), [two, three]);
      await ns.slice({ service: 'changes', endpoints: [endpoint(two, false), endpoint(three, true)] });
      await expectAddresses(name('changes'), [three], { within: forgotten });
    },
  );
});

claim('headless-target-port', ({ ns, setup, check }) => {
  const name = (service: string) => `${service}.${ns.name}`;
  const url = (service: string, port: number) => `http://${name(service)}.svc.${cluster.domain}:${port}/hostname`;
  let address: string;

  setup(async () => {
    await Promise.all([
      ns.serviceObject(headless('headless', labels)),
      ns.serviceObject(webService({ selector: labels, ports: named }, { name: 'twin' })),
      ns.pods(server('web', { labels })),
    ]);
    const [pod] = await ns.listPods();
    address = pod?.status?.podIP ?? '';
    await settle(() => ns.endpoints('headless'), {
      waitingFor: 'a ready endpoint of the headless Service',
      accept: ({ endpoints }) => endpoints.some(({ ready }) => ready),
      inARow: 1,
    });
  });

  check('slice-has-target-port', 'the slices of a headless Service from 8080 to 80 have port 80', async () => {
    const { slices } = await ns.endpoints('headless');
    const ports = slices.flatMap((slice) => (slice.ports ?? []).map(({ port }) => port));
    recordObservation('the ports in its slices', ports);
    expect(ports).toEqual([80]);
  });

  check('srv-has-target-port', 'the SRV record of a headless Service has the targetPort too', async () => {
    await expectPorts(`_http._tcp.${name('headless')}`, `80 ${dashed(address)}.${name('headless')}.svc.${cluster.domain}.`);
  });

  check(
    'target-port-answers',
    'a client that uses the name of the headless Service and port 80 is answered, by the address of the Pod',
    async () => {
      const attempt = await expectEnding(client(), url('headless', 80), 'answered', { by: 'web' });
      expect(attempt.address).toBe(address);
    },
  );

  check('service-port-is-refused', 'a client that uses the name of the headless Service and port 8080 is refused by the Pod', async () => {
    const attempt = await expectEnding(client(), url('headless', 8080), 'refused', { inARow: 2 });
    recordObservation('who refuses', attempt.response);
    expect(attempt.response).toContain(address);
  });

  // Control: the same Service, with a ClusterIP.
  check('cluster-ip-twin', 'with a ClusterIP, the SRV record has port 8080, and 8080 is answered', async () => {
    await expectPorts(`_http._tcp.${name('twin')}`, `8080 ${name('twin')}.svc.${cluster.domain}.`);
    await expectEnding(client(), url('twin', 8080), 'answered', { by: 'web' });
  });
});

claim('pod-hostnames', ({ ns, setup, check }) => {
  const name = (host: string, service: string) => `${host}.${service}.${ns.name}`;
  const addresses: Record<string, string> = {};
  const addressOf = (pod: string) => [addresses[pod] ?? 'an unknown address'];

  setup(async () => {
    await Promise.all([
      ns.serviceObject(webService({ selector: labels }, { name: 'with-address' })),
      ns.serviceObject(headless('headless', labels)),
      ns.pods(
        server('first', { labels, spec: { hostname: 'one', subdomain: 'with-address' } }),
        server('second', { labels, spec: { hostname: 'two', subdomain: 'headless' } }),
      ),
    ]);
    for (const { metadata, status } of await ns.listPods()) addresses[metadata?.name ?? ''] = status?.podIP ?? '';
    await settle(() => Promise.all(['with-address', 'headless'].map((service) => ns.endpoints(service))), {
      waitingFor: 'both Pods behind both Services',
      accept: (all) => all.every(({ endpoints }) => endpoints.filter(({ ready }) => ready).length === 2),
      inARow: 1,
    });
  });

  check(
    'by-cluster-ip-service',
    'if a Service with a ClusterIP has the name of the subdomain of a Pod, hostname.service resolves to the Pod',
    async () => {
      await expectAddresses(name('one', 'with-address'), addressOf('first'));
    },
  );

  check('by-headless-service', 'if a headless Service has the name of the subdomain, hostname.service resolves to the Pod', async () => {
    await expectAddresses(name('two', 'headless'), addressOf('second'));
  });

  check('not-by-another-service', 'below the name of another Service that selects the Pod, the hostname does not resolve', async () => {
    await expectNoName(name('one', 'headless'));
    await expectNoName(name('two', 'with-address'));
  });

  check('not-by-the-pod-name', 'the name of the Pod in place of its hostname does not resolve', async () => {
    await expectNoName(name('first', 'with-address'));
    await expectNoName(name('second', 'headless'));
  });

  check('by-address-elsewhere', 'an endpoint without a hostname in that Service has its address with hyphens as a name', async () => {
    await expectAddresses(name(dashed(addressOf('second')[0] ?? ''), 'with-address'), addressOf('second'));
  });
});

claim('statefulset-names', ({ ns, setup, check }) => {
  const name = (pod: string) => `${pod}.web.${ns.name}`;
  const addressesNow = async () =>
    Object.fromEntries((await ns.listPods()).map(({ metadata, status }) => [metadata?.name ?? '', status?.podIP ?? '']));
  let before: Record<string, string>;

  setup(async () => {
    const { metadata, spec } = server('web', { labels });
    const body = {
      metadata: { name: 'web' },
      spec: {
        serviceName: 'web',
        replicas: 2,
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: labels },
        template: { metadata: { labels: metadata?.labels, annotations: metadata?.annotations }, spec },
      },
    } as unknown as V1StatefulSet;
    await ns.serviceObject(headless('web', labels));
    await kube.apps.createNamespacedStatefulSet({ namespace: ns.name, body });
    await ns.podsReady('web-0', 'web-1');
    before = await addressesNow();
    await settle(() => ns.endpoints('web'), {
      waitingFor: 'both Pods behind the Service',
      accept: ({ endpoints }) => endpoints.filter(({ ready }) => ready).length === 2,
      inARow: 1,
    });
  });

  check('each-its-own', 'each Pod has its own name below the Service, which is its address', async () => {
    for (const pod of ['web-0', 'web-1']) await expectAddresses(name(pod), [before[pod] ?? 'an unknown address']);
  });

  check('srv-has-the-names', 'SRV records of the Service have the names of its Pods as targets', async () => {
    await expectPorts(`_http._tcp.web.${ns.name}`, ...['web-0', 'web-1'].map((pod) => `80 ${name(pod)}.svc.${cluster.domain}.`));
  });

  check(
    'replaced-pod-same-name',
    'the name of a deleted Pod resolves to the Pod that takes its place, once the cached answer has expired',
    async () => {
      const uidOf = async () => (await ns.listPods()).find(({ metadata }) => metadata?.name === 'web-0')?.metadata?.uid;
      const old = await uidOf();
      await ns.terminate('web-0');
      await settle(uidOf, { waitingFor: 'another Pod web-0', accept: (uid) => uid !== undefined && uid !== old, inARow: 1 });
      await ns.podsReady('web-0');
      const now = (await addressesNow())['web-0'] ?? 'an unknown address';
      recordObservation('the address before and now', { before: before['web-0'], now });
      await expectAddresses(name('web-0'), [now], { within: forgotten });
    },
  );

  // Control: the Pod that was not deleted.
  check('the-other-unchanged', 'the name of the other Pod is still the same address', async () => {
    await expectAddresses(name('web-1'), [before['web-1'] ?? 'an unknown address']);
  });
});

claim('answers-shuffled', ({ ns, setup, check }) => {
  const addresses = [nobody(1), nobody(2), nobody(3)];
  let answered: Promise<string[][]>;

  setup(async () => {
    await ns.serviceObject(headless('web'));
    await ns.slice({ service: 'web', endpoints: addresses.map((address) => ({ addresses: [address] })) });
    await expectAddresses(`web.${ns.name}`, addresses);
    const here = await client();
    answered = dig(here, `web.${ns.name}.svc.${cluster.domain}.`, { type, times: 45 }).then((all) =>
      all.map(({ answer }) => answer.map(({ data }) => data)),
    );
    recordObservation('the addresses in 45 answers, in their order', await answered);
  });

  check('all-in-each-answer', 'each of 45 answers has all three addresses', async () => {
    const orders = await answered;
    expect(orders.map((order) => [...order].sort().join())).toEqual(Array.from({ length: 45 }, () => addresses.join()));
  });

  // By chance, one of three never comes first in 45 answers with a probability of 3 * (2/3)^45 = 4e-8.
  check('each-comes-first', 'of 45 answers, each address comes first in some', async () => {
    const orders = await answered;
    const first = [...new Set(orders.map(([address]) => address))].sort();
    expect(first).toEqual(addresses);
  });

  // By chance, this never happens in 44 pairs with a probability of (2/3)^44 = 2e-8.
  check('not-in-turn', 'one address comes first twice in a row, so they do not take turns', async () => {
    const orders = await answered;
    const repeats = orders.filter(([address], index) => index > 0 && orders[index - 1]?.[0] === address).length;
    recordObservation('how many answers begin as the one before', repeats);
    expect(repeats).toBeGreaterThan(0);
  });
});
