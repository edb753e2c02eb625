import { expect } from '@jest/globals';
import type { DnsAnswer, DnsQuery, DnsRecord } from '../../helpers/probe/dig.ts';
import type { CreatedService } from '../../helpers/testbed/namespace.ts';
import type { Backend } from '../../helpers/testbed/run-context.ts';
import {
  backends,
  claim,
  client,
  cluster,
  dig,
  expectAddress,
  expectAnswer,
  expectEnding,
  isNoName,
  kube,
  settle,
  timeouts,
  webService,
} from '../../helpers/testbed/testbed.ts';

// CoreDNS remembers for about five seconds that a name does not exist. So no name is asked for before its Service exists, unless that is the point.

const ipv6 = cluster.ipFamily === 'IPv6';
const type = ipv6 ? 'AAAA' : 'A';
/** Addresses for documentation, which no Pod has. Nothing is sent to them. */
const nobody = (host: number) => (ipv6 ? `2001:db8::${host}` : `198.51.100.${host}`);
/** The label that stands for an address in a name. */
const dashed = (address: string) => address.replace(/[.:]/g, '-');
const full = (name: string) => `${name}.${cluster.domain}.`;

/** CoreDNS remembers an answer for its TTL: 5 s, unless the Corefile sets another, or disables the cache as that of kubeadm does. */
const forgotten = timeouts.settled + 10_000;

/** Waits until there is no such name. */
const expectNoName = (name: string, query?: DnsQuery) => expectAnswer(client(), name, 'NXDOMAIN', isNoName, query);

/** Returns the records of a type as `<name> <data>`, sorted. */
const records = (all: readonly DnsRecord[], ofType: string) =>
  all
    .filter((record) => record.type === ofType)
    .map(({ name, data }) => `${name} ${data}`)
    .sort();

claim('external-name', ({ ns, setup, check, ending }) => {
  let a: Backend;
  let web: CreatedService;
  const svc = (name: string) => full(`${name}.${ns.name}.svc`);
  const alias = (name: string, externalName: string) =>
    ns.serviceObject(webService({ type: 'ExternalName', externalName, selector: {}, ports: [{ port: 9090, targetPort: 8080 }] }, { name }));
  const target = `web.${ns.name}.svc.${cluster.domain}`;

  setup(async () => {
    [web] = await Promise.all([
      ns.service(webService({ selector: {} })),
      alias('alias', target),
      alias('of-nobody', `nobody.${ns.name}.svc.${cluster.domain}`),
      alias('of-an-address', '192.0.2.1'),
      alias('becomes', target),
    ]);
    [a] = await backends();
    await Promise.all(['web', 'becomes'].map((service) => ns.slice({ service, endpoints: [{ addresses: [a.address] }] })));
  });

  check(
    'alias-is-a-cname',
    'the answer has the name of the target, and the address of that where it is a Service of the cluster',
    async () => {
      await expectAnswer(client(), svc('alias'), 'the target and its address', ({ answer }) => {
        const cname = records(answer, 'CNAME').join() === `${svc('alias')} ${target}.`;
        return cname && records(answer, type).join() === `${target}. ${web.address}`;
      });
    },
  );

  check('port-of-the-target', 'a client that uses the port of the target is answered by its Pod', async () => {
    await expectEnding(client(), `http://${svc('alias')}:8080/hostname`, 'answered', { by: a.name });
  });

  check('own-port-means-nothing', 'on the port that only the alias lists, nothing answers', async () => {
    await expectEnding(client(), `http://${svc('alias')}:9090/hostname`, ending('own-port-means-nothing'), { inARow: 1 });
  });

  check(
    'missing-target-is-empty',
    'where the target is a Service that does not exist, the answer is empty, and there is such a name',
    async () => {
      await expectAnswer(
        client(),
        svc('of-nobody'),
        'NOERROR and no record',
        ({ status, answer }) => status === 'NOERROR' && answer.length === 0,
      );
      // Control: the target itself is no name.
      await expectNoName(svc('nobody'));
    },
  );

  check('ipv4-like-is-no-name', 'where the target looks like an IPv4 address, there is no such name', async () => {
    await expectNoName(svc('of-an-address'));
  });

  check(
    'becomes-a-cluster-ip',
    'once the type is ClusterIP, the same name resolves to the ClusterIP, and the port that the Service lists is answered',
    async () => {
      await expectAnswer(client(), svc('becomes'), 'an alias', ({ answer }) => records(answer, 'CNAME').length === 1);
      const { spec } = await ns.patch('becomes', { spec: { type: 'ClusterIP', externalName: null } });
      const address = spec?.clusterIP ?? '';
      expect(address).not.toBe('');
      await expectAnswer(client(), svc('becomes'), `${address} alone`, ({ answer }) => answer.map(({ data }) => data).join() === address, {
        within: forgotten,
      });
      await expectEnding(client(), `http://${svc('becomes')}:9090/hostname`, 'answered', { by: a.name });
    },
  );
});

