import { beforeAll, expect } from '@jest/globals';
import { claim, client, cluster, kube, node, shellIn } from '../helpers/claims/claim.ts';
import { openLab, type Lab } from '../helpers/kube/lab.ts';
import {
  createNamespace,
  createPods,
  createService,
  deletePods,
  endpointsOf,
  labelPod,
  podsReady,
  startPods,
} from '../helpers/kube/objects.ts';
import type { Shell } from '../helpers/kube/shell.ts';
import { asker, server, webService } from '../helpers/kube/workloads.ts';
import { http, udp } from '../helpers/probe/attempt.ts';
import { settle } from '../helpers/probe/settle.ts';

claim('no-pods-endpoints', ({ namespace, fact }) => {
  beforeAll(async () => {
    // Control in the same namespace: only its label differs from the selector.
    await createPods(kube, namespace, server('stranger', { labels: { app: 'other' } }));
    await createService(kube, namespace, webService());
  });

  fact('service-exists', 'the Service exists and has a ClusterIP', async () => {
    const service = await kube.core.readNamespacedService({ namespace, name: 'web' });
    expect(service.spec?.clusterIP).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  });

  fact('slice-is-empty', 'its EndpointSlice exists and lists nobody, until a Pod matches', async () => {
    const look = async () => {
      const { slices, endpoints } = await endpointsOf(kube, namespace, 'web');
      return { slices: slices.length, pods: endpoints.map(({ pod }) => pod) };
    };
    await settle(look, {
      waitingFor: 'one EndpointSlice without endpoints',
      accept: ({ slices, pods }) => slices === 1 && pods.length === 0,
    });
    await labelPod(kube, namespace, 'stranger', { app: 'web' });
    await settle(look, {
      waitingFor: 'the slice to list the Pod once its label matches',
      accept: ({ pods }) => pods.join() === 'stranger',
    });
    await labelPod(kube, namespace, 'stranger', { app: 'other' });
    await settle(look, { waitingFor: 'the slice to be empty again', accept: ({ pods }) => pods.length === 0 });
  });

  fact('endpoints-none', '`kubectl get endpoints` prints <none>', async () => {
    const lab = await openLab(namespace, {});
    await settle(() => lab.type('kubectl get endpoints web --no-headers'), {
      waitingFor: '<none>',
      accept: ({ output }) => /^web +<none>/m.test(output),
      inARow: 1,
    });
  });
});

claim('no-pods-time-out', ({ namespace, fact }) => {
  let address: string;
  let here: Shell;
  const url = () => `http://${address}:8080/hostname`;

  beforeAll(async () => {
    const service = await createService(
      kube,
      namespace,
      webService({
        ports: [
          { name: 'tcp', port: 8080, targetPort: 80 },
          { name: 'udp', protocol: 'UDP', port: 8080, targetPort: 80 },
        ],
      }),
    );
    address = service.spec?.clusterIP ?? '';
    // A client of its own, since it is timed: refusals to one client are rationed (see `client`).
    await createPods(kube, namespace, server('stranger', { labels: { app: 'other' } }), asker('asker'));
    here = await shellIn(namespace, 'asker');
  });

  // The first looks may come before kube-proxy's rules, so refusal is something that is reached; all of them are evidence.
  fact('refused-from-a-pod', 'a client in a Pod is refused within a tenth of a second', async () => {
    await settle(() => http(here, url()), {
      waitingFor: 'a refusal within 100 ms',
      accept: ({ ending, ms }) => ending === 'refused' && ms < 100,
    });
  });

  fact('refused-from-the-node', 'a client on the node is refused too', async () => {
    await settle(async () => http(await node(), url()), {
      waitingFor: 'a refusal on the node',
      accept: ({ ending }) => ending === 'refused',
    });
  });

  fact('refused-over-udp', 'a datagram is refused as well', async () => {
    await settle(() => udp(here, `${address}:8080`), { waitingFor: 'a refusal over UDP', accept: ({ ending }) => ending === 'refused' });
  });

  fact('answered-when-a-pod-matches', 'the same client is answered as soon as one Pod carries the label', async () => {
    await labelPod(kube, namespace, 'stranger', { app: 'web' });
    await settle(() => http(here, url()), {
      waitingFor: 'an answer',
      accept: ({ ending, said }) => ending === 'answered' && said === 'stranger',
    });
    await settle(async () => http(await node(), url()), {
      waitingFor: 'an answer on the node',
      accept: ({ ending }) => ending === 'answered',
    });
    await settle(() => udp(here, `${address}:8080`), { waitingFor: 'an answer over UDP', accept: ({ ending }) => ending === 'answered' });
  });

  fact('refused-again', 'and is refused again when that Pod is gone', async () => {
    await deletePods(kube, namespace, ['stranger']);
    await settle(() => http(here, url()), { waitingFor: 'a refusal again', accept: ({ ending }) => ending === 'refused' });
  });
});

