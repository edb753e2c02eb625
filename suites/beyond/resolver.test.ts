import { expect } from '@jest/globals';
import type { Shell } from '../../helpers/kube/shell.ts';
import type { CreatedService } from '../../helpers/testbed/namespace.ts';
import {
  claim,
  client,
  clientPod,
  cluster,
  dig,
  node,
  nodeShell,
  recordObservation,
  resolve,
  settle,
  webService,
} from '../../helpers/testbed/testbed.ts';

const ipv6 = cluster.ipFamily === 'IPv6';
const type = ipv6 ? 'AAAA' : 'A';

claim('failed-lookups-remembered', ({ ns, setup, check }) => {
  /** In s. */
  let ttl: number;
  const svc = (name: string) => `${name}.${ns.name}.svc.${cluster.domain}.`;
  const create = (name: string) => ns.service(webService({ selector: {} }, { name }));
  /** Asks once, and returns the status with the addresses. */
  const ask = async (name: string): Promise<string> => {
    const [answer] = await dig(await client(), svc(name), { type });
    return [answer?.status, ...(answer?.answer ?? []).map(({ data }) => data)].join(' ');
  };

  setup(async () => {
    const { output } = await (await nodeShell()).run(`kubectl -n kube-system get configmap coredns -o 'jsonpath={.data.Corefile}'`);
    recordObservation('the Corefile', output);
    const zone = /^\s*kubernetes [^{]*\{([^}]*)\}/m.exec(output)?.[1] ?? '';
    ttl = Number(/^\s*ttl (\d+)/m.exec(zone)?.[1] ?? 5);
  });

  check('zone-says-how-long', 'the answer that there is no such name may be cached for the TTL of the zone', async () => {
    const shell = await client();
    const [missing] = await dig(shell, svc('missing'), { type });
    recordObservation('the answer', missing);
    expect(missing?.status).toBe('NXDOMAIN');
    const soa = missing?.authority.find((record) => record.type === 'SOA');
    expect(Number(soa?.data.split(' ').at(-1))).toBe(ttl);
    expect(soa?.ttl).toBeLessThanOrEqual(ttl);
  });

  check(
    'asked-too-early-stays-unknown',
    'a name that was asked for before its Service existed stays unknown; its twin is known at once',
    async () => {
      let round = 0;
      // CoreDNS hears of Services in the order of their creation: when it has the twin, it has the other one too. A twin that is asked for too soon needs another
      // round, with new names.
      await settle(
        async () => {
          round += 1;
          const [early, twin] = [`early-${round}`, `twin-${round}`];
          const before = await ask(early);
          await create(early);
          const { address } = await create(twin);
          return { before, address, twin: await ask(twin), early: await ask(early) };
        },
        {
          waitingFor: 'a twin that is known while the name that was asked for is not',
          accept: ({ before, address, twin, early }) => before === 'NXDOMAIN' && twin === `NOERROR ${address}` && early === 'NXDOMAIN',
          inARow: 1,
          within: 10_000,
        },
      );
    },
  );

  check(
    'known-after-that-time',
    'a name that was asked for too early is known once that time is over, and not only after 30 s',
    async () => {
      expect(await ask('late')).toBe('NXDOMAIN');
      const { address } = await create('late');
      const began = performance.now();
      await settle(() => ask('late'), {
        waitingFor: `${address} within the TTL of ${ttl} s`,
        accept: (seen) => seen === `NOERROR ${address}`,
        inARow: 1,
        // More for a busy machine, and a limit where the zone has a long TTL.
        within: (Math.min(ttl, 30) + 5) * 1000,
      });
      recordObservation('ms until the name was known', Math.round(performance.now() - began));
    },
  );

  check('ttl-of-answers', 'the answer with an address may be kept for the TTL of the zone at most', async () => {
    await create('known');
    const shell = await client();
    const [known] = await settle(() => dig(shell, svc('known'), { type }), {
      waitingFor: 'an address',
      accept: ([answer]) => answer?.answer.length === 1,
      inARow: 1,
    });
    expect(known?.answer[0]?.ttl).toBeLessThanOrEqual(ttl);
  });
});

