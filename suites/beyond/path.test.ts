import { expect } from '@jest/globals';
import type { Service } from 'kubernetes-types/core/v1.js';
import type { Ending } from '../../helpers/base/endings.ts';
import type { Shell } from '../../helpers/kube/shell.ts';
import type { OpenConnection } from '../../helpers/probe/connection.ts';
import type { Flow } from '../../helpers/probe/flow.ts';
import type { CreatedService, Namespace } from '../../helpers/testbed/namespace.ts';
import type { Backend } from '../../helpers/testbed/run-context.ts';
import {
  backends,
  claim,
  client,
  clientPod,
  cluster,
  expectEnding,
  http,
  idle,
  inUrl,
  kube,
  node,
  nodeShell,
  onNode,
  openConnection,
  openFlow,
  recordObservation,
  series,
  server,
  settle,
  udp,
  webService,
} from '../../helpers/testbed/testbed.ts';

const tcpAndUdp = [
  { name: 'tcp', port: 80 },
  { name: 'udp', port: 80, protocol: 'UDP' },
];

/** Creates a Service without a selector for port 8080, TCP and UDP, with these backends as its endpoints. */
async function serviceOver(
  ns: Namespace,
  name: string,
  endpoints: readonly Backend[],
  spec: NonNullable<Service['spec']> = {},
): Promise<CreatedService> {
  const ports = tcpAndUdp.map((it) => ({ ...it, port: 8080, targetPort: 80 }));
  const service = await ns.service(webService({ selector: {}, ports, ...spec }, { name }));
  await sliceOf(ns, service, endpoints);
  return service;
}

/** Makes these backends the only endpoints of such a Service. */
async function sliceOf(ns: Namespace, service: CreatedService, endpoints: readonly Backend[]): Promise<void> {
  await ns.slice({
    service: service.name,
    endpoints: endpoints.map((backend) => ({ addresses: [addressLike(service, backend)], nodeName: backend.node })),
    ports: tcpAndUdp,
  });
}

/** Returns the address of a backend that is of the same family as that of the Service. */
function addressLike(service: CreatedService, { addresses }: Backend): string {
  return addresses.find((address) => address.includes(':') === service.address.includes(':')) ?? '';
}

/** Returns the addresses of a client's interfaces, without those that only its own link knows. */
async function addressesOf(shell: Shell): Promise<string[]> {
  const { output } = await shell.run('ip -o addr show scope global');
  return [...output.matchAll(/inet6? ([0-9a-f.:]+)/g)].map(([, address = '']) => address);
}

/** Returns the addresses by which a server sees a client, over TCP and UDP. */
async function seenBy(server: { address: string; port: number }, shell: Shell): Promise<{ tcp: string; udp: string }> {
  // Printed as address:port, an IPv6 address in brackets.
  const addressIn = (printed: string) => printed.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  const url = `http://${inUrl(server.address)}:${server.port}/clientip`;
  const attempt = await expectEnding(Promise.resolve(shell), url, 'answered', { inARow: 1 });
  const flow = openFlow(shell, server.address, server.port);
  const reply = await settle(() => flow.send('clientip'), {
    waitingFor: 'an answer to a datagram',
    accept: ({ ending }) => ending === 'answered',
    inARow: 1,
  });
  return { tcp: addressIn(attempt.response), udp: addressIn(reply.response) };
}

/** Waits until a request on an open connection, or in a flow, is answered by a Pod: by any, where none is named. Returns its name. */
async function answeredBy(pod: string | undefined, open: OpenConnection | Flow): Promise<string> {
  const reply = await settle<{ ending: string; response: string }>(() => ('send' in open ? open.send() : open.request()), {
    waitingFor: `an answer of ${pod ?? 'any Pod'}`,
    accept: ({ ending, response }) => (pod === undefined ? ending === 'answered' : response === pod),
    inARow: 1,
  });
  return reply.response;
}

/** Returns a client on a node: the shared one where there is no other node. */
function clientOn(name: string): Promise<Shell> {
  return cluster.nodes.length > 1 ? client({ node: name }) : client();
}

