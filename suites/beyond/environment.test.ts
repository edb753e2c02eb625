import { expect } from '@jest/globals';
import type { Namespace, CreatedService } from '../../helpers/testbed/namespace.ts';
import type { Shell } from '../../helpers/kube/shell.ts';
import {
  claim,
  client,
  clientPod,
  expectAddress,
  http,
  inUrl,
  kube,
  recordObservation,
  server,
  settle,
  webService,
} from '../../helpers/testbed/testbed.ts';

/** Returns the variables about Services that a process in the container of the shell has. */
async function serviceVariables(shell: Shell | Promise<Shell>): Promise<Record<string, string>> {
  const { output } = await (await shell).run('env');
  const lines = output.split('\n').filter((line) => /^[A-Z0-9_]+_(?:SERVICE_HOST|SERVICE_PORT|PORT)[A-Z0-9_]*=/.test(line));
  const found = Object.fromEntries(lines.sort().map((line) => line.split(/=(.*)/s).slice(0, 2))) as Record<string, string>;
  recordObservation('the variables about Services', found);
  return found;
}

/** Returns the names of the variables of one Service. */
async function namesOf(service: string, shell: Promise<Shell>): Promise<string[]> {
  return Object.keys(await serviceVariables(shell)).filter((name) => name.startsWith(`${service.toUpperCase()}_`));
}

claim('env-own-namespace', ({ ns, elsewhere, setup, check }) => {
  let web: CreatedService;

  setup(async () => {
    const ports = [
      { name: 'http', port: 8080, targetPort: 80 },
      { name: 'metrics', port: 9090, targetPort: 90 },
    ];
    await elsewhere.create();
    [web] = await Promise.all([
      ns.service(webService({ ports })),
      ns.serviceObject(webService({ ports, clusterIP: 'None' }, { name: 'headless' })),
      elsewhere.service(webService({ ports }, { name: 'foreign' })),
    ]);
    await ns.pods(clientPod('default'), clientPod('no-links', { enableServiceLinks: false }));
  });

  check('documented-variables', 'a Pod has the documented variables of a Service in its namespace', async () => {
    expect(await serviceVariables(ns.shell('default'))).toEqual(
      expect.objectContaining({
        WEB_SERVICE_HOST: web.address,
        WEB_SERVICE_PORT: '8080',
        WEB_PORT: `tcp://${inUrl(web.address)}:8080`,
        WEB_PORT_8080_TCP: `tcp://${inUrl(web.address)}:8080`,
        WEB_PORT_8080_TCP_PROTO: 'tcp',
        WEB_PORT_8080_TCP_PORT: '8080',
        WEB_PORT_8080_TCP_ADDR: web.address,
      }),
    );
  });

  check('named-ports', 'each port with a name has a variable of that name', async () => {
    expect(await serviceVariables(ns.shell('default'))).toEqual(
      expect.objectContaining({
        WEB_SERVICE_PORT_HTTP: '8080',
        WEB_SERVICE_PORT_METRICS: '9090',
      }),
    );
  });

  check('headless', 'a headless Service of the namespace has none', async () => {
    expect(await namesOf('headless', ns.shell('default'))).toEqual([]);
  });

  check('other-namespaces', 'a Service of another namespace has none', async () => {
    expect(await namesOf('foreign', ns.shell('default'))).toEqual([]);
  });

  check('links-off', 'a Pod with enableServiceLinks false has those of the API server, and no others', async () => {
    const names = Object.keys(await serviceVariables(ns.shell('no-links')));
    expect(names).toContain('KUBERNETES_SERVICE_HOST');
    expect(names.filter((name) => !name.startsWith('KUBERNETES_'))).toEqual([]);
  });
});

/** Ends the server in a Pod, and waits until the kubelet has started its container again. */
async function restart(ns: Namespace, pod: string): Promise<void> {
  const [{ status } = {}] = await ns.podsReady(pod);
  await http(await client(), `http://${inUrl(status?.podIP ?? '')}/exit?code=0`);
  await settle(async () => (await ns.listPods()).find(({ metadata }) => metadata?.name === pod)?.status?.containerStatuses?.[0], {
    waitingFor: `the container of ${pod} to have been restarted`,
    accept: (status) => status?.restartCount === 1 && status.ready,
    inARow: 1,
  });
}

claim('env-fixed-at-start', ({ ns, setup, check }) => {
  let web: CreatedService;

  setup(async () => {
    await ns.pods(server('before'));
    web = await ns.service();
    await ns.pods(server('after'));
  });

  check('too-late', 'a Pod that is older than the Service has no variables of it, and resolves its name', async () => {
    expect(await namesOf('web', ns.shell('before'))).toEqual([]);
    await expectAddress(ns.shell('before'), web.name, web.address);
  });

  check('restart-brings-them', 'a Pod that is older than the Service has them once its container was restarted', async () => {
    await restart(ns, 'before');
    expect(await serviceVariables(ns.shell('before'))).toEqual(expect.objectContaining({ WEB_SERVICE_HOST: web.address }));
  });

  check('running-keeps-them', 'a Pod that is younger than the Service has them, and keeps them when the Service is deleted', async () => {
    expect(await serviceVariables(ns.shell('after'))).toEqual(expect.objectContaining({ WEB_SERVICE_HOST: web.address }));
    await kube.core.deleteNamespacedService({ namespace: ns.name, name: web.name });
    expect(await serviceVariables(ns.shell('after'))).toEqual(expect.objectContaining({ WEB_SERVICE_HOST: web.address }));
  });

  check('restart-takes-them', 'a Pod has none of a Service that was deleted, once its container was restarted', async () => {
    await restart(ns, 'after');
    expect(await namesOf('web', ns.shell('after'))).toEqual([]);
  });
});

claim('env-kubernetes-shadowed', ({ ns, setup, check }) => {
  let own: CreatedService;
  let apiServer: string | undefined;

  setup(async () => {
    own = await ns.service(webService({ ports: [{ name: 'https', port: 8443, targetPort: 80 }] }, { name: 'kubernetes' }));
    apiServer = (await kube.core.readNamespacedService({ namespace: 'default', name: 'kubernetes' })).spec?.clusterIP;
    await ns.pods(clientPod('default'), clientPod('no-links', { enableServiceLinks: false }));
  });

  check('names-the-own-one', 'where the namespace has a Service called kubernetes, the variables name that one', async () => {
    const found = await serviceVariables(ns.shell('default'));
    expect(found).toEqual(expect.objectContaining({ KUBERNETES_SERVICE_HOST: own.address, KUBERNETES_SERVICE_PORT_HTTPS: '8443' }));
    expect(own.address).not.toBe(apiServer);
  });

  check('elsewhere-the-api-server', 'in another namespace they name the API server', async () => {
    expect(await serviceVariables(client())).toEqual(expect.objectContaining({ KUBERNETES_SERVICE_HOST: apiServer }));
  });

  check('links-off', 'a Pod of the same namespace with enableServiceLinks false has those of the API server', async () => {
    expect(await serviceVariables(ns.shell('no-links'))).toEqual(expect.objectContaining({ KUBERNETES_SERVICE_HOST: apiServer }));
  });
});