claim('no-route-to-host', ({ namespace, fact }) => {
  let address: string;

  beforeAll(async () => {
    address = (await createService(kube, namespace, webService())).spec?.clusterIP ?? '';
  });

  fact('not-unreachable', 'a client of a Service without Pods never sees "no route to host"', async () => {
    await settle(async () => http(await client(), `http://${address}:8080/`), {
      waitingFor: 'a refusal',
      accept: ({ ending }) => ending === 'refused',
    });
    const { ending } = await http(await client(), `http://${address}:8080/`);
    expect(ending).not.toBe('unreachable');
  });

  // Control: the client would tell that error. An address of the node's own Pod network that no Pod has is looked up there, in vain.
  fact('unreachable-elsewhere', 'the same client says so of a Pod address that no Pod has', async () => {
    const { output } = await (await client()).run('hostname -i');
    const unused = output.trim().replace(/\d+$/, '253');
    await settle(async () => http(await client(), `http://${unused}:8080/`, 5_000), {
      waitingFor: 'an unreachable address',
      accept: ({ ending }) => ending === 'unreachable',
      inARow: 1,
    });
  });
});

claim('none-means-mismatch', ({ namespace, elsewhere, fact }) => {
  let lab: Lab;
  const printed = (name: string) => async () =>
    (await lab.type(`kubectl get endpoints ${name} -o wide --no-headers 2>/dev/null`)).output.trim();
  const none = /^\S+ +<none> +\S+$/;
  const select = (name: string, app: string, targetPort: number | string = 80) =>
    createService(kube, namespace, { metadata: { name }, spec: { selector: { app }, ports: [{ port: 8080, targetPort }] } });

  beforeAll(async () => {
    lab = await openLab(namespace, {});
    await createPods(kube, namespace, server('web', { labels: { app: 'web' } }));
    await startPods(kube, namespace, server('unready', { labels: { app: 'unready' }, readyByFile: true }));
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

  fact('match-is-listed', 'a Service whose selector matches a ready Pod prints its address', async () => {
    await settle(printed('match'), { waitingFor: 'an address', accept: (line) => /^match +[0-9.]+:80 /.test(line), inARow: 2 });
  });
  fact('mismatch', 'a selector that matches no Pod prints <none>', async () => {
    await printsNone('mismatch');
  });
  fact('no-pod', 'so does a Service for which there is no Pod at all', async () => {
    expect((await kube.core.listNamespacedPod({ namespace, labelSelector: 'app=nobody' })).items).toEqual([]);
    await printsNone('no-pod');
  });
  fact('other-namespace', 'so does one whose Pod is in another namespace', async () => {
    await createNamespace(kube, elsewhere, cluster);
    await createPods(kube, elsewhere, server('elsewhere', { labels: { app: 'elsewhere' } }));
    await printsNone('elsewhere');
  });
  fact('unknown-port-name', 'so does a named targetPort that no Pod has', async () => {
    await printsNone('no-such-port');
  });
  fact('not-ready-is-blank', 'a matching Pod that is not Ready leaves the column blank until it is', async () => {
    await settle(printed('not-ready'), {
      waitingFor: 'a blank',
      accept: (line) => /^not-ready +\S+$/.test(line) && !line.includes('<none>'),
      inARow: 2,
    });
    const { exitCode } = await (await shellIn(namespace, 'unready')).run('touch /tmp/ready');
    expect(exitCode).toBe(0);
    await podsReady(kube, namespace, ['unready']);
    await settle(printed('not-ready'), { waitingFor: 'an address', accept: (line) => /^not-ready +[0-9.]+:80 /.test(line), inARow: 2 });
  });
});