claim('source-kept', ({ ns, setup, check }) => {
  let a: Backend;
  let web: CreatedService;
  const through = () => ({ address: web.address, port: 8080 });

  setup(async () => {
    [a] = await backends();
    web = await serviceOver(ns, 'web', [a]);
  });

  check('pod-to-pod', 'a Pod that asks the Service is seen by its own address', async () => {
    const [own] = (await addressesOf(await client())).filter((address) => address.includes(':') === web.address.includes(':'));
    expect(await seenBy(through(), await client())).toEqual({ tcp: own, udp: own });
  });

  check('from-the-node', "a client in the node's network is seen by an address of the node", async () => {
    const ofNode = await addressesOf(await node());
    const seen = await seenBy(through(), await node());
    recordObservation('the addresses of the node, and what the server saw', { ofNode, seen });
    expect(Object.values(seen).filter((address) => !ofNode.includes(address))).toEqual([]);
  });

  check('to-itself', 'the server itself, which the Service leads back to itself, is seen by another address than its own', async () => {
    const seen = await seenBy(through(), await a.shell());
    recordObservation('the addresses of the server, and what it saw', { own: a.addresses, seen });
    expect(Object.values(seen).filter((address) => a.addresses.includes(address))).toEqual([]);
  });

  // Control: without the Service, the same client and the same server.
  check('to-itself-directly', 'the server, when it asks the address of its Pod, is seen by that address', async () => {
    const own = addressLike(web, a);
    expect(await seenBy({ address: own, port: 80 }, await a.shell())).toEqual({ tcp: own, udp: own });
  });
});

claim('hairpin-mode', ({ ns, setup, check, ending }) => {
  let a: Backend;
  let web: CreatedService;
  let other: CreatedService;
  let noNodeName: CreatedService;

  setup(async () => {
    let b: Backend;
    [a, b] = await backends();
    [web, other, noNodeName] = await Promise.all([
      serviceOver(ns, 'web', [a]),
      serviceOver(ns, 'other', []),
      ns.service(webService({ selector: {} }, { name: 'no-node-name' })),
    ]);
    // A Pod that no other slice has: in nftables mode, what one slice says of an address counts for all Services.
    await ns.pods(server('unnamed'));
    const [pod] = await ns.listPods();
    const own = (pod?.status?.podIPs ?? []).map(({ ip }) => ip).find((ip) => ip.includes(':') === noNodeName.address.includes(':')) ?? '';
    await ns.slice({ service: 'no-node-name', endpoints: [{ addresses: [own] }] });
    // Control: from another Pod, all of them are as their slices say.
    const elsewhere = b.shell();
    await expectEnding(elsewhere, noNodeName.url(8080), 'answered', { by: 'unnamed' });
    await expectEnding(elsewhere, web.url(8080), 'answered', { by: a.name, inARow: 1 });
  });

  check('answers-itself', 'the only Pod behind a Service is answered through its ClusterIP, by itself', async () => {
    await expectEnding(a.shell(), web.url(8080), 'answered', { by: a.name });
  });

  check('answers-itself-udp', 'a datagram of the only Pod behind a Service to its own ClusterIP is answered too', async () => {
    const flow = openFlow(await a.shell(), web.address, 8080);
    await answeredBy(a.name, flow);
  });

  check(
    'without-node-name',
    'where the slice does not name the node of the Pod, iptables mode leads it back to itself, and nftables mode does not',
    async () => {
      await expectEnding(ns.shell('unnamed'), noNodeName.url(8080), ending('without-node-name'));
    },
  );

  check('refused-when-it-is-no-endpoint', 'a Service without endpoints refuses the same Pod', async () => {
    await expectEnding(a.shell(), other.url(8080), 'refused', { inARow: 2 });
  });
});

