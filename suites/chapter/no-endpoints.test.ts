import { expect } from '@jest/globals';
import ipaddr from 'ipaddr.js';
import type { Shell } from '../../helpers/kube/shell.ts';
import type { Lab } from '../../helpers/testbed/lab.ts';
import type { CreatedService } from '../../helpers/testbed/namespace.ts';
import {
  claim,
  client,
  clientPod,
  expectEnding,
  http,
  inUrl,
  kube,
  node,
  openLab,
  recordObservation,
  server,
  settle,
  udp,
  webService,
} from '../../helpers/testbed/testbed.ts';

claim('no-pods-endpoints', ({ ns, setup, check }) => {
  setup(async () => {
    // Control in the same namespace: only its label differs from the selector.
    await ns.pods(server('stranger', { labels: { app: 'other' } }));
    await ns.service(webService());
  });

  check('service-exists', 'the Service exists and has a ClusterIP', async () => {
    const { spec } = await ns.read('web');
    recordObservation('the ClusterIP', spec?.clusterIP);
    expect(ipaddr.isValid(spec?.clusterIP ?? '')).toBe(true);
  });

  check('slice-is-empty', 'its EndpointSlice exists and lists no Pod until one matches', async () => {
    const observe = async () => {
      const { slices, endpoints } = await ns.endpoints('web');
      return { slices: slices.length, pods: endpoints.map(({ pod }) => pod) };
    };
    await settle(observe, {
      waitingFor: 'one EndpointSlice without endpoints',
      accept: ({ slices, pods }) => slices === 1 && pods.length === 0,
    });
    await ns.label('stranger', { app: 'web' });
    await settle(observe, {
      waitingFor: 'the slice to list the Pod once its label matches',
      accept: ({ pods }) => pods.join() === 'stranger',
    });
    await ns.label('stranger', { app: 'other' });
    await settle(observe, { waitingFor: 'the slice to be empty again', accept: ({ pods }) => pods.length === 0 });
  });

  check('endpoints-none', '`kubectl get endpoints` prints <none>', async () => {
    const lab = await openLab(ns.name, {});
    await settle(() => lab.type('kubectl get endpoints web --no-headers'), {
      waitingFor: '<none>',
      accept: ({ output }) => /^web +<none>/m.test(output),
      inARow: 1,
    });
  });
});

claim('no-pods-time-out', ({ ns, setup, check }) => {
  let web: CreatedService;
  let inAPod: Shell;

  setup(async () => {
    // Over IPv6, the kernel of the client gave up only at the second ICMPv6 error, which comes when it repeats its first packet after a second.
    web = await ns.service(
      webService({
        ipFamilies: ['IPv4'],
        ports: [
          { name: 'tcp', port: 8080, targetPort: 80 },
          { name: 'udp', protocol: 'UDP', port: 8080, targetPort: 80 },
        ],
      }),
    );
    // A client of its own, since its refusals are timed: the kernel limits how many one client gets per second.
    await ns.pods(server('stranger', { labels: { app: 'other' } }), clientPod('client'));
    inAPod = await ns.shell('client');
  });

  // The first attempts may come before kube-proxy has programmed the Service, so the refusal is waited for.
  check('refused-from-a-pod', 'a client in a Pod is refused within a tenth of a second', async () => {
    await settle(() => http(inAPod, web.url(8080)), {
      waitingFor: 'a refusal within 100 ms',
      accept: ({ ending, ms }) => ending === 'refused' && ms < 100,
    });
  });

  check('refused-from-the-node', 'a client on the node is refused too', async () => {
    await expectEnding(node(), web.url(8080), 'refused');
  });

  check('refused-over-udp', 'a datagram is refused as well', async () => {
    await settle(() => udp(inAPod, `${inUrl(web.address)}:8080`), {
      waitingFor: 'a refusal over UDP',
      accept: ({ ending }) => ending === 'refused',
    });
  });

  check('answered-when-a-pod-matches', 'the same clients are answered as soon as one Pod carries the label', async () => {
    await ns.label('stranger', { app: 'web' });
    await expectEnding(inAPod, web.url(8080), 'answered', { by: 'stranger' });
    await expectEnding(node(), web.url(8080), 'answered', { by: 'stranger' });
    await settle(() => udp(inAPod, `${inUrl(web.address)}:8080`), {
      waitingFor: 'an answer over UDP',
      accept: ({ ending }) => ending === 'answered',
    });
  });

  check('refused-again', 'the client in a Pod is refused again once that Pod is deleted', async () => {
    await ns.deletePods('stranger');
    await expectEnding(inAPod, web.url(8080), 'refused');
  });
});

