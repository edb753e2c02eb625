import { expect } from '@jest/globals';
import type { CreatedService } from '../../helpers/testbed/namespace.ts';
import {
  claim,
  client,
  expectEnding,
  inUrl,
  node,
  recordObservation,
  series,
  server,
  settle,
  webService,
} from '../../helpers/testbed/testbed.ts';

claim('port-exposed', ({ ns, setup, check, ending }) => {
  let web: CreatedService;

  setup(async () => {
    web = await ns.service(webService());
    await ns.pods(server('web', { labels: { app: 'web' } }));
  });

  check('listed-port-answers', 'the listed port 8080 answers', async () => {
    await expectEnding(client(), web.url(8080), 'answered', { by: 'web' });
  });

  // The Pod listens on 80: it would answer if anything led there from port 80 of the Service.
  check('unlisted-port-does-not', 'port 80, where the Pod listens but which the Service does not list, does not answer', async () => {
    await expectEnding(client(), web.url(80), ending('unlisted-port-does-not'));
    await expectEnding(client(), web.url(8080), 'answered', { by: 'web' });
  });
});

claim('matches-container-port', ({ ns, setup, check }) => {
  let undeclared: CreatedService;
  let declared: CreatedService;

  setup(async () => {
    undeclared = await ns.service(webService({ ports: [{ port: 8080, targetPort: 80 }] }, { name: 'undeclared' }));
    declared = await ns.service(webService({ ports: [{ port: 8080, targetPort: 81 }] }, { name: 'declared' }));
    // Declares port 81 and listens on port 80.
    await ns.pods(server('web', { labels: { app: 'web' }, declares: { wrong: 81 } }));
  });

  check('undeclared-port-answers', 'a targetPort that the Pod listens on but does not declare is answered', async () => {
    await expectEnding(client(), undeclared.url(8080), 'answered', { by: 'web' });
  });

  check('declared-port-without-listener-refuses', 'a targetPort that the Pod declares but does not listen on is refused', async () => {
    await settle(async () => (await ns.endpoints('declared')).endpoints, {
      waitingFor: 'the Pod to be an endpoint on port 81',
      accept: (endpoints) => endpoints.length === 1 && endpoints[0]?.ready === true && endpoints[0].ports.join() === '81',
      inARow: 1,
    });
    await expectEnding(client(), declared.url(8080), 'refused');
  });
});

claim('decoupling', ({ ns, setup, check }) => {
  let from80To8080: CreatedService;
  let from8080To80: CreatedService;
  let equal: CreatedService;
  let omitted: CreatedService;

  setup(async () => {
    const legacy = { app: 'legacy' };
    from80To8080 = await ns.service(webService({ selector: legacy, ports: [{ port: 80, targetPort: 8080 }] }, { name: 'from-80-to-8080' }));
    from8080To80 = await ns.service(webService({ ports: [{ port: 8080, targetPort: 80 }] }, { name: 'from-8080-to-80' }));
    equal = await ns.service(webService({ selector: legacy, ports: [{ port: 8080, targetPort: 8080 }] }, { name: 'equal' }));
    omitted = await ns.service(webService({ selector: legacy, ports: [{ port: 8080 }] }, { name: 'omitted' }));
    await ns.pods(server('legacy', { labels: legacy, port: 8080 }), server('web', { labels: { app: 'web' } }));
  });

  check('eighty-for-8080', 'an application on 8080 is served as port 80, which a URL need not name', async () => {
    await expectEnding(client(), `http://${inUrl(from80To8080.address)}/hostname`, 'answered', { by: 'legacy' });
  });

  check('8080-for-eighty', 'an application on 80 is served as port 8080', async () => {
    await expectEnding(client(), from8080To80.url(8080), 'answered', { by: 'web' });
  });

  check('equal', 'both numbers may be equal', async () => {
    await expectEnding(client(), equal.url(8080), 'answered', { by: 'legacy' });
  });

  check('omitted', 'a targetPort that is left out is the port', async () => {
    const { spec } = await ns.read('omitted');
    recordObservation('the ports of the Service', spec?.ports);
    expect(spec?.ports?.[0]?.targetPort).toBe(8080);
    await expectEnding(client(), omitted.url(8080), 'answered', { by: 'legacy' });
  });

  check('changed-unseen', 'targetPort and selector change while the client uses the same address and port', async () => {
    await ns.patch('from-8080-to-80', { spec: { selector: { app: 'legacy' }, ports: [{ port: 8080, targetPort: 8080 }] } });
    await expectEnding(client(), from8080To80.url(8080), 'answered', { by: 'legacy' });
    await ns.patch('from-8080-to-80', { spec: { selector: { app: 'web' }, ports: [{ port: 8080, targetPort: 80 }] } });
    await expectEnding(client(), from8080To80.url(8080), 'answered', { by: 'web' });
  });
});

