import { expect } from '@jest/globals';
import type { Container, Pod } from 'kubernetes-types/core/v1.js';
import type { OpenConnection } from '../../helpers/probe/connection.ts';
import type { CreatedService } from '../../helpers/testbed/namespace.ts';
import type { Lab } from '../../helpers/testbed/lab.ts';
import type { Backend } from '../../helpers/testbed/run-context.ts';
import {
  backends,
  claim,
  client,
  expectEnding,
  http,
  idle,
  inUrl,
  openConnection,
  openLab,
  recordObservation,
  responseTo,
  server,
  settle,
  startLoad,
  udp,
  webService,
} from '../../helpers/testbed/testbed.ts';

const labels = { app: 'web' };

/** Sends requests while something is changed, and expects that none of them is lost. */
async function expectNoneLost(url: string, change: () => Promise<void>): Promise<void> {
  const load = await startLoad(await client(), url);
  try {
    await change();
  } finally {
    const result = await load.stop();
    recordObservation('the requests meanwhile', result);
    expect(result.lost).toEqual([]);
    // Otherwise it would say nothing.
    expect(result.sent).toBeGreaterThan(10);
  }
}

claim('port-rename-gap', ({ ns, setup, check }) => {
  let web: CreatedService;
  let manual: CreatedService;
  let a: Backend;
  let open: OpenConnection;
  let name = '';
  let targetPort = 80;
  const rename = (service: string, to: string) => ns.patch(service, { spec: { ports: [{ name: to, port: 8080, targetPort }] } });
  const sliceNamed = (port: string) =>
    ns.slice({ service: 'manual', endpoints: [{ addresses: [a.address] }], ports: [{ name: port, port: 80 }] });

  setup(async () => {
    [a] = await backends();
    [web, manual] = await Promise.all([
      ns.service(),
      ns.service(webService({ selector: {}, ports: [{ name: 'before', port: 8080 }] }, { name: 'manual' })),
    ]);
    await Promise.all([sliceNamed('before'), ns.pods(server('web', { labels }))]);
    await expectEnding(client(), manual.url(8080), 'answered', { by: a.name });
    open = await openConnection(await client(), manual.address, 8080);
    // The port that targetPort changes to: it answers with another word.
    const shell = await ns.shell('web');
    await shell.run('SERVE_PORT_81=eighty-one /agnhost porter >/dev/null 2>&1 &');
    await expectEnding(shell, 'http://localhost:81/hostname', 'answered', { by: 'eighty-one' });
  });

  check('rename-refuses', 'when the port gets a name, new connections are refused, and answered again soon after', async () => {
    await expectEnding(client(), web.url(8080), 'answered', { by: 'web' });
    let renames = 0;
    // A kube-proxy that is busy may hear of both before it writes any rules. So a rename without a gap says nothing, and another one follows.
    const observe = async () => {
      await idle(
        1200,
        'kube-proxy waits for a second after each sync, and only a quiet one writes rules as soon as it hears of the Service',
      );
      name = `name-${++renames}`;
      await rename('web', name);
      const until = Date.now() + 1500;
      let attempt = await http(await client(), web.url(8080));
      while (attempt.ending === 'answered' && Date.now() < until) attempt = await http(await client(), web.url(8080));
      return attempt;
    };
    await settle(observe, {
      waitingFor: 'a connection to be refused after the port got another name',
      accept: ({ ending }) => ending === 'refused',
      inARow: 1,
    });
    await expectEnding(client(), web.url(8080), 'answered', { by: 'web' });
  });

  // Control: what changes here is not the name.
  check('target-port-changes', 'when its targetPort changes, no connection is lost', async () => {
    await expectNoneLost(web.url(8080), async () => {
      targetPort = 81;
      await rename('web', name);
      await expectEnding(client(), web.url(8080), 'answered', { by: 'eighty-one' });
    });
  });

  check('named-port-added', 'when a second port is added and the first keeps its name, no connection to the first is lost', async () => {
    await expectNoneLost(web.url(8080), async () => {
      await ns.patch('web', {
        spec: {
          ports: [
            { name, port: 8080, targetPort },
            { name: 'second', port: 8081, targetPort: 80 },
          ],
        },
      });
      await expectEnding(client(), web.url(8081), 'answered', { by: 'web' });
    });
  });

  check(
    'old-name-in-the-slice',
    'while the EndpointSlice has the old name, new connections are refused for as long as that lasts',
    async () => {
      await rename('manual', 'after');
      await expectEnding(client(), manual.url(8080), 'refused', { inARow: 2 });
      await idle(2000, 'kube-proxy would write other rules within a second');
      await expectEnding(client(), manual.url(8080), 'refused', { inARow: 2 });
    },
  );

  check('open-connection-goes-on', 'a connection that was open before the port was renamed is answered meanwhile', async () => {
    const reply = await open.request();
    recordObservation('the reply on the open connection', reply);
    expect(reply).toMatchObject({ ending: 'answered', response: a.name });
  });

  check('slice-follows', 'new connections are answered when the EndpointSlice has the new name', async () => {
    await sliceNamed('after');
    await expectEnding(client(), manual.url(8080), 'answered', { by: a.name });
  });
});

