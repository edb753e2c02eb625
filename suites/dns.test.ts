import { beforeAll, expect } from '@jest/globals';
import { claim, client, cluster, kube, shellIn } from '../helpers/claims/claim.ts';
import type { Shell } from '../helpers/kube/shell.ts';
import { createPods, createService } from '../helpers/kube/objects.ts';
import { asker, server, webService } from '../helpers/kube/workloads.ts';
import { type Attempt, type Ending, http, resolve } from '../helpers/probe/attempt.ts';
import { settle } from '../helpers/probe/settle.ts';
import { recordLook } from '../helpers/report/evidence.ts';

// CoreDNS may answer from memory for about five seconds, also that a name does not exist. So no name is looked up here before its
// Service exists; and each claim's namespace, and with it every name, is new.

const web = { labels: { app: 'web' } };

function resolves(shell: Shell, name: string, address: string): Promise<unknown> {
  return settle(() => resolve(shell, name), {
    waitingFor: `${name} to be ${address}`,
    accept: ({ addresses }) => addresses.join() === address,
  });
}

function unresolved(shell: Shell, name: string): Promise<unknown> {
  return settle(() => resolve(shell, name), { waitingFor: `${name} not to resolve`, accept: ({ addresses }) => addresses.length === 0 });
}

function ends(shell: Shell, ending: Ending, url: string): Promise<Attempt> {
  return settle(() => http(shell, url), {
    waitingFor: `${url} to be ${ending}`,
    accept: (attempt) => attempt.ending === ending,
    // Each look that times out has waited long already.
    inARow: ending === 'timed out' ? 2 : 3,
  });
}

// Nothing of ours answers on a port that the Service does not list; how that ends depends on the proxy (see port-exposed).
const unlisted: Ending = cluster.proxyMode === 'nftables' ? 'refused' : 'timed out';

claim('short-name', ({ namespace, fact }) => {
  let address: string;
  let here: Shell;

  beforeAll(async () => {
    address = (await createService(kube, namespace, webService())).spec?.clusterIP ?? '';
    await createPods(kube, namespace, asker('asker'), server('web', web));
    here = await shellIn(namespace, 'asker');
  });

  fact('short-name-is-the-cluster-ip', 'the short name resolves to the ClusterIP, and a name that no Service has does not', async () => {
    await resolves(here, 'web', address);
    // A name that no host of the cluster's own network has either.
    await unresolved(here, `web-${namespace}`);
  });

  fact('longer-names-are-too', 'so do the longer forms, up to the full name with and without its final dot', async () => {
    for (const name of [
      `web.${namespace}`,
      `web.${namespace}.svc`,
      `web.${namespace}.svc.cluster.local`,
      `web.${namespace}.svc.cluster.local.`,
    ]) {
      await resolves(here, name, address);
    }
  });

  fact('answers-by-name', 'a client that asks by the short name is answered', async () => {
    const attempt = await ends(here, 'answered', 'http://web:8080/hostname');
    expect(attempt.said).toBe('web');
    expect(attempt.address).toBe(address);
  });
});

claim('from-any-pod', ({ namespace, fact }) => {
  // A name that no host of the node's own domain has either.
  const name = `web-${namespace}`;
  let address: string;

  beforeAll(async () => {
    address = (await createService(kube, namespace, { ...webService(), metadata: { name } })).spec?.clusterIP ?? '';
    await createPods(
      kube,
      namespace,
      asker('on-node', { hostNetwork: true }),
      asker('on-node-with-cluster-dns', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }),
    );
  });

  fact('host-network-unresolved', "a hostNetwork Pod has the node's own name servers and does not know the name", async () => {
    const shell = await shellIn(namespace, 'on-node');
    const nameServers = async (pod: Shell) => (await pod.run(`sed -n 's/^nameserver //p' /etc/resolv.conf`)).output.trim().split('\n');
    const [own, ordinary] = [await nameServers(shell), await nameServers(await client())];
    recordLook("its name servers, and an ordinary Pod's", { own, ordinary });
    expect(own.filter((address) => ordinary.includes(address))).toEqual([]);
    await unresolved(shell, name);
  });

  fact('cluster-first-with-host-net-resolves', 'the same Pod with dnsPolicy ClusterFirstWithHostNet resolves it', async () => {
    await resolves(await shellIn(namespace, 'on-node-with-cluster-dns'), name, address);
  });
});

claim('bare-url', ({ namespace, fact }) => {
  let address: string;
  let here: Shell;

  beforeAll(async () => {
    address = (await createService(kube, namespace, { ...webService(), metadata: { name: 'nnappone-service' } })).spec?.clusterIP ?? '';
    await createPods(kube, namespace, asker('asker'), server('web', web));
    here = await shellIn(namespace, 'asker');
  });

  fact('port-8080-is', 'with `:8080` the Service answers', async () => {
    await ends(here, 'answered', 'http://nnappone-service:8080/hostname');
  });

  fact('bare-url-is-not-answered', `the same URL without a port goes to port 80 of the same address, and is ${unlisted}`, async () => {
    await ends(here, unlisted, 'http://nnappone-service/hostname');
    const { output } = await here.run(`curl -sv --max-time 1 http://nnappone-service/ 2>&1 | grep -i trying`);
    recordLook('what curl tries', output.trim());
    expect(output).toContain(`${address}:80...`);
  });
});

claim('fqdn-elsewhere', ({ namespace, fact }) => {
  let address: string;
  let elsewhere: Shell;
  const full = `nnappone-service.${namespace}.svc.cluster.local`;

  beforeAll(async () => {
    address = (await createService(kube, namespace, { ...webService(), metadata: { name: 'nnappone-service' } })).spec?.clusterIP ?? '';
    await createPods(kube, namespace, server('web', web));
    elsewhere = await client();
  });

  fact('full-name-with-port', 'from another namespace the full name resolves to the ClusterIP and answers on 8080', async () => {
    await resolves(elsewhere, full, address);
    await ends(elsewhere, 'answered', `http://${full}:8080/hostname`);
  });

  fact('full-name-as-printed', `without the port, as printed, it is ${unlisted}`, async () => {
    await ends(elsewhere, unlisted, `http://${full}/hostname`);
  });

  fact('names-with-namespace-resolve', 'every form that names the namespace resolves there, with and without the final dot', async () => {
    for (const name of [`nnappone-service.${namespace}`, `nnappone-service.${namespace}.svc`, `${full}.`])
      await resolves(elsewhere, name, address);
  });

  fact('short-name-unresolved', 'the short name alone does not resolve there', async () => {
    await unresolved(elsewhere, 'nnappone-service');
    await ends(elsewhere, 'unresolved', 'http://nnappone-service:8080/hostname');
  });
});
