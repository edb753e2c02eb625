import { expect, test } from '@jest/globals';
import type { Shell } from '../kube/shell.ts';
import { answersIn, dig } from './dig.ts';

// As dig 9.18 prints them.
const sending = (name: string, type: string) => `;; Sending:
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 39546
;; flags: rd ad; QUERY: 1, ANSWER: 0, AUTHORITY: 0, ADDITIONAL: 0

;; QUESTION SECTION:
;${name}	IN	${type}

;; QUERY SIZE: 60

`;
const answer = (name: string, type: string, status: string, flags: string, sections: string) => `${sending(name, type)};; Got answer:
;; WARNING: .local is reserved for Multicast DNS
;; ->>HEADER<<- opcode: QUERY, status: ${status}, id: 39546
;; flags: ${flags}; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 1

;; QUESTION SECTION:
;${name}	IN	${type}

${sections}
;; Query time: 4 msec
;; SERVER: 10.43.0.10#53(10.43.0.10) (UDP)
;; WHEN: Thu Nov 26 16:34:50 UTC 2026
;; MSG SIZE  rcvd: 171

`;
const srv = '_http._tcp.web.default.svc.cluster.local.';
const web = 'web.default.svc.cluster.local.';
const printedSrv = answer(
  srv,
  'SRV',
  'NOERROR',
  'qr aa rd',
  `;; ANSWER SECTION:\n${srv} 5 IN\tSRV\t0 100 8080 ${web}\n\n;; ADDITIONAL SECTION:\n${web}\t5\tIN\tA\t10.43.1.7\n`,
);
const printedMissing = answer(
  'missing.cluster.local.',
  'A',
  'NXDOMAIN',
  'qr aa rd',
  ';; AUTHORITY SECTION:\ncluster.local.\t\t5\tIN\tSOA\tns.dns.cluster.local. hostmaster.cluster.local. 1764191234 7200 1800 86400 5\n',
);

/** Returns a Pod that prints this, and notes what is typed. */
function printing(output: string, typed: string[] = []): Shell {
  const run = (command: string) => {
    typed.push(command);
    return Promise.resolve({ exitCode: 0, output });
  };
  return { name: 'clients/dns', run, lost: () => false, close: () => undefined };
}

test('an answer is read with its records, each in its section', () => {
  expect(answersIn(printedSrv)).toEqual([
    {
      name: srv,
      server: '10.43.0.10',
      status: 'NOERROR',
      flags: ['qr', 'aa', 'rd'],
      answer: [{ name: srv, ttl: 5, type: 'SRV', data: `0 100 8080 ${web}` }],
      authority: [],
      additional: [{ name: web, ttl: 5, type: 'A', data: '10.43.1.7' }],
    },
  ]);
});

test('of several queries each answer is read, and a name that does not exist has the record of its zone', () => {
  const [first, second] = answersIn(printedSrv + printedMissing);
  expect(first?.name).toBe(srv);
  expect(second).toMatchObject({ name: 'missing.cluster.local.', status: 'NXDOMAIN', answer: [], additional: [] });
  expect(second?.authority[0]).toMatchObject({ type: 'SOA', ttl: 5, data: expect.stringMatching(/ 86400 5$/) as unknown });
});

test('an answer that was cut says so', () => {
  const [cut] = answersIn(answer(web, 'A', 'NOERROR', 'qr aa tc rd', `;; ANSWER SECTION:\n${web}\t5\tIN\tA\t192.0.2.1\n`));
  expect(cut?.flags).toContain('tc');
});

test.each([
  ['timed out', ';; communications error to 10.43.0.10#53: timed out\n;; no servers could be reached\n'],
  ['connection refused', ';; communications error to 10.43.0.10#53: connection refused\n'],
  ['no answer', ';; no servers could be reached\n'],
])('where there was no answer, the status says why: %s', (status, printed) => {
  expect(answersIn(sending(web, 'A') + printed)).toMatchObject([{ name: web, status, flags: [], answer: [] }]);
});

test('over TCP a query is not printed where there was no connection, and its status says why', () => {
  const failed = `;; Connection to 10.43.0.10#53(10.43.0.10) for ${web} failed: timed out.\n;; no servers could be reached\n`;
  const answers = answersIn(printedSrv + failed);
  expect(answers).toHaveLength(2);
  expect(answers[1]).toMatchObject({ name: web, status: 'timed out', flags: [], answer: [] });
});

test('the query says its type, its server and its transport, and is sent as often as is asked for', async () => {
  const typed: string[] = [];
  const answers = await dig(printing(printedSrv + printedSrv, typed), srv, { type: 'SRV', server: '10.42.0.2', tcp: true, times: 2 });
  expect(answers).toHaveLength(2);
  expect(typed[0]).toMatch(/^dig \+nocmd '?@10\.42\.0\.2'? .*\+tcp .*\+tcp /);
  expect(typed[0]).not.toContain('+ignore');
});

test('the reverse name of an address is asked for by the address; a name is not taken for one', async () => {
  const typed: string[] = [];
  const pod = printing(printedMissing, typed);
  await dig(pod, 'fd00:10:43::7', { type: 'PTR' });
  await dig(pod, '7.1.43.10.in-addr.arpa.', { type: 'PTR' });
  expect(typed[0]).toMatch(/ -x '?fd00:10:43::7'? /);
  expect(typed[1]).not.toContain(' -x ');
});

test('a Pod without dig is an error', async () => {
  await expect(dig(printing('sh: 1: dig: not found'), web)).rejects.toThrow('dig sent 0 of 1 queries in clients/dns');
});
