import { expect } from '@jest/globals';
import type { Service, ServicePort } from 'kubernetes-types/core/v1.js';
import type { V1Service } from '@kubernetes/client-node';
import type { CreatedService, Namespace } from '../../helpers/testbed/namespace.ts';
import {
  backends,
  claim,
  client,
  cluster,
  expectAddress,
  expectEnding,
  idle,
  recordObservation,
  responseTo,
  settle,
  startLoad,
  webService,
} from '../../helpers/testbed/testbed.ts';

/** Asks the API server to create a Service, and returns its response. */
function refused(ns: Namespace, what: string, service: Service): Promise<{ code: number; message: string }> {
  return responseTo(what, ns.serviceObject(service));
}

/** Creates a Service, and records and returns it. */
async function accepted(ns: Namespace, what: string, service: Service): Promise<V1Service> {
  const created = await ns.serviceObject(service);
  recordObservation(`the response to ${what}`, { type: created.spec?.type, ports: created.spec?.ports });
  return created;
}

const withPorts = (name: string, ports: readonly ServicePort[], spec: Service['spec'] = {}) =>
  webService({ ...spec, ports: [...ports] }, { name });

claim('service-names', ({ ns, check }) => {
  check('digit-first-answers', 'a Service named 1web is created, and answers by that name', async () => {
    const [a] = await backends();
    const web = await ns.service(webService({ selector: {} }, { name: '1web' }));
    await ns.slice({ service: '1web', endpoints: [{ addresses: [a.address] }] });
    const name = `1web.${ns.name}.svc.${cluster.domain}`;
    await expectAddress(client(), name, web.address);
    await expectEnding(client(), `http://${name}:8080/hostname`, 'answered', { by: a.name });
  });

  check('other-names-are-refused', 'names with a hyphen first, a capital, an underscore or 64 characters are refused', async () => {
    for (const name of ['-web', 'Web', 'a_b', 'a'.repeat(64)])
      expect(await refused(ns, `the name ${name}`, webService({}, { name }))).toMatchObject({ code: 422 });
  });

  // Control: one character less.
  check('longest-name', 'a name with 63 characters is accepted', async () => {
    await accepted(ns, 'a name of 63 characters', webService({}, { name: 'a'.repeat(63) }));
  });
});

claim('ports-per-slice', ({ ns, check }) => {
  const ports = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `p${index}`, port: 1_000 + index }));
  const endpoints = (count: number) => Array.from({ length: count }, (_, index) => ({ addresses: [`192.0.${index >> 8}.${index & 255}`] }));

  check('hundred-and-one-ports', 'an EndpointSlice with 101 ports is created', async () => {
    const slice = await ns.slice({ service: 'web', endpoints: endpoints(1), ports: ports(101) });
    recordObservation('the number of its ports', slice.ports?.length);
    expect(slice.ports).toHaveLength(101);
  });

  // Control: so there are limits that the API server does enforce.
  check('a-thousand-and-one-endpoints', 'a slice with 1,001 endpoints is refused, and one with 1,000 is not', async () => {
    const over = ns.slice({ service: 'web', name: 'over', endpoints: endpoints(1_001) });
    expect(await responseTo('1,001 endpoints', over)).toMatchObject({ code: 422 });
    expect((await ns.slice({ service: 'web', name: 'full', endpoints: endpoints(1_000) })).endpoints).toHaveLength(1_000);
  });

  check('no-ports-without-pods', 'a Service without Pods gets a slice without ports', async () => {
    await ns.service(webService({}, { name: 'without-pods' }));
    await settle(async () => (await ns.endpoints('without-pods')).slices.map((slice) => slice.ports ?? []), {
      waitingFor: 'one slice without ports',
      accept: (slices) => slices.length === 1 && slices[0]?.length === 0,
      inARow: 1,
    });
  });
});

claim('ports-need-names', ({ ns, check }) => {
  const [one, two] = [
    { name: 'one', port: 81 },
    { name: 'two', port: 82 },
  ] as const;

  check('one-unnamed-is-refused', 'a Service with two ports of which one has no name is refused', async () => {
    expect(await refused(ns, 'a port without a name beside another', withPorts('unnamed', [one, { port: 82 }]))).toMatchObject({
      code: 422,
      message: expect.stringContaining('spec.ports[1].name'),
    });
    await accepted(ns, 'both with a name', withPorts('named', [one, two]));
  });

  check('same-name-is-refused', 'a Service in which two ports have the same name is refused too', async () => {
    expect(await refused(ns, 'a name twice', withPorts('twice', [one, { ...two, name: 'one' }]))).toMatchObject({ code: 422 });
  });

  // Control: the same port, alone.
  check('a-single-one-needs-none', 'a single port needs no name', async () => {
    await accepted(ns, 'a single port without a name', withPorts('single', [{ port: 82 }]));
  });
});