claim('open-connections-stay', ({ ns, setup, check }) => {
  const labels = { app: 'web' };
  let web: CreatedService;
  let connection: OpenConnection;

  setup(async () => {
    web = await ns.service(webService());
    const pod = server('web', { labels });
    await ns.pods({
      ...pod,
      spec: {
        ...pod.spec,
        terminationGracePeriodSeconds: 20,
        containers: (pod.spec?.containers ?? []).map((container) => ({
          ...container,
          readinessProbe: { exec: { command: ['test', '!', '-e', '/tmp/unready'] }, periodSeconds: 1, failureThreshold: 1 },
          // It terminates until a check ends that, or for as long as its grace period.
          lifecycle: { preStop: { exec: { command: ['sh', '-c', 'until [ -e /tmp/end ]; do sleep 0.1; done'] } } },
        })),
      },
    });
    await expectEnding(client(), web.url(8080), 'answered', { by: 'web', inARow: 1 });
    connection = await openConnection(await client(), web.address, 8080);
    await answeredBy('web', connection);
  });

  check('readiness-lost', 'once the Pod is not ready a new connection is refused, and the open one is answered', async () => {
    await (await ns.shell('web')).run('touch /tmp/unready');
    await expectEnding(client(), web.url(8080), 'refused', { inARow: 2 });
    await answeredBy('web', connection);
  });

  check('label-lost', 'once the label of the Pod does not match, a new connection is refused, and the open one is answered', async () => {
    await (await ns.shell('web')).run('rm /tmp/unready');
    await expectEnding(client(), web.url(8080), 'answered', { by: 'web', inARow: 1 });
    await ns.label('web', { app: 'other' });
    await expectEnding(client(), web.url(8080), 'refused', { inARow: 2 });
    await answeredBy('web', connection);
  });

  check('while-it-terminates', 'an open connection is answered while its Pod terminates', async () => {
    await kube.core.deleteNamespacedPod({ namespace: ns.name, name: 'web' });
    const [pod] = await ns.listPods();
    recordObservation('when the Pod was deleted', pod?.metadata?.deletionTimestamp);
    await answeredBy('web', connection);
    expect((await ns.listPods()).map(({ metadata }) => [metadata?.name, metadata?.deletionTimestamp !== undefined])).toEqual([
      ['web', true],
    ]);
  });

  check('ends-with-the-pod', 'an open connection is closed, and not silent, when its Pod has gone', async () => {
    await (await ns.shell('web')).run('touch /tmp/end');
    await settle(async () => (await ns.listPods()).map(({ metadata }) => metadata?.name), {
      waitingFor: 'the Pod to be gone',
      accept: (pods) => pods.length === 0,
      inARow: 1,
    });
    const reply = await connection.request();
    recordObservation('the reply on the open connection', reply);
    expect(reply.ending).toBe('closed');
  });
});

claim('flows-outlive-the-service', ({ ns, setup, check, ending }) => {
  let a: Backend;
  let web: CreatedService;
  let connection: OpenConnection;
  let flow: Flow;

  setup(async () => {
    [a] = await backends();
    web = await serviceOver(ns, 'web', [a]);
    await expectEnding(client(), web.url(8080), 'answered', { by: a.name, inARow: 1 });
    connection = await openConnection(await client(), web.address, 8080);
    flow = openFlow(await client(), web.address, 8080);
    await answeredBy(a.name, connection);
    await answeredBy(a.name, flow);
  });

  check('new-ones-time-out', 'once the Service is deleted, a new connection and a datagram from a new port get no answer', async () => {
    await kube.core.deleteNamespacedService({ namespace: ns.name, name: web.name });
    const awaited = [ending('new-ones-time-out')].flat();
    // The kernel forgets a flow of UDP 30 s after its last datagram, and on a slow machine these attempts may take as long. So each sends one in between.
    const between = async <T>(attempt: () => Promise<T>) => {
      await flow.send();
      return attempt();
    };
    await settle(() => between(async () => http(await client(), web.url(8080))), {
      waitingFor: 'no answer to a new connection',
      accept: (attempt) => awaited.includes(attempt.ending),
      inARow: 2,
    });
    await settle(() => between(async () => udp(await client(), `${inUrl(web.address)}:8080`)), {
      waitingFor: 'no answer to a datagram from a new port',
      accept: (attempt) => awaited.includes(attempt.ending),
      inARow: 1,
    });
  });

  check('udp-goes-on', 'datagrams from the earlier source port are still answered by the same Pod', async () => {
    await answeredBy(a.name, flow);
  });

  check('tcp-goes-on', 'requests on the open TCP connection are still answered by the same Pod', async () => {
    await answeredBy(a.name, connection);
  });
});

