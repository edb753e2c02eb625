import { beforeAll, expect } from '@jest/globals';
import type { ServicePort } from 'kubernetes-types/core/v1.js';
import { claim, client, cluster, kube, node, shellIn } from '../helpers/claims/claim.ts';
import { createPods, createService, endpointsOf, patchService } from '../helpers/kube/objects.ts';
import { server, webService } from '../helpers/kube/workloads.ts';
import { type Attempt, type Ending, http, series } from '../helpers/probe/attempt.ts';
import { settle } from '../helpers/probe/settle.ts';
import { recordLook } from '../helpers/report/evidence.ts';

const web = { app: 'web' };

function ends(ending: Ending, url: string, said?: string): Promise<Attempt> {
  return settle(async () => http(await client(), url), {
    waitingFor: `${url} to be ${ending}${said === undefined ? '' : ` by ${said}`}`,
    accept: (attempt) => attempt.ending === ending && (said === undefined || attempt.said === said),
    // Each look that times out has waited long already.
    inARow: ending === 'timed out' ? 2 : 3,
  });
}

claim('port-exposed', ({ namespace, fact }) => {
  let address: string;

  beforeAll(async () => {
    address = (await createService(kube, namespace, webService())).spec?.clusterIP ?? '';
    await createPods(kube, namespace, server('web', { labels: web }));
  });

  fact('listed-port-answers', 'the listed port 8080 answers', async () => {
    await ends('answered', `http://${address}:8080/hostname`, 'web');
  });

  // The Pod listens on 80, so if anything led from the Service's port 80 to it, it would answer.
  const unlisted: Ending = cluster.proxyMode === 'nftables' ? 'refused' : 'timed out';
  const why = unlisted === 'refused' ? 'is refused by nftables' : 'matches no iptables rule and is lost in the network';
  fact('unlisted-port-does-not', `port 80, where the Pod listens but which the Service does not list, ${why}`, async () => {
    await ends(unlisted, `http://${address}:80/hostname`);
    await ends('answered', `http://${address}:8080/hostname`, 'web');
  });
});

claim('matches-container-port', ({ namespace, fact }) => {
  let undeclared: string;
  let declared: string;

  beforeAll(async () => {
    const to = (name: string, targetPort: number) =>
      createService(kube, namespace, { ...webService({ ports: [{ port: 8080, targetPort }] }), metadata: { name } });
    undeclared = (await to('undeclared', 80)).spec?.clusterIP ?? '';
    declared = (await to('declared', 81)).spec?.clusterIP ?? '';
    // Declares port 81 and listens on port 80.
    await createPods(kube, namespace, server('web', { labels: web, declares: { wrong: 81 } }));
  });

  fact('undeclared-port-answers', 'a targetPort that the Pod listens on but does not declare is answered', async () => {
    await ends('answered', `http://${undeclared}:8080/hostname`, 'web');
  });

  fact('declared-port-without-listener-refuses', 'a targetPort that the Pod declares but does not listen on is refused', async () => {
    await settle(() => endpointsOf(kube, namespace, 'declared').then(({ endpoints }) => endpoints), {
      waitingFor: 'the Pod to be an endpoint on port 81',
      accept: (endpoints) => endpoints.length === 1 && endpoints[0]?.ready === true && endpoints[0].ports.join() === '81',
      inARow: 1,
    });
    await ends('refused', `http://${declared}:8080/hostname`);
  });
});

claim('decoupling', ({ namespace, fact }) => {
  const address: Record<string, string> = {};

  beforeAll(async () => {
    const services: Record<string, { app: string; ports: ServicePort[] }> = {
      'eighty-to-8080': { app: 'legacy', ports: [{ port: 80, targetPort: 8080 }] },
      '8080-to-eighty': { app: 'web', ports: [{ port: 8080, targetPort: 80 }] },
      equal: { app: 'legacy', ports: [{ port: 8080, targetPort: 8080 }] },
      omitted: { app: 'legacy', ports: [{ port: 8080 }] },
    };
    for (const [name, { app, ports }] of Object.entries(services)) {
      const service = await createService(kube, namespace, { metadata: { name: `s-${name}` }, spec: { selector: { app }, ports } });
      address[name] = service.spec?.clusterIP ?? '';
    }
    await createPods(kube, namespace, server('legacy', { labels: { app: 'legacy' }, port: 8080 }), server('web', { labels: web }));
  });

  fact('eighty-for-8080', 'an application on 8080 is served as port 80, which a URL need not name', async () => {
    await ends('answered', `http://${address['eighty-to-8080']}/hostname`, 'legacy');
  });
  fact('8080-for-eighty', 'one on 80 is served as port 8080', async () => {
    await ends('answered', `http://${address['8080-to-eighty']}:8080/hostname`, 'web');
  });
  fact('equal', 'both numbers may be equal', async () => {
    await ends('answered', `http://${address.equal}:8080/hostname`, 'legacy');
  });
  fact('omitted', 'a targetPort that is left out is the port', async () => {
    const service = await kube.core.readNamespacedService({ namespace, name: 's-omitted' });
    expect(service.spec?.ports?.[0]?.targetPort).toBe(8080);
    await ends('answered', `http://${address.omitted}:8080/hostname`, 'legacy');
  });
  fact('changed-unseen', 'targetPort and selector change under a client that keeps asking the same address and port', async () => {
    const url = `http://${address['8080-to-eighty']}:8080/hostname`;
    await patchService(kube, namespace, 's-8080-to-eighty', {
      spec: { selector: { app: 'legacy' }, ports: [{ port: 8080, targetPort: 8080 }] },
    });
    await ends('answered', url, 'legacy');
    await patchService(kube, namespace, 's-8080-to-eighty', {
      spec: { selector: { app: 'web' }, ports: [{ port: 8080, targetPort: 80 }] },
    });
    await ends('answered', url, 'web');
  });
});

