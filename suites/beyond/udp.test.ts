import { expect } from '@jest/globals';
import type { EndpointPort } from 'kubernetes-types/discovery/v1.js';
import type { Backend } from '../../helpers/testbed/run-context.ts';
import type { CreatedService } from '../../helpers/testbed/namespace.ts';
import type { Flow } from '../../helpers/probe/flow.ts';
import type { OpenConnection } from '../../helpers/probe/connection.ts';
import {
  backends,
  claim,
  client,
  expectEnding,
  inUrl,
  node,
  openConnection,
  openFlow,
  recordObservation,
  settle,
  udp,
  udpSeries,
  webService,
} from '../../helpers/testbed/testbed.ts';

// Every Service here has no selector, and its slices are written by hand. TCP and UDP have the same port and the same server.
const port = 8080;
const withoutSelector = webService({
  selector: {},
  ports: [
    { name: 'udp', port, targetPort: 80, protocol: 'UDP' },
    { name: 'tcp', port, targetPort: 80, protocol: 'TCP' },
  ],
});
const slicePorts: EndpointPort[] = [
  { name: 'udp', port: 80, protocol: 'UDP' },
  { name: 'tcp', port: 80, protocol: 'TCP' },
];
const named = (name: string) => ({ ...withoutSelector, metadata: { name } });

/** Sends datagrams of a flow until several in a row are answered by a server. */
const expectAnswers = (flow: Flow, { name }: Backend, forMs = 0) =>
  settle(() => flow.send(), {
    waitingFor: `answers by ${name} to datagrams from the same source port`,
    accept: ({ response }) => response === name,
    forMs,
  });

claim('udp-follows-endpoints', ({ ns, setup, check }) => {
  let a: Backend;
  let b: Backend;
  let replaced: CreatedService;
  let leaving: CreatedService;
  let connection: OpenConnection;
  const endpoint = ({ address }: Backend, conditions = {}) => ({ addresses: [address], conditions });

  setup(async () => {
    [a, b] = await backends();
    [replaced, leaving] = await Promise.all([ns.service(named('replaced')), ns.service(named('leaving'))]);
    for (const service of ['replaced', 'leaving']) await ns.slice({ service, endpoints: [endpoint(a)], ports: slicePorts });
  });

  check('replaced-endpoint', 'when its endpoint is replaced, the datagrams of the same source port reach the new one', async () => {
    await expectEnding(client(), replaced.url(port), 'answered', { by: a.name });
    connection = await openConnection(await client(), replaced.address, port);
    expect((await connection.request()).response).toBe(a.name);
    const flow = openFlow(await client(), replaced.address, port);
    await expectAnswers(flow, a);
    await ns.slice({ service: 'replaced', endpoints: [endpoint(b)], ports: slicePorts });
    await expectAnswers(flow, b);
  });

  // Control: only the protocol differs.
  check('tcp-stays', 'an earlier TCP connection stays with the old endpoint, and a new one reaches the new one', async () => {
    await expectEnding(client(), replaced.url(port), 'answered', { by: b.name });
    const reply = await connection.request();
    recordObservation('the request on the old connection', reply);
    expect(reply).toMatchObject({ ending: 'answered', response: a.name });
    await connection.close();
  });

  check(
    'terminating-endpoint',
    'while its endpoint terminates and still serves, a flow stays there, and new ones reach the other',
    async () => {
      const flow = openFlow(await client(), leaving.address, port);
      await expectAnswers(flow, a);
      await ns.slice({
        service: 'leaving',
        endpoints: [endpoint(a, { ready: false, serving: true, terminating: true }), endpoint(b)],
        ports: slicePorts,
      });
      // Beside a ready endpoint, 24 new flows would all reach b once in 10^7 times.
      await settle(async () => [...new Set(await udpSeries(await client(), leaving.address, port, 24))], {
        waitingFor: `all new flows to reach ${b.name}`,
        accept: (names) => names.join() === b.name,
        inARow: 1,
      });
      await expectAnswers(flow, a, 2_000);
    },
  );
});