claim('ping', ({ ns, setup, check, ending }) => {
  let a: Backend;
  let web: CreatedService;
  let pinger: Shell;
  /** Sends an address three echo requests, and returns how that ended. */
  const ping = async (to: string) => {
    // ICMP as the kernel of the Pod counts it: some versions of ping do not print errors.
    const received = async () => {
      const { output } = await pinger.run("grep '^Icmp:' /proc/net/snmp");
      const [names = [], values = []] = output
        .trim()
        .split('\n')
        .map((line) => line.split(' '));
      const of = (name: string) => Number(values[names.indexOf(name)]);
      return { echoes: of('InEchoReps'), errors: of('InDestUnreachs') };
    };
    const before = await received();
    const { exitCode, output } = await pinger.run(`ping -c 3 -i 0.3 -W 1 ${to} 2>&1`);
    const after = await received();
    const [echoes, errors] = [after.echoes - before.echoes, after.errors - before.errors];
    const seen: Ending = echoes > 0 ? 'answered' : errors > 0 ? 'refused' : 'timed out';
    return { to, ending: seen, echoes, errors, exitCode, output };
  };

  setup(async () => {
    [a] = await backends();
    const pod = clientPod('pinger', {
      securityContext: { sysctls: [{ name: 'net.ipv4.ping_group_range', value: '0 2147483647' }] },
    });
    // ping needs root, or a kernel and a ping that allow it to others.
    const containers = (pod.spec?.containers ?? []).map((container) => ({ ...container, securityContext: {} }));
    [web] = await Promise.all([
      serviceOver(ns, 'web', [a], { ipFamilies: ['IPv4'] }),
      ns.pods({ ...pod, spec: { ...pod.spec, containers } }),
    ]);
    pinger = await ns.shell('pinger');
  });

  check('tcp-is-answered', 'a connection to the port of the Service is answered', async () => {
    await expectEnding(Promise.resolve(pinger), web.url(8080), 'answered', { by: a.name });
  });

  check('no-echo', 'no echo comes back from the ClusterIP at the same time', async () => {
    await settle(() => ping(web.address), {
      waitingFor: 'no echo from the ClusterIP',
      accept: (seen) => [ending('no-echo')].flat().includes(seen.ending),
      inARow: 1,
    });
  });

  check('pod-echoes', 'from the address of the Pod behind it an echo does', async () => {
    await settle(() => ping(addressLike(web, a)), {
      waitingFor: 'echoes from the Pod',
      accept: (seen) => seen.ending === 'answered',
      inARow: 1,
    });
  });
});

claim('large-payloads', ({ ns, setup, check }) => {
  let a: Backend;
  let web: CreatedService;
  /** Sends a mebibyte of text by TCP, and returns whether it came back. */
  const mebibyte = async (shell: Shell) => {
    const { output } = await shell.run(
      `f=/tmp/mebibyte.$$; head -c 1048576 /dev/urandom | od -An -v -tx1 | tr -d ' \\n' | head -c 1048576 >$f; ` +
        `sha256sum <$f; { printf msg=; cat $f; } | curl -s --max-time 5 --data-binary @- ${web.url(8080, '/echo')} | sha256sum; rm $f`,
    );
    const [sent = '', received] = output.split('\n').map((line) => line.split(' ')[0]);
    return { from: shell.name, sent, received };
  };
  const same = async (shell: Shell) => {
    const seen = await mebibyte(shell);
    recordObservation('the checksums of what was sent and received', seen);
    expect(seen.received).toBe(seen.sent);
  };
  const datagram = async (shell: Shell) => {
    // The server reads at most 2048 bytes, and answers in lower case.
    const text = Array.from({ length: 1995 }, (_, index) => (index % 36).toString(36)).join('');
    const flow = openFlow(shell, web.address, 8080);
    const reply = await settle(() => flow.send(`echo ${text}`), {
      waitingFor: 'an answer to a datagram of 2000 bytes',
      accept: ({ ending }) => ending === 'answered',
      inARow: 1,
    });
    expect(reply.response).toBe(text);
  };

  setup(async () => {
    [a] = await backends();
    web = await serviceOver(ns, 'web', [a]);
    await expectEnding(client(), web.url(8080), 'answered', { by: a.name, inARow: 1 });
  });

  check('tcp', 'a mebibyte over TCP comes back unchanged', async () => {
    await same(await client());
  });

  check('udp', 'a datagram of 2000 bytes, which is longer than most networks carry in one piece, comes back unchanged', async () => {
    await datagram(await client());
  });

  check('from-the-node', "a mebibyte over TCP and a datagram of 2000 bytes come back unchanged in the node's network too", async () => {
    await same(await node());
    await datagram(await node());
  });
});