claim('port-numbers', ({ ns, check }) => {
  check('outside-is-refused', 'ports 0, 65536 and -1 are refused', async () => {
    for (const port of [0, 65_536, -1])
      expect(await refused(ns, `port ${port}`, withPorts('outside', [{ port, targetPort: 80 }]))).toMatchObject({ code: 422 });
  });

  check('first-and-last', 'ports 1 and 65535 are accepted', async () => {
    const { spec } = await accepted(
      ns,
      'ports 1 and 65535',
      withPorts('inside', [
        { name: 'first', port: 1 },
        { name: 'last', port: 65_535 },
      ]),
    );
    // Where no targetPort is given, it is the port.
    expect(spec?.ports?.map(({ port, targetPort }) => [port, targetPort])).toEqual([
      [1, 1],
      [65_535, 65_535],
    ]);
  });

  check('none-at-all', 'a Service without ports is refused, and with clusterIP None it is accepted', async () => {
    expect(await refused(ns, 'no ports', withPorts('none', []))).toMatchObject({ code: 422 });
    await accepted(ns, 'no ports and no ClusterIP', withPorts('none', [], { clusterIP: 'None' }));
  });
});

claim('protocols', ({ ns, check }) => {
  check('tcp-by-default', 'a port without a protocol gets TCP', async () => {
    const { spec } = await accepted(ns, 'no protocol', withPorts('default', [{ port: 80 }]));
    expect(spec?.ports?.map(({ protocol }) => protocol)).toEqual(['TCP']);
  });

  check('all-three', 'TCP, UDP and SCTP are accepted, also all with one number', async () => {
    const all = (['TCP', 'UDP', 'SCTP'] as const).map((protocol) => ({ name: protocol.toLowerCase(), port: 80, protocol }));
    const { spec } = await accepted(ns, 'all three on port 80', withPorts('all', all));
    expect(spec?.ports?.map(({ protocol }) => protocol)).toEqual(['TCP', 'UDP', 'SCTP']);
  });

  check('others-are-refused', 'ICMP, tcp in lower case and HTTP are refused', async () => {
    for (const protocol of ['ICMP', 'tcp', 'HTTP'])
      expect(await refused(ns, `protocol ${protocol}`, withPorts('other', [{ port: 80, protocol }]))).toMatchObject({ code: 422 });
  });
});

claim('target-port-names', ({ ns, check }) => {
  check(
    'names-that-are-refused',
    'a targetPort of 16 characters, of digits alone in quotes, with a capital or with two hyphens in a row is refused, and so are -1 and 65536',
    async () => {
      for (const targetPort of ['sixteen-letters1', '8080', 'Http', 'a--b', -1, 65_536])
        expect(await refused(ns, `targetPort ${JSON.stringify(targetPort)}`, withPorts('wrong', [{ port: 80, targetPort }]))).toMatchObject(
          {
            code: 422,
          },
        );
    },
  );

  check('zero-is-the-port', 'the number 0 counts as none: the targetPort is then the port', async () => {
    const { spec } = await accepted(ns, 'targetPort 0', withPorts('zero', [{ port: 81, targetPort: 0 }]));
    expect(spec?.ports?.[0]?.targetPort).toBe(81);
  });

  check('fifteen-characters', 'a targetPort name of 15 characters is accepted, though no Pod has such a port', async () => {
    await accepted(ns, 'a targetPort of 15 characters', withPorts('right', [{ port: 80, targetPort: 'fifteen-letters' }]));
  });
});