claim('apply-loses-a-port', ({ ns, setup, check }) => {
  let lab: Lab;
  const tcp = { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 };
  const both = [tcp, { ...tcp, name: 'dns', protocol: 'UDP' }];
  const type = async (command: string, service: string, ports: readonly object[]) => {
    const json = JSON.stringify(webService({ ports: [...ports] as never }, { name: service }));
    return lab.type(`printf %s '${json}' | kubectl ${command} -f -`);
  };
  const protocolsOf = async (service: string) => {
    const { spec } = await ns.read(service);
    recordObservation('the ports of the Service', spec?.ports);
    return (spec?.ports ?? []).map(({ protocol }) => protocol).sort();
  };

  setup(async () => {
    lab = await openLab(ns.name, {});
  });

  check('plain-apply-loses-one', 'after kubectl apply of TCP 53, and then of TCP 53 and UDP 53, the Service has one port', async () => {
    expect((await type('apply', 'plain', [tcp])).exitCode).toBe(0);
    // kubectl is content with it.
    expect((await type('apply', 'plain', both)).exitCode).toBe(0);
    expect((await protocolsOf('plain')).length).toBe(1);
  });

  check('server-side-keeps-both', 'after kubectl apply --server-side, a Service with TCP and UDP on one port has both', async () => {
    expect((await type('apply --server-side', 'server-side', [tcp])).exitCode).toBe(0);
    expect((await type('apply --server-side', 'server-side', both)).exitCode).toBe(0);
    expect(await protocolsOf('server-side')).toEqual(['TCP', 'UDP']);
  });

  check('merge-patch-keeps-both', 'after kubectl create of TCP 53, and kubectl patch --type=merge with both, it has both', async () => {
    expect((await type('create', 'patched', [tcp])).exitCode).toBe(0);
    const patch = JSON.stringify({ spec: { ports: both } });
    expect((await lab.type(`kubectl patch service patched --type=merge -p '${patch}'`)).exitCode).toBe(0);
    expect(await protocolsOf('patched')).toEqual(['TCP', 'UDP']);
  });
});

claim('tcp-and-udp-on-one-number', ({ ns, setup, check, ending }) => {
  let web: CreatedService;
  let a: Backend;
  const tcp = { name: 'tcp', port: 8080, targetPort: 80, protocol: 'TCP' };
  const overUdp = { ...tcp, name: 'udp', protocol: 'UDP' };
  const expectUdp = (endings: readonly string[], inARow: number) =>
    settle(async () => udp(await client(), `${inUrl(web.address)}:8080`), {
      waitingFor: `a datagram to port 8080 to end with: ${endings.join(', ')}`,
      accept: (attempt) => endings.includes(attempt.ending),
      inARow,
    });

  setup(async () => {
    [a] = await backends();
    const ports = [
      { name: 'tcp', port: 80, protocol: 'TCP' },
      { name: 'udp', port: 80, protocol: 'UDP' },
    ];
    [web] = await Promise.all([
      ns.service(webService({ selector: {}, ports: [tcp, overUdp] })),
      ns.slice({ service: 'web', endpoints: [{ addresses: [a.address] }], ports }),
    ]);
  });

  check('both-answer', 'a connection and a datagram to the same number are both answered', async () => {
    await expectEnding(client(), web.url(8080), 'answered', { by: a.name });
    await expectUdp(['answered'], 3);
  });

  check('without-udp-tcp-goes-on', 'without the UDP port, datagrams are not answered, and TCP loses no connection', async () => {
    await expectNoneLost(web.url(8080), async () => {
      await ns.patch('web', { spec: { ports: [tcp] } });
      await expectUdp([ending('without-udp-tcp-goes-on')].flat(), 2);
    });
  });

  check('without-tcp-udp-goes-on', 'with UDP in place of TCP, a connection is not answered, and datagrams are', async () => {
    await ns.patch('web', { spec: { ports: [overUdp] } });
    await expectEnding(client(), web.url(8080), ending('without-tcp-udp-goes-on'));
    await expectUdp(['answered'], 3);
  });

  check('same-protocol-twice', 'the API server rejects the number twice with the same protocol, and takes it with both', async () => {
    const again = ns.serviceObject(webService({ ports: [tcp, { ...tcp, name: 'again' }] }, { name: 'twice' }));
    const { code, message } = await responseTo('the same protocol twice', again);
    expect(code).toBe(422);
    expect(message).toContain('Duplicate value');
    await ns.serviceObject(webService({ ports: [tcp, overUdp] }, { name: 'once-each' }));
  });
});