claim('node-port-hides-source', ({ ns, setup, check, ending }) => {
  let a: Backend;
  let web: CreatedService;
  let local: CreatedService;
  let shell: Shell;
  let own: string;
  const nodePortOf = ({ object }: CreatedService) => object.spec?.ports?.[0]?.nodePort ?? 0;
  /** Returns the node port of a Service at its node, where the backend is too. */
  const atTheNode = (service: CreatedService) => {
    const addresses = cluster.nodes.find(({ name }) => name === a.node)?.addresses ?? [];
    return { address: addresses.find((address) => !address.includes(':')) ?? '', port: nodePortOf(service) };
  };
  const seenOverTcp = async ({ address, port }: { address: string; port: number }) => {
    const attempt = await expectEnding(Promise.resolve(shell), `http://${address}:${port}/clientip`, 'answered', { inARow: 1 });
    return attempt.response.replace(/:\d+$/, '');
  };

  setup(async () => {
    [a] = await backends();
    shell = await clientOn(a.node);
    own = (await addressesOf(shell)).find((address) => !address.includes(':')) ?? '';
    const spec = { type: 'NodePort', ipFamilies: ['IPv4'], ports: [{ name: 'tcp', port: 8080, targetPort: 80 }] };
    [web, local] = await Promise.all([
      serviceOver(ns, 'web', [a], spec),
      serviceOver(ns, 'local', [a], { ...spec, externalTrafficPolicy: 'Local' }),
    ]);
  });

  check('cluster-ip-keeps-it', 'through the ClusterIP the server sees the address of the client', async () => {
    expect(await seenOverTcp({ address: web.address, port: 8080 })).toBe(own);
  });

  check('node-port-hides-it', 'through the node port of the same Service it sees another one', async () => {
    const seen = await seenOverTcp(atTheNode(web));
    recordObservation('the address of the client, and what the server saw', { own, seen });
    expect(seen).not.toBe(own);
  });

  check('local-keeps-it', 'through a node port with externalTrafficPolicy Local it sees the address of the client', async () => {
    expect(await seenOverTcp(atTheNode(local))).toBe(own);
  });

  check('loopback', 'on the node itself, the node port answers at 127.0.0.1 in iptables mode, and not in nftables mode', async () => {
    await expectEnding(node(), `http://127.0.0.1:${nodePortOf(web)}/hostname`, ending('loopback'));
  });
});

claim('half-closed', ({ ns, setup, check }) => {
  let a: Backend;
  let web: CreatedService;
  let shell: Shell;
  /** Asks for an answer that takes 3 s, and ends the client's side of the connection at once. */
  const ask = async () => {
    const { exitCode, output } = await shell.run(
      `printf 'GET /shell?cmd=sleep+3%%3Bhostname HTTP/1.1\\r\\nHost: web\\r\\n\\r\\n' | nc -N -w 6 ${web.address} 8080`,
    );
    return { exitCode, response: output.split('\r\n\r\n').at(-1)?.trim() ?? '' };
  };

  setup(async () => {
    [a] = await backends();
    shell = await clientOn(a.node);
    web = await serviceOver(ns, 'web', [a]);
    await expectEnding(Promise.resolve(shell), web.url(8080), 'answered', { by: a.name, inARow: 1 });
  });

  check('late-answer', 'a client that has ended its side of the connection gets the answer that comes 3 s later', async () => {
    const answer = await ask();
    recordObservation('the late answer', answer);
    expect(answer).toEqual({ exitCode: 0, response: JSON.stringify({ output: `${a.name}\n` }) });
  });

  check('entry-waits', 'meanwhile the kernel keeps the entry in CLOSE_WAIT, for as long as its setting says', async () => {
    const onTheNode = await nodeShell(a.node);
    const setting = Number((await onTheNode.run('cat /proc/sys/net/netfilter/nf_conntrack_tcp_timeout_close_wait')).output);
    const asked = ask();
    const family = web.address.includes(':') ? 'ipv6' : 'ipv4';
    const list = `conntrack -L -f ${family} -p tcp -d ${web.address} --state CLOSE_WAIT 2>/dev/null`;
    const left = await settle(async () => Number(/^tcp\s+6\s+(\d+)\s/m.exec((await onTheNode.run(list)).output)?.[1] ?? 'NaN'), {
      waitingFor: 'an entry in CLOSE_WAIT',
      accept: (seconds) => seconds > 0,
      inARow: 1,
      within: 3_000,
    });
    recordObservation('the seconds that the entry had left, and the setting', { left, setting });
    await asked;
    expect(left).toBeLessThanOrEqual(setting);
    expect(left).toBeGreaterThan(setting - 5);
  });
});