claim('service-listens', ({ ns, setup, check }) => {
  // No other program on a node is expected to use this port.
  const port = 28_461;
  let web: CreatedService;

  setup(async () => {
    web = await ns.service(webService({ ports: [{ port, targetPort: 80 }] }));
    await ns.pods(server('web', { labels: { app: 'web' } }));
  });

  check('answers-all-the-same', 'the Service answers on its port, from the node too', async () => {
    await expectEnding(client(), web.url(port), 'answered', { by: 'web' });
    await expectEnding(node(), web.url(port), 'answered', { by: 'web' });
  });

  check('no-socket', "no socket on the node listens on that port, while the kubelet's port has one", async () => {
    const { output } = await (await node()).run('netstat -ltnu');
    const ports = [...output.matchAll(/^(?:tcp|udp)\S*\s+\d+\s+\d+\s+\S+:(\d+)\s/gm)].map(([, number]) => Number(number));
    recordObservation('ports with a listening socket on the node', ports);
    expect(ports).toContain(10250);
    expect(ports).not.toContain(port);
  });
});

claim('pod-listens', ({ ns, setup, check }) => {
  let web: CreatedService;

  setup(async () => {
    web = await ns.service(webService());
    await ns.pods(server('web', { labels: { app: 'web' } }));
  });

  check('pod-holds-a-socket', 'in the Pod a socket listens on the targetPort, and none on the port of the Service', async () => {
    const shell = await ns.shell('web');
    // A Pod without a readiness probe is Ready before its process listens, so the socket is waited for.
    const ports = await settle(
      async () => {
        const { output } = await shell.run('netstat -ltn');
        return [...output.matchAll(/^tcp\S*\s+\d+\s+\d+\s+\S+:(\d+)\s/gm)].map(([, number]) => Number(number));
      },
      { waitingFor: 'a listening socket on port 80 in the Pod', accept: (listening) => listening.includes(80) },
    );
    expect(ports).not.toContain(8080);
  });

  check('no-listener-no-answer', 'the Service answers with that targetPort, and refuses with one where no process listens', async () => {
    await expectEnding(client(), web.url(8080), 'answered', { by: 'web' });
    await ns.patch('web', { spec: { ports: [{ port: 8080, targetPort: 81 }] } });
    await expectEnding(client(), web.url(8080), 'refused');
  });
});

claim('named-target-port', ({ ns, setup, check }) => {
  let web: CreatedService;

  setup(async () => {
    web = await ns.service(webService({ ports: [{ port: 8080, targetPort: 'http' }] }));
    await ns.pods(
      server('on-80', { labels: { app: 'web' }, declares: { http: 80 } }),
      server('on-8000', { labels: { app: 'later' }, port: 8000, declares: { http: 8000 } }),
    );
  });

  check('by-name', 'the Service finds the port by the name that the Pod gives it', async () => {
    await expectEnding(client(), web.url(8080), 'answered', { by: 'on-80' });
  });

  check('differs-from-pod-to-pod', 'two Pods may give the name to different numbers, and both answer', async () => {
    await ns.label('on-8000', { app: 'web' });
    // With two Pods, 40 connections all reach the same one less than once in 10^11.
    await settle(async () => [...new Set(await series(await client(), web.url(8080), 40))].sort(), {
      waitingFor: 'answers from both',
      accept: (answers) => answers.join() === 'on-80,on-8000',
      inARow: 2,
    });
    const { endpoints } = await ns.endpoints('web');
    recordObservation('the endpoints', endpoints);
    expect(endpoints.map(({ pod, ports }) => [pod, ports])).toEqual([
      ['on-80', [80]],
      ['on-8000', [8000]],
    ]);
  });

  check(
    'name-that-no-pod-has',
    'with a name that no Pod has, the slice lists the ready Pods without ports, and a client is refused',
    async () => {
      await ns.patch('web', { spec: { ports: [{ port: 8080, targetPort: 'no-such-name' }] } });
      await settle(async () => (await ns.endpoints('web')).endpoints, {
        waitingFor: 'ready endpoints without ports',
        accept: (endpoints) => endpoints.length === 2 && endpoints.every(({ ready, ports }) => ready && ports.length === 0),
      });
      await expectEnding(client(), web.url(8080), 'refused');
    },
  );
});
