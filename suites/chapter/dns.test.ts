import { expect } from '@jest/globals';
import type { Shell } from '../../helpers/kube/shell.ts';
import type { CreatedService } from '../../helpers/testbed/namespace.ts';
import {
  claim,
  client,
  clientPod,
  cluster,
  expectAddress,
  expectEnding,
  expectNoAddress,
  inUrl,
  recordObservation,
  resolve,
  server,
  settle,
  webService,
} from '../../helpers/testbed/testbed.ts';

// CoreDNS caches for about five seconds, also that a name does not exist. So no name is looked up here before its Service exists.
// Each claim has a new namespace, and with it new names.

const labels = { app: 'web' };

claim('short-name', ({ ns, setup, check }) => {
  let web: CreatedService;
  let here: Shell;

  setup(async () => {
    web = await ns.service(webService());
    await ns.pods(clientPod('client'), server('web', { labels }));
    here = await ns.shell('client');
  });

  check('short-name-is-the-cluster-ip', 'the short name resolves to the ClusterIP, and a name that no Service has does not', async () => {
    await expectAddress(here, 'web', web.address);
    // No host of the network around the cluster has this name either.
    await expectNoAddress(here, `web-${ns.name}`);
  });

  check('longer-names-are-too', 'so do the longer forms, up to the full name with and without its final dot', async () => {
    const full = `web.${ns.name}.svc.${cluster.domain}`;
    for (const name of [`web.${ns.name}`, `web.${ns.name}.svc`, full, `${full}.`]) await expectAddress(here, name, web.address);
  });

  check('answers-by-name', 'a client that uses the short name is answered, from the ClusterIP', async () => {
    const attempt = await expectEnding(here, 'http://web:8080/hostname', 'answered', { by: 'web' });
    expect(attempt.address).toBe(web.address);
  });
});

claim('from-any-pod', ({ ns, setup, check }) => {
  // No host of the node's own domain has this name.
  const name = `web-${ns.name}`;
  let web: CreatedService;

  setup(async () => {
    web = await ns.service(webService({}, { name }));
    await ns.pods(
      clientPod('on-node', { hostNetwork: true }),
      clientPod('on-node-with-cluster-dns', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }),
    );
  });

  // The node's name servers may be silent, or even be the cluster's: what counts is where the query goes, and for which name.
  check(
    'host-network-unresolved',
    "a hostNetwork Pod asks the node's own name servers, without the search list of the cluster, and gets no address",
    async () => {
      const [onNode, ordinary] = [await ns.shell('on-node'), await client()];
      recordObservation('what an ordinary Pod asks', await resolve(ordinary, name));
      await settle(() => resolve(onNode, name), {
        waitingFor: `queries for ${name} outside ${cluster.domain}, and no address`,
        accept: ({ addresses, queries }) => addresses.length === 0 && !queries.some((query) => query.name.endsWith(`.${cluster.domain}.`)),
      });
    },
  );

  check('cluster-first-with-host-net-resolves', 'in the same Pod with dnsPolicy ClusterFirstWithHostNet the name resolves', async () => {
    await expectAddress(await ns.shell('on-node-with-cluster-dns'), name, web.address);
  });
});

claim('bare-url', ({ ns, setup, check, ending }) => {
  let web: CreatedService;
  let here: Shell;

  setup(async () => {
    web = await ns.service(webService({}, { name: 'nnappone-service' }));
    await ns.pods(clientPod('client'), server('web', { labels }));
    here = await ns.shell('client');
  });

  check('port-8080-is', 'with `:8080` the Service answers', async () => {
    await expectEnding(here, 'http://nnappone-service:8080/hostname', 'answered', { by: 'web' });
  });

  check('bare-url-is-not-answered', 'the same URL without a port goes to port 80 of the same address, where nothing answers', async () => {
    await expectEnding(here, 'http://nnappone-service/hostname', ending('bare-url-is-not-answered'));
    const { output } = await here.run(`curl -sv --max-time 1 http://nnappone-service/ 2>&1 | grep -i trying`);
    recordObservation('the address and port that curl tries', output.trim());
    expect(output).toContain(`${inUrl(web.address)}:80...`);
  });
});

claim('fqdn-elsewhere', ({ ns, setup, check, ending }) => {
  let web: CreatedService;
  const full = `nnappone-service.${ns.name}.svc.${cluster.domain}`;

  setup(async () => {
    web = await ns.service(webService({}, { name: 'nnappone-service' }));
    await ns.pods(server('web', { labels }));
  });

  check('full-name-with-port', 'from another namespace the full name resolves to the ClusterIP and answers on 8080', async () => {
    await expectAddress(client(), full, web.address);
    await expectEnding(client(), `http://${full}:8080/hostname`, 'answered', { by: 'web' });
  });

  check('full-name-as-printed', 'without the port, as printed, nothing answers', async () => {
    await expectEnding(client(), `http://${full}/hostname`, ending('full-name-as-printed'));
  });

  check('names-with-namespace-resolve', 'every form that names the namespace resolves there, with and without the final dot', async () => {
    for (const name of [`nnappone-service.${ns.name}`, `nnappone-service.${ns.name}.svc`, `${full}.`])
      await expectAddress(client(), name, web.address);
  });

  check('short-name-unresolved', 'the short name alone does not resolve there', async () => {
    await expectNoAddress(client(), 'nnappone-service');
  });
});