claim('proxy-may-be-away', ({ ns, setup, teardown, check, ending }) => {
  let a: Backend;
  let old: CreatedService;
  let later: CreatedService;
  /** Six connections and six UDP flows through the older Service, each with the Pod that answered it first. */
  const open: { through: OpenConnection | Flow; pod: string }[] = [];
  const expectSamePods = async () => {
    for (const { through, pod } of open) await answeredBy(pod, through);
  };
  const onEveryNode = async (command: string) => {
    for (const { name } of cluster.nodes) await (await nodeShell(name)).run(command);
  };
  /** Starts kube-proxy on each node where it does not run. */
  const startProxy = async () => {
    const start = 'setsid sh -c "$(cat /run/stand-in/kube-proxy.command)" >>/var/log/stand-in/kube-proxy.log 2>&1 </dev/null &';
    await onEveryNode(`pgrep -f '^kube-proxy ' >/dev/null || { ${start} }`);
  };

  teardown(startProxy);

  setup(async () => {
    let b: Backend;
    [a, b] = await backends();
    old = await serviceOver(ns, 'old', [a, b]);
    // Of two Pods, one is missing among 40 answers once in 10^12 times.
    await settle(async () => [...new Set(await series(await client(), old.url(8080), 40))].sort(), {
      waitingFor: 'answers from both Pods',
      accept: (names) => names.join() === `${a.name},${b.name}`,
      inARow: 1,
    });
    for (let number = 0; number < 6; number++)
      for (const through of [await openConnection(await client(), old.address, 8080), openFlow(await client(), old.address, 8080)])
        open.push({ through, pod: await answeredBy(undefined, through) });
    await onEveryNode(`pkill -f '^kube-proxy '; while pgrep -f '^kube-proxy ' >/dev/null; do sleep 0.1; done`);
  });

  check('new-service-is-not-served', 'a Service that is created while kube-proxy is away does not answer', async () => {
    later = await serviceOver(ns, 'later', [a]);
    await expectEnding(client(), later.url(8080), ending('new-service-is-not-served'));
  });

  check('old-service-goes-on', 'after that, open and new connections to an older Service are answered', async () => {
    await expectEnding(client(), old.url(8080), 'answered');
    await expectSamePods();
  });

  check('served-after-the-start', 'the new Service answers once kube-proxy runs again', async () => {
    await startProxy();
    await expectEnding(client(), later.url(8080), 'answered', { by: a.name });
  });

  // If the kernel had forgotten them, each would draw one of two Pods again. All twelve draw the same as before once in 4096 times.
  check('flows-stay', 'six open connections and six UDP flows are each answered by the same Pod all the time', expectSamePods);
});