claim('no-route-to-host', ({ ns, setup, check }) => {
  let web: CreatedService;

  setup(async () => {
    web = await ns.service(webService());
  });

  check('not-unreachable', 'a client of a Service without Pods never gets "no route to host"', async () => {
    const endings: string[] = [];
    await settle(
      async () => {
        const attempt = await http(await client(), web.url(8080, '/'));
        endings.push(attempt.ending);
        return attempt;
      },
      { waitingFor: 'five refusals in a row', accept: ({ ending }) => ending === 'refused', inARow: 5 },
    );
    // Never: so none of all attempts, from the first one on.
    expect(endings).not.toContain('unreachable');
  });

  // Control: this client can see that error. The node looks up an unused address of its own Pod network, and nothing replies.
  check('unreachable-elsewhere', 'the same client gets that error for a Pod address that no Pod has', async () => {
    const [namespace = '', name = ''] = (await client()).name.split('/');
    const { status } = await kube.core.readNamespacedPod({ namespace, name });
    // With both families, the client's address of the family of the Service.
    const own = status?.podIPs?.map(({ ip }) => ip).find((address) => address.includes(':') === web.address.includes(':'));
    const unused = own?.replace(/[0-9a-f]+$/, own.includes(':') ? 'fffd' : '253') ?? 'none';
    await expectEnding(client(), `http://${inUrl(unused)}:8080/`, 'unreachable', { inARow: 1, limit: 5_000 });
  });
});

claim('none-means-mismatch', ({ ns, elsewhere, setup, check }) => {
  let lab: Lab;
  const printed = (name: string) => async () =>
    (await lab.type(`kubectl get endpoints ${name} -o wide --no-headers 2>/dev/null`)).output.trim();
  const none = /^\S+ +<none> +\S+$/;
  const select = (name: string, app: string, targetPort: number | string = 80) =>
    ns.service(webService({ selector: { app }, ports: [{ port: 8080, targetPort }] }, { name }));

  setup(async () => {
    lab = await openLab(ns.name, {});
    await ns.pods(server('web', { labels: { app: 'web' } }));
    await ns.startPods(server('unready', { labels: { app: 'unready' }, readyByFile: true }));
    // Control for every case below: the same Service with nothing wrong.
    await select('match', 'web');
    await select('mismatch', 'wbe');
    await select('no-pod', 'nobody');
    await select('elsewhere', 'elsewhere');
    await select('no-such-port', 'web', 'no-such-name');
    await select('not-ready', 'unready');
  });

  const printsNone = (name: string) =>
    settle(printed(name), { waitingFor: `<none> for ${name}`, accept: (line) => none.test(line), inARow: 2 });

  check('match-is-listed', 'a Service whose selector matches a ready Pod prints its address', async () => {
    await settle(printed('match'), { waitingFor: 'an address', accept: (line) => /^match +\S+:80 /.test(line), inARow: 2 });
  });

  check('mismatch', 'a selector that matches no Pod prints <none>', async () => {
    await printsNone('mismatch');
  });

  check('no-pod', 'a Service for which there is no Pod at all prints <none>', async () => {
    expect(await ns.listPods('app=nobody')).toEqual([]);
    await printsNone('no-pod');
  });

  check('other-namespace', 'a Service whose Pod is in another namespace prints <none>', async () => {
    await elsewhere.create();
    await elsewhere.pods(server('elsewhere', { labels: { app: 'elsewhere' } }));
    await printsNone('elsewhere');
  });

  check('unknown-port-name', 'a named targetPort that no Pod has prints <none>', async () => {
    await printsNone('no-such-port');
  });

  check('not-ready-is-blank', 'a matching Pod that is not Ready leaves the column blank until it is', async () => {
    await settle(printed('not-ready'), {
      waitingFor: 'a blank',
      accept: (line) => /^not-ready +\S+$/.test(line) && !line.includes('<none>'),
      inARow: 2,
    });
    const { exitCode } = await (await ns.shell('unready')).run('touch /tmp/ready');
    expect(exitCode).toBe(0);
    await ns.podsReady('unready');
    await settle(printed('not-ready'), { waitingFor: 'an address', accept: (line) => /^not-ready +\S+:80 /.test(line), inARow: 2 });
  });
});