claim('node-port-needs-a-type', ({ ns, check }) => {
  // The API server takes a port from its range, so that the check does not depend on the range.
  const ports = (nodePort?: number) => [{ port: 80, ...(nodePort === undefined ? {} : { nodePort }) }];

  check('refused-on-cluster-ip', 'on a Service of type ClusterIP a nodePort and an externalTrafficPolicy are refused', async () => {
    const { spec } = await accepted(ns, 'type NodePort', withPorts('node-port', ports(), { type: 'NodePort' }));
    const nodePort = spec?.ports?.[0]?.nodePort ?? 0;
    expect(await refused(ns, `nodePort ${nodePort}`, withPorts('wrong', ports(nodePort)))).toMatchObject({ code: 422 });
    expect(await refused(ns, 'externalTrafficPolicy Local', withPorts('wrong', ports(), { externalTrafficPolicy: 'Local' }))).toMatchObject(
      { code: 422 },
    );
  });

  // Control: the same fields with another type.
  check('accepted-on-node-port', 'on a Service of type NodePort both fields are accepted', async () => {
    const { spec } = await ns.read('node-port');
    const nodePort = spec?.ports?.[0]?.nodePort ?? 0;
    const set = await ns.patch('node-port', { spec: { externalTrafficPolicy: 'Local', ports: [{ port: 81, nodePort }] } });
    recordObservation('the Service with both', { externalTrafficPolicy: set.spec?.externalTrafficPolicy, ports: set.spec?.ports });
    expect([set.spec?.externalTrafficPolicy, set.spec?.ports?.[0]?.nodePort]).toEqual(['Local', nodePort]);
  });
});

claim('affinity-bounds', ({ ns, check }) => {
  const withTimeout = (name: string, timeoutSeconds: number, sessionAffinity: 'ClientIP' | 'None' = 'ClientIP') =>
    webService({ sessionAffinity, sessionAffinityConfig: { clientIP: { timeoutSeconds } } }, { name });

  check('outside-is-refused', 'a timeout of 0 s or of 86401 s is refused', async () => {
    for (const seconds of [0, 86_401])
      expect(await refused(ns, `timeoutSeconds ${seconds}`, withTimeout('outside', seconds))).toMatchObject({ code: 422 });
  });

  check('one-and-a-day', 'an affinity timeout of 1 s and one of 86400 s are accepted', async () => {
    for (const seconds of [1, 86_400]) {
      const { spec } = await ns.serviceObject(withTimeout(`of-${seconds}`, seconds));
      recordObservation(`the configuration with timeoutSeconds ${seconds}`, spec?.sessionAffinityConfig);
      expect(spec?.sessionAffinityConfig?.clientIP?.timeoutSeconds).toBe(seconds);
    }
  });

  check('dropped-without-affinity', 'with the affinity None the timeout is dropped, and nothing is refused', async () => {
    const { spec } = await ns.serviceObject(withTimeout('none', 5, 'None'));
    recordObservation('the configuration with affinity None', spec?.sessionAffinityConfig);
    expect(spec?.sessionAffinityConfig).toBeUndefined();
  });
});

claim('app-protocol-is-a-note', ({ ns, setup, check }) => {
  let web: CreatedService;
  const ports = (more: { appProtocol?: string }) => ({ spec: { ports: [{ port: 8080, targetPort: 80, ...more }] } });

  setup(async () => {
    const [a] = await backends();
    web = await ns.service(webService({ selector: {} }));
    await ns.slice({ service: 'web', endpoints: [{ addresses: [a.address] }] });
    await expectEnding(client(), web.url(8080), 'answered', { by: a.name });
  });

  check('none-lost', 'appProtocol is set, changed and removed under load, and every request is answered', async () => {
    const load = await startLoad(await client(), web.url(8080));
    const changes = [{ appProtocol: 'http' }, { appProtocol: 'kubernetes.io/h2c' }, { appProtocol: 'example.com/mine' }, {}];
    const stored: (string | undefined)[] = [];
    for (const change of changes) {
      const { spec } = await ns.patch('web', ports(change));
      stored.push(spec?.ports?.[0]?.appProtocol);
      // kube-proxy writes its rules at most a second after a change.
      await idle(1_200, 'a change would reach the rules by then');
    }
    const seen = await load.stop();
    recordObservation('what became of the requests', seen);
    expect(stored).toEqual(['http', 'kubernetes.io/h2c', 'example.com/mine', undefined]);
    expect(seen.lost).toEqual([]);
    expect(seen.sent).toBeGreaterThan(30);
  });

  check('form-is-checked', 'a value with a blank is refused', async () => {
    expect(await responseTo('a value with a blank', ns.patch('web', ports({ appProtocol: 'two words' })))).toMatchObject({ code: 422 });
  });
});