claim('udp-blackholed-at-zero', ({ ns, setup, check }) => {
  let a: Backend;
  let b: Backend;
  let web: CreatedService;
  let flow: Flow;
  const endpoints = (...servers: Backend[]) =>
    ns.slice({ service: 'web', endpoints: servers.map(({ address }) => ({ addresses: [address] })), ports: slicePorts });

  setup(async () => {
    [a, b] = await backends();
    web = await ns.service(withoutSelector);
    await endpoints(a);
    flow = openFlow(await client(), web.address, port);
  });

  check(
    'old-flow-goes-on',
    'once the Service has no endpoint, datagrams from a source port that it knew still reach the previous Pod',
    async () => {
      await expectAnswers(flow, a);
      await ns.deleteSlice('web');
      // A refusal shows that kube-proxy has removed the endpoint.
      await expectEnding(client(), web.url(port), 'refused', { inARow: 1 });
      await expectAnswers(flow, a, 3_000);
    },
  );

  // Control: only the source port differs.
  check('new-flow-refused', 'datagrams from a new source port are refused at the same time', async () => {
    const to = `${inUrl(web.address)}:${port}`;
    await settle(async () => udp(await client(), to), {
      waitingFor: 'datagrams from new source ports to be refused',
      accept: ({ ending }) => ending === 'refused',
      inARow: 2,
    });
    await expectAnswers(flow, a);
  });

  check('moves-to-the-next-endpoint', 'the old flow moves as soon as there is another endpoint', async () => {
    await endpoints(b);
    await expectAnswers(flow, b);
  });
});

claim('udp-refusal-must-be-read', ({ ns, setup, check }) => {
  let a: Backend;
  let served: CreatedService;
  let empty: CreatedService;
  const to = ({ address }: CreatedService) => `${inUrl(address)}:${port}`;
  /** Sends a datagram as a person does who types it. */
  const typed = async ({ address }: CreatedService) => (await client()).run(`printf hostname | nc -u -w 2 ${address} ${port} 2>&1`);

  setup(async () => {
    [a] = await backends();
    [served, empty] = await Promise.all([ns.service(named('served')), ns.service(named('empty'))]);
    await ns.slice({ service: 'served', endpoints: [{ addresses: [a.address] }], ports: slicePorts });
  });

  // Control of all three.
  check('answered-with-an-endpoint', 'with an endpoint, a socket that reads, nc -u and the node are all answered', async () => {
    const accept = ({ ending }: { ending: string }) => ending === 'answered';
    await Promise.all([
      settle(async () => udp(await client(), to(served)), { waitingFor: 'an answer to a socket that reads', accept, inARow: 1 }),
      settle(async () => typed(served), { waitingFor: 'an answer to nc', accept: ({ output }) => output === a.name, inARow: 1 }),
      settle(async () => udp(await node(), to(served)), { waitingFor: 'an answer to the node', accept, inARow: 1 }),
    ]);
  });

  check(
    'socket-that-reads',
    'where a Service has no endpoint, a UDP socket that is connected and reads gets "connection refused"',
    async () => {
      const { response } = await settle(async () => udp(await client(), to(empty)), {
        waitingFor: 'a refusal',
        accept: ({ ending }) => ending === 'refused',
        inARow: 2,
      });
      expect(response).toMatch(/connection refused/);
    },
  );

  check(
    'nc-says-nothing',
    'nc -u prints neither an answer nor an error of such a refusal, and its exit status is that of success',
    async () => {
      const result = await typed(empty);
      recordObservation('nc without an endpoint', result);
      expect(result).toEqual({ exitCode: 0, output: '' });
    },
  );

  check('send-fails-on-the-node', 'on the node the send itself fails, with "operation not permitted"', async () => {
    await settle(async () => udp(await node(), to(empty)), {
      waitingFor: 'the send to fail',
      accept: ({ ending, response }) => ending === 'refused' && response.includes('operation not permitted'),
      inARow: 2,
    });
  });
});