claim('ports-come-and-go', ({ ns, setup, check, ending }) => {
  let web: CreatedService;
  const ports = [
    { name: 'first', port: 8080, targetPort: 80 },
    { name: 'second', port: 8081, targetPort: 8001 },
    { name: 'third', port: 8082, targetPort: 8002 },
  ];
  const further = { name: 'further', port: 8083, targetPort: 8001 };

  setup(async () => {
    // Answers with another word on each port.
    const pod = server('web', { labels });
    const env = { SERVE_PORT_80: 'eighty', SERVE_PORT_8001: 'one', SERVE_PORT_8002: 'two' };
    const container = pod.spec?.containers[0] as Container;
    Object.assign(container, { args: ['porter'], env: Object.entries(env).map(([name, value]) => ({ name, value })) });
    web = await ns.service(webService({ ports }));
    await ns.pods(pod);
  });

  check('each-its-own', 'each of three ports leads to the listener on its own targetPort', async () => {
    await expectEnding(client(), web.url(8080), 'answered', { by: 'eighty' });
    await expectEnding(client(), web.url(8081), 'answered', { by: 'one' });
    await expectEnding(client(), web.url(8082), 'answered', { by: 'two' });
  });

  check('added', 'a port that is added answers, and the first one loses no connection', async () => {
    await expectNoneLost(web.url(8080), async () => {
      await ns.patch('web', { spec: { ports: [...ports, further] } });
      await expectEnding(client(), web.url(8083), 'answered', { by: 'one' });
    });
  });

  check('removed', 'once an added port is removed it does not answer any more, and the first one loses no connection', async () => {
    await expectNoneLost(web.url(8080), async () => {
      await ns.patch('web', { spec: { ports } });
      await expectEnding(client(), web.url(8083), ending('removed'));
    });
  });

  check('port-that-no-pod-offers', 'a port with a targetPort that no Pod has is refused, while the others answer', async () => {
    await ns.patch('web', { spec: { ports: [...ports, { ...further, targetPort: 'no-such-name' }] } });
    await expectEnding(client(), web.url(8083), 'refused', { inARow: 2 });
    await expectEnding(client(), web.url(8080), 'answered', { by: 'eighty' });
    await expectEnding(client(), web.url(8081), 'answered', { by: 'one' });
  });
});

claim('sidecar-named-port', ({ ns, setup, check }) => {
  let sidecar: CreatedService;
  let ended: CreatedService;
  /** Returns a Pod whose init container declares port 80 as http. */
  const withInitContainer = (pod: Pod, more: Partial<Container>): Pod => {
    const [declares] = server('init', { declares: { http: 80 } }).spec?.containers ?? [];
    return { ...pod, spec: { ...pod.spec, initContainers: [{ ...declares, name: 'init', ...more }] } as NonNullable<Pod['spec']> };
  };

  setup(async () => {
    const service = (name: string) =>
      ns.service(webService({ selector: { app: name }, ports: [{ port: 8080, targetPort: 'http' }] }, { name }));
    [sidecar, ended] = await Promise.all([service('sidecar'), service('ended')]);
    await ns.pods(
      // Only the init container listens on port 80, and it goes on.
      withInitContainer(server('sidecar', { labels: { app: 'sidecar' }, port: 81 }), { restartPolicy: 'Always' }),
      // The init container ends before the Pod's own container listens on port 80.
      withInitContainer(server('ended', { labels: { app: 'ended' } }), { args: ['help'] }),
    );
  });

  check('sidecar-answers', 'a targetPort by name leads to a restartable init container that declares it', async () => {
    await expectEnding(client(), sidecar.url(8080), 'answered', { by: 'sidecar' });
    const { endpoints } = await ns.endpoints('sidecar');
    recordObservation('the endpoints', endpoints);
    expect(endpoints.map(({ pod, ports }) => [pod, ports])).toEqual([['sidecar', [80]]]);
  });

  check('ended-init-container', 'a name that only another init container declares is not found, and a client is refused', async () => {
    await settle(async () => (await ns.endpoints('ended')).endpoints, {
      waitingFor: 'a ready endpoint without ports',
      accept: (endpoints) => endpoints.length === 1 && endpoints[0]?.ready === true && endpoints[0].ports.length === 0,
      inARow: 1,
    });
    await expectEnding(client(), ended.url(8080), 'refused', { inARow: 2 });
  });
});