claim('empty-service-resolves', ({ ns, setup, check }) => {
  let empty: CreatedService;
  const svc = (name: string) => full(`${name}.${ns.name}.svc`);

  setup(async () => {
    const headless = (name: string) => ns.serviceObject(webService({ selector: {}, clusterIP: 'None' }, { name }));
    [empty] = await Promise.all([
      ns.service(webService({ selector: {} }, { name: 'empty' })),
      headless('empty-headless'),
      headless('headless'),
      ns.slice({ service: 'headless', endpoints: [{ addresses: [nobody(7)] }] }),
    ]);
  });

  check('resolves-without-endpoints', 'a Service without endpoints has a name, and that is its ClusterIP', async () => {
    await expectAddress(client(), svc('empty'), empty.address);
  });

  check('refused-by-name', 'a client that uses the name of a Service without endpoints is refused', async () => {
    await expectEnding(client(), `http://${svc('empty')}:8080/hostname`, 'refused', { inARow: 2 });
  });

  check('headless-has-no-name', 'a headless Service without endpoints has no name', async () => {
    await expectNoName(svc('empty-headless'));
  });

  // Control: only the endpoint differs.
  check('headless-with-an-endpoint-has', 'a headless Service with one endpoint has a name', async () => {
    await expectAddress(client(), svc('headless'), nobody(7));
  });
});

claim('srv-records', ({ ns, setup, check }) => {
  let web: CreatedService;
  const svc = (name: string) => full(`${name}.${ns.name}.svc`);
  const srv: DnsQuery = { type: 'SRV' };
  /** The ports and targets in SRV records, sorted. Priority and weight are left out. */
  const portsAndTargets = ({ answer }: DnsAnswer) =>
    answer
      .filter((record) => record.type === 'SRV')
      .map(({ data }) => data.split(' ').slice(2).join(' '))
      .sort()
      .join();

  setup(async () => {
    const ports = [
      { name: 'http', port: 8080, targetPort: 80 },
      { name: 'metrics', port: 9100, targetPort: 80 },
    ];
    [web] = await Promise.all([
      ns.service(webService({ selector: {}, ports })),
      ns.service(webService({ selector: {}, ports: [{ port: 7070, targetPort: 80 }] }, { name: 'unnamed' })),
    ]);
  });

  check(
    'named-port',
    'the SRV record of a named port has the port and the name of the Service, and the ClusterIP comes with it',
    async () => {
      await expectAnswer(
        client(),
        `_http._tcp.${svc('web')}`,
        `8080 ${svc('web')} with ${web.address}`,
        (answer) =>
          portsAndTargets(answer) === `8080 ${svc('web')}` && records(answer.additional, type).join() === `${svc('web')} ${web.address}`,
        srv,
      );
    },
  );

  check(
    'other-port-or-protocol',
    'for a port name or a protocol that the Service does not have, the name of an SRV record does not exist',
    async () => {
      await expectNoName(`_https._tcp.${svc('web')}`, srv);
      await expectNoName(`_http._udp.${svc('web')}`, srv);
    },
  );

  check('bare-name-has-every-port', 'SRV records of the bare name of a Service list all of its ports', async () => {
    const awaited = `8080 ${svc('web')},9100 ${svc('web')}`;
    await expectAnswer(client(), svc('web'), awaited, (answer) => portsAndTargets(answer) === awaited, srv);
  });

  check('port-without-a-name', 'SRV records of the bare name of a Service list a port without a name too', async () => {
    await expectAnswer(
      client(),
      svc('unnamed'),
      `7070 ${svc('unnamed')}`,
      (answer) => portsAndTargets(answer) === `7070 ${svc('unnamed')}`,
      srv,
    );
  });
});