claim('rules-repaired', ({ ns, setup, check, ending }) => {
  let a: Backend;
  let b: Backend;
  let flushed: CreatedService;
  let beside: CreatedService;
  /** Runs a command on the node of the client. */
  const run = async (command: string) => {
    const result = await (await nodeShell(a.node)).run(command);
    recordObservation(`\`${command}\` on the node`, result);
    return result;
  };
  const answered = async (service: CreatedService, by: Backend) => {
    await expectEnding(clientOn(a.node), service.url(8080), 'answered', { by: by.name });
  };

  setup(async () => {
    [a, b] = await backends();
    [flushed, beside] = (await Promise.all(['flushed', 'beside'].map((name) => serviceOver(ns, name, [a], { ipFamilies: ['IPv4'] })))) as [
      CreatedService,
      CreatedService,
    ];
    await answered(flushed, a);
    await answered(beside, a);
  });

  check('deleted-chains-return', 'when all chains of kube-proxy are deleted, it writes them again', async () => {
    // A firewall tool that restores what it knows: the rules without those of kube-proxy. That writes all rules once a second, and so may have written them
    // again before the next command: the tool may try five times until they are seen to be gone.
    const { exitCode } = await run(
      'left=5; until iptables-save | grep -v KUBE- | iptables-restore && ! iptables-save -t nat | grep ^:KUBE-SVC-; do left=$((left - 1)); [ $left -gt 0 ] || break; done; [ $left -gt 0 ]',
    );
    expect(exitCode).toBe(0);
    await answered(flushed, a);
    await answered(beside, a);
  });

  check(
    'flushed-chain-stays-empty',
    'when the chain of one Service is flushed, only that Service stops to answer, for several periods',
    async () => {
      const { exitCode } = await run(
        `chain=$(iptables -w -t nat -S KUBE-SERVICES | sed -n 's|.* -d ${flushed.address}/32 -p tcp .* -j \\(KUBE-SVC-[A-Z0-9]*\\)$|\\1|p') && iptables -w -t nat -F "$chain"`,
      );
      expect(exitCode).toBe(0);
      await idle(3_000, 'kube-proxy looks after its rules every second');
      await expectEnding(clientOn(a.node), flushed.url(8080), ending('flushed-chain-stays-empty'));
      await answered(beside, a);
    },
  );

  check('returns-with-a-change', 'a Service whose chain was flushed answers again once its slice has changed', async () => {
    await sliceOf(ns, flushed, [b]);
    await answered(flushed, b);
  });
});

claim('across-nodes', ({ ns, setup, check }) => {
  let a: Backend;
  let web: CreatedService;
  let there: CreatedService;
  let empty: CreatedService;
  /** The name of a node where the shared server is not. */
  let other: string;
  const through = ({ address }: CreatedService) => ({ address, port: 8080 });
  /** Shows that a server behind a Service answers a client, and sees the address of the client's Pod. */
  const expectSeen = async (shell: Shell, service: CreatedService) => {
    const [own] = (await addressesOf(shell)).filter((address) => address.includes(':') === service.address.includes(':'));
    expect(await seenBy(through(service), shell)).toEqual({ tcp: own, udp: own });
  };

  setup(async () => {
    [a] = await backends();
    other = cluster.nodes.find(({ name, ready, takesPods }) => name !== a.node && ready && takesPods)?.name ?? '';
    const ports = tcpAndUdp.map((it) => ({ ...it, port: 8080, targetPort: 80 }));
    [web, there, empty] = await Promise.all([
      serviceOver(ns, 'web', [a]),
      ns.service(webService({ ports }, { name: 'there' })),
      serviceOver(ns, 'empty', []),
      ns.pods(
        server('on-that-node', { labels: { app: 'web' }, node: other }),
        clientPod('on-the-other-node', { hostNetwork: true, ...onNode(other) }),
      ),
    ]);
  });

  check('pod-of-another-node', 'a Pod is answered by a server on another node, which sees the address of the Pod', async () => {
    await expectSeen(await client({ node: other }), web);
  });

  check('the-other-way', 'a server on that node answers a Pod on the first one, and sees its address too', async () => {
    await expectSeen(await client({ node: a.node }), there);
  });

  check('the-other-node-itself', "a client in that node's network is answered too, and seen by an address of its node", async () => {
    const shell = await ns.shell('on-the-other-node');
    const ofNode = await addressesOf(shell);
    const seen = await seenBy(through(web), shell);
    recordObservation('the addresses of the node, and what the server saw', { ofNode, seen });
    expect(Object.values(seen).filter((address) => !ofNode.includes(address))).toEqual([]);
  });

  check('refused-there-too', 'a Service without endpoints refuses both', async () => {
    for (const shell of [client({ node: other }), ns.shell('on-the-other-node')])
      await expectEnding(shell, empty.url(8080), 'refused', { inARow: 2 });
  });
});