claim('search-list-costs', ({ ns, setup, check }) => {
  const { domain } = cluster;
  const full = `web.${ns.name}.svc.${domain}`;
  const ofCluster = (namespace: string) => [`${namespace}.svc.${domain}`, `svc.${domain}`, domain];
  let here: Shell;

  /** Returns the search list and the options of a Pod. */
  const resolvConf = async (shell: Shell) => {
    const { output } = await shell.run('cat /etc/resolv.conf');
    recordObservation(`/etc/resolv.conf of ${shell.name}`, output);
    const words = (key: string) =>
      output
        .split('\n')
        .filter((line) => line.startsWith(`${key} `))
        .flatMap((line) => line.split(/\s+/).slice(1));
    return { search: words('search'), options: words('options') };
  };

  /** Returns the names that the search list makes, up to the full name. One with five dots is asked for as it is, and so is one that ends with a dot. */
  const upToTheFullName = async (name: string): Promise<string[]> => {
    const { search } = await resolvConf(here);
    const asItIs = name.endsWith('.') || name.split('.').length > 5;
    const made = asItIs ? [`${full}.`] : [...search.map((suffix) => `${name}.${suffix}.`), `${name}.`];
    return made.slice(0, made.indexOf(`${full}.`) + 1);
  };

  /** Returns how many datagrams the Pod sends while curl looks up a name. No other check uses the Pod meanwhile. */
  const datagramsFor = async (name: string): Promise<number> => {
    const { output } = await here.run(
      `sent() { cat /proc/net/snmp /proc/net/snmp6 2>/dev/null | awk '/^Udp: [0-9]/ { n += $5 } /^Udp6OutDatagrams/ { n += $2 } END { print n }'; }
       before=$(sent); curl -s --max-time 1 'http://${name}:8080/' >/dev/null; after=$(sent); echo $((after - before))`,
    );
    return Number(output);
  };

  setup(async () => {
    await Promise.all([
      ns.service(webService({ selector: {} })),
      ns.pods(clientPod('client'), clientPod('on-node', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' })),
    ]);
    here = await ns.shell('client');
  });

  check(
    'written-by-the-kubelet',
    'the search list begins with the namespace of the Pod, all Services and the zone, and ndots is 5',
    async () => {
      const { search, options } = await resolvConf(here);
      expect(search.slice(0, 3)).toEqual(ofCluster(ns.name));
      expect(options.filter((option) => option.startsWith('ndots'))).toEqual(['ndots:5']);
    },
  );

  check(
    'also-with-host-net',
    'a hostNetwork Pod with dnsPolicy ClusterFirstWithHostNet has the search list of the cluster and ndots:5 too, and one without has not',
    async () => {
      const { search, options } = await resolvConf(await ns.shell('on-node'));
      expect(search.slice(0, 3)).toEqual(ofCluster(ns.name));
      expect(options.filter((option) => option.startsWith('ndots'))).toEqual(['ndots:5']);
      const withoutIt = await resolvConf(await node());
      expect(withoutIt.search).not.toContain(`svc.${domain}`);
    },
  );

  check(
    'names-asked',
    'a short name is found at once, one with its namespace at the second attempt; a full name is tried with every domain first, unless it ends with a dot',
    async () => {
      for (const name of ['web', `web.${ns.name}`, full, `${full}.`]) {
        const awaited = await upToTheFullName(name);
        await settle(() => resolve(here, name), {
          waitingFor: `queries for ${awaited.join(' ')}`,
          accept: ({ ending, queries }) => ending === 'answered' && queries.map((query) => query.name).join() === awaited.join(),
        });
      }
    },
  );

  // Not by dig: by the resolver that programs have.
  check(
    'datagrams-sent',
    'curl asks the name server for each of these names: the datagrams that it sends are in proportion to their number',
    async () => {
      const names = ['web', `web.${ns.name}`, full, `${full}.`];
      const attempts = (await Promise.all(names.map(upToTheFullName))).map(({ length }) => length);
      await settle(
        async () => {
          const counts: number[] = [];
          for (const name of names) counts.push(await datagramsFor(name));
          return counts;
        },
        {
          waitingFor: `datagrams in the ratio ${attempts.join(' to ')}`,
          accept: (counts) => {
            const once = counts.at(-1) ?? 0;
            return once > 0 && counts.every((count, index) => count === once * (attempts[index] ?? 0));
          },
          inARow: 2,
        },
      );
    },
  );
});

claim('big-answers-need-tcp', ({ ns, setup, check }) => {
  const svc = (name: string) => `${name}.${ns.name}.svc.${cluster.domain}.`;
  let web: CreatedService;
  const many = Array.from({ length: 60 }, (_, host) => (ipv6 ? `2001:db8::${host + 1}` : `198.51.100.${host + 1}`));

  setup(async () => {
    // Addresses for documentation, which no Pod has. Nothing is sent to them.
    const endpoints = many.map((address) => ({ addresses: [address] }));
    [web] = await Promise.all([
      ns.service(webService({ selector: {} })),
      ns.serviceObject(webService({ selector: {}, clusterIP: 'None' }, { name: 'many' })),
      ns.slice({ service: 'web', endpoints }),
      ns.slice({ service: 'many', endpoints }),
    ]);
  });

  check('cut-over-udp', 'the answer for a headless Service with 60 endpoints is cut over UDP, and marked as cut', async () => {
    const shell = await client();
    await settle(() => dig(shell, svc('many'), { type }), {
      waitingFor: 'fewer than 60 addresses, and the mark tc',
      accept: ([answer]) => answer?.status === 'NOERROR' && answer.flags.includes('tc') && answer.answer.length < 60,
    });
  });

  check('whole-over-tcp', 'over TCP the answer for that Service has all 60 addresses', async () => {
    const shell = await client();
    await settle(() => dig(shell, svc('many'), { type, tcp: true }), {
      waitingFor: '60 addresses, and no mark tc',
      accept: ([answer]) => answer?.answer.length === 60 && !answer.flags.includes('tc'),
    });
  });

  check(
    'cluster-ip-is-never-cut',
    'the answer for a Service with a ClusterIP and the same endpoints has one address, and is not cut',
    async () => {
      const shell = await client();
      await settle(() => dig(shell, svc('web'), { type }), {
        waitingFor: `${web.address} alone, and no mark tc`,
        accept: ([answer]) => answer?.answer.map(({ data }) => data).join() === web.address && !answer.flags.includes('tc'),
      });
    },
  );
});