claim('service-listens', ({ namespace, fact }) => {
  // A number that nothing else on a node has a reason to use.
  const port = 28_461;
  let address: string;

  beforeAll(async () => {
    address = (await createService(kube, namespace, webService({ ports: [{ port, targetPort: 80 }] }))).spec?.clusterIP ?? '';
    await createPods(kube, namespace, server('web', { labels: web }));
  });

  fact('answers-all-the-same', 'the Service answers on its port, from the node too', async () => {
    await ends('answered', `http://${address}:${port}/hostname`, 'web');
    await settle(async () => http(await node(), `http://${address}:${port}/hostname`), {
      waitingFor: 'an answer on the node',
      accept: ({ ending }) => ending === 'answered',
    });
  });

  fact('no-socket', "no socket on the node listens on that port, while the kubelet's port has one", async () => {
    const { output } = await (await node()).run('netstat -ltnu');
    const ports = [...output.matchAll(/^(?:tcp|udp)\S*\s+\d+\s+\d+\s+\S+:(\d+)\s/gm)].map(([, number]) => Number(number));
    recordLook('ports with a listening socket on the node', ports);
    expect(ports).toContain(10250);
    expect(ports).not.toContain(port);
  });
});

claim('pod-listens', ({ namespace, fact }) => {
  let address: string;

  beforeAll(async () => {
    address = (await createService(kube, namespace, webService())).spec?.clusterIP ?? '';
    await createPods(kube, namespace, server('web', { labels: web }));
  });

  fact('pod-holds-a-socket', 'in the Pod a socket listens on the targetPort, and none on the port of the Service', async () => {
    const shell = await shellIn(namespace, 'web');
    // Settled, since a Pod without a readiness probe is Ready before its process listens.
    const ports = await settle(
      async () => {
        const { output } = await shell.run('netstat -ltn');
        return [...output.matchAll(/^tcp\S*\s+\d+\s+\d+\s+\S+:(\d+)\s/gm)].map(([, number]) => Number(number));
      },
      { waitingFor: 'a listening socket on port 80 in the Pod', accept: (listening) => listening.includes(80) },
    );
    expect(ports).not.toContain(8080);
  });

  fact('no-listener-no-answer', 'the Service answers by way of that port, and not by one where nobody listens', async () => {
    await ends('answered', `http://${address}:8080/hostname`, 'web');
    await patchService(kube, namespace, 'web', { spec: { ports: [{ port: 8080, targetPort: 81 }] } });
    await ends('refused', `http://${address}:8080/hostname`);
  });
});

claim('named-target-port', ({ namespace, fact }) => {
  let address: string;

  beforeAll(async () => {
    address = (await createService(kube, namespace, webService({ ports: [{ port: 8080, targetPort: 'http' }] }))).spec?.clusterIP ?? '';
    await createPods(
      kube,
      namespace,
      server('on-80', { labels: web, declares: { http: 80 } }),
      server('on-8000', { labels: { app: 'later' }, port: 8000, declares: { http: 8000 } }),
    );
  });

  fact('by-name', 'the Service finds the port by the name that the Pod gives it', async () => {
    await ends('answered', `http://${address}:8080/hostname`, 'on-80');
  });

  fact('differs-from-pod-to-pod', 'two Pods may give the name to different numbers, and both answer', async () => {
    await kube.core.patchNamespacedPod({
      namespace,
      name: 'on-8000',
      body: [{ op: 'replace', path: '/metadata/labels/app', value: 'web' }],
    });
    // Of two Pods, 40 connections miss one less than once in 10^11.
    await settle(async () => [...new Set(await series(await client(), `http://${address}:8080/hostname`, 40))].sort(), {
      waitingFor: 'answers from both',
      accept: (answers) => answers.join() === 'on-80,on-8000',
      inARow: 2,
    });
    const { endpoints } = await endpointsOf(kube, namespace, 'web');
    expect(endpoints.map(({ pod, ports }) => [pod, ports])).toEqual([
      ['on-80', [80]],
      ['on-8000', [8000]],
    ]);
  });

  fact(
    'name-that-no-pod-has',
    'with a name that no Pod has, the slice lists the ready Pods without ports, and a client is refused',
    async () => {
      await patchService(kube, namespace, 'web', { spec: { ports: [{ port: 8080, targetPort: 'no-such-name' }] } });
      await settle(async () => (await endpointsOf(kube, namespace, 'web')).endpoints, {
        waitingFor: 'ready endpoints without ports',
        accept: (endpoints) => endpoints.length === 2 && endpoints.every(({ ready, ports }) => ready && ports.length === 0),
      });
      await ends('refused', `http://${address}:8080/hostname`);
    },
  );
});