claim('ptr-records', ({ ns, setup, check }) => {
  let web: CreatedService;
  let api: CreatedService;
  // Over TCP, because a long answer would be cut: another claim may have given an address to Services of its own.
  const ptr: DnsQuery = { type: 'PTR', tcp: true };
  const [ready, notReady] = ipv6 ? ['2001:db8:1::7', '2001:db8:1::8'] : ['203.0.113.7', '203.0.113.8'];
  const inNamespace = `.${ns.name}.svc.${cluster.domain}.`;
  /** The names in this namespace, without what they have in common, sorted. */
  const names = ({ answer }: DnsAnswer) =>
    answer
      .map(({ data }) => data)
      .filter((name) => name.endsWith(inNamespace))
      .map((name) => name.slice(0, -inNamespace.length))
      .sort()
      .join();
  const expectNames = (address: string, ...awaited: readonly string[]) =>
    expectAnswer(client(), address, `the names ${awaited.join(' and ')}`, (answer) => names(answer) === [...awaited].sort().join(), ptr);

  /**
   * Waits until an address has no name here, while another one has. CoreDNS asks a name server outside the cluster for what it does not know, and that may be
   * silent or fail. So the name of the other address shows that CoreDNS itself answers.
   */
  const expectNone = async (address: string, { within = timeouts.settled } = {}) => {
    const shell = await client();
    await settle(async () => (await Promise.all([address, api.address].map((each) => dig(shell, each, ptr)))).flat(), {
      waitingFor: `no name of ${address}, while ${api.address} has one`,
      accept: (answers) => answers.map(names).join(' and ') === ' and api',
      within,
    });
  };

  setup(async () => {
    // Two Services have the first endpoint, and the one that is not ready is behind the same two.
    const service = async (name: string) => {
      const created = await ns.service(webService({ selector: {} }, { name }));
      const endpoints = [{ addresses: [ready] }, { addresses: [notReady], conditions: { ready: false } }];
      await ns.slice({ service: name, endpoints });
      return created;
    };
    [web, api] = await Promise.all([service('web'), service('api')]);
  });

  check('cluster-ip', 'the reverse name of a ClusterIP is that of the Service', async () => {
    await expectNames(web.address, 'web');
  });

  check(
    'one-for-each-service',
    'an endpoint behind two Services with ClusterIPs has two reverse names, one below each Service',
    async () => {
      await expectNames(ready, `${dashed(ready)}.web`, `${dashed(ready)}.api`);
    },
  );

  // Control: only the condition differs.
  check('not-ready-has-none', 'an endpoint of two Services that is not ready has no reverse name', async () => {
    await expectNone(notReady);
  });

  check('gone-with-its-service', 'the ClusterIP of a Service that was deleted has no name once the TTL is over', async () => {
    await expectNames(web.address, 'web');
    await kube.core.deleteNamespacedService({ namespace: ns.name, name: 'web' });
    await expectNone(web.address, { within: forgotten });
  });
});

claim('pod-names-made-up', ({ ns, setup, check }) => {
  setup(async () => {
    await Promise.all([
      ns.service(webService({ selector: {} })),
      ns.slice({
        service: 'web',
        endpoints: [{ addresses: [nobody(7)] }, { addresses: [nobody(8)], conditions: { ready: false } }],
      }),
    ]);
  });

  check('read-off-the-name', 'the name of a Pod that does not exist has the address that is in the name', async () => {
    await expectAnswer(
      client(),
      full(`192-0-2-1.${ns.name}.pod`),
      '192.0.2.1',
      ({ answer }) => answer.map(({ data }) => data).join() === '192.0.2.1',
      { type: 'A' },
    );
  });

  // Control: only the namespace differs.
  check('namespace-must-exist', 'in a namespace that does not exist there is no such name', async () => {
    await expectNoName(full(`192-0-2-1.${ns.name}-none.pod`), { type: 'A' });
  });

  check('endpoint-has-a-name', 'a ready endpoint of a Service with a ClusterIP has a name below that of the Service', async () => {
    await expectAddress(client(), full(`${dashed(nobody(7))}.web.${ns.name}.svc`), nobody(7));
  });

  check('no-endpoint-has-none', 'an endpoint that is not ready has no name, and neither has an address that is no endpoint', async () => {
    await expectNoName(full(`${dashed(nobody(8))}.web.${ns.name}.svc`));
    await expectNoName(full(`${dashed(nobody(9))}.web.${ns.name}.svc`));
  });
});
