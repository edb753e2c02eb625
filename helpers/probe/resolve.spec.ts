import { expect, test } from '@jest/globals';
import type { Shell } from '../kube/shell.ts';
import { isDenied, queriesIn, recordType, resolve } from './resolve.ts';

function printing(output: string, exitCode = 0): Shell {
  return { name: 'clients/dns', run: () => Promise.resolve({ exitCode, output }), lost: () => false, close: () => undefined };
}

// As dig 9.18 prints them.
const sending = (name: string) => `;; Sending:
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 39546
;; flags: rd ad; QUERY: 1, ANSWER: 0, AUTHORITY: 0, ADDITIONAL: 1

;; OPT PSEUDOSECTION:
; EDNS: version: 0, flags:; udp: 1232
; COOKIE: 9a7edf53fe1bfd12
;; QUESTION SECTION:
;${name}	IN	A

;; QUERY SIZE: 60
`;
const answer = (name: string, status: string, lines: readonly string[] = []) => `${sending(name)}
;; Got answer:
;; WARNING: .local is reserved for Multicast DNS
;; You are currently testing what happens when an mDNS query is leaked to DNS
;; ->>HEADER<<- opcode: QUERY, status: ${status}, id: 39546
;; flags: qr aa rd; QUERY: 1, ANSWER: ${lines.length}, AUTHORITY: 0, ADDITIONAL: 1

;; QUESTION SECTION:
;${name} IN	A

${lines.length === 0 ? '' : `;; ANSWER SECTION:\n${lines.join('\n')}\n`}
;; Query time: 4 msec
;; SERVER: 10.43.0.10#53(10.43.0.10) (UDP)
;; WHEN: Thu Nov 26 16:34:50 UTC 2026
;; MSG SIZE  rcvd: 171
`;
const silence = (name: string, why: string) => `${sending(name)}
;; communications error to 10.43.0.10#53: ${why}
;; no servers could be reached
`;

test('each query of a search list is read, with its server, status and addresses', () => {
  const found = 'web.default.svc.cluster.local.';
  const printed = answer('web.default.x.svc.cluster.local.', 'NXDOMAIN') + answer(found, 'NOERROR', [`${found} 5 IN	A	10.43.54.161`]);
  expect(queriesIn(printed)).toEqual([
    { name: 'web.default.x.svc.cluster.local.', server: '10.43.0.10', status: 'NXDOMAIN', addresses: [] },
    { name: found, server: '10.43.0.10', status: 'NOERROR', addresses: ['10.43.54.161'] },
  ]);
});

test('a name with its final dot is asked for alone; aliases are followed to their addresses', async () => {
  const lines = [
    'alias.default.svc.cluster.local. 5 IN CNAME one.example.',
    'one.example.\t60\tIN\tA\t192.0.2.1',
    'one.example.\t60\tIN\tA\t192.0.2.2',
  ];
  const resolution = await resolve(
    printing(answer('alias.default.svc.cluster.local.', 'NOERROR', lines)),
    'alias.default.svc.cluster.local.',
  );
  expect(resolution).toMatchObject({
    from: 'clients/dns',
    ending: 'answered',
    addresses: ['192.0.2.1', '192.0.2.2'],
    response: 'alias.default.svc.cluster.local. is 192.0.2.1, 192.0.2.2 (by 10.43.0.10)',
  });
});

test('a name is unresolved when the name server itself has no address for every form of it', async () => {
  const printed = answer('web.x.svc.cluster.local.', 'NXDOMAIN') + answer('web.', 'NOERROR');
  expect(await resolve(printing(printed), 'web')).toMatchObject({
    ending: 'unresolved',
    addresses: [],
    response: 'web.x.svc.cluster.local. NXDOMAIN (by 10.43.0.10), web. NOERROR (by 10.43.0.10)',
  });
});

test.each([
  ['is silent', silence('web.', 'timed out'), 9, 'timed out'],
  ['is not there', silence('web.', 'connection refused'), 9, 'connection refused'],
  ['fails', answer('web.', 'SERVFAIL'), 0, 'SERVFAIL'],
  ['refuses', answer('web.', 'REFUSED'), 0, 'REFUSED'],
])('silence and failure are no answer: one name server %s', async (_, printed, exitCode, status) => {
  const resolution = await resolve(printing(answer('web.x.svc.cluster.local.', 'NXDOMAIN') + printed, exitCode), 'web');
  expect(resolution).toMatchObject({ ending: 'no DNS answer', addresses: [] });
  expect(resolution.queries.map(isDenied)).toEqual([true, false]);
  expect(resolution.queries[1]).toMatchObject({ name: 'web.', server: '10.43.0.10', status });
});

test('an address from a name that the search list makes is marked as one', async () => {
  const printed = answer('web.corp.example.', 'NOERROR', ['web.corp.example. 5 IN A 192.0.2.1']);
  expect((await resolve(printing(printed), 'web')).response).toBe(
    'web.corp.example. is 192.0.2.1 (by 10.43.0.10, a name that the search list makes)',
  );
});

test('a Pod without dig is an error, and no ending', async () => {
  await expect(resolve(printing('sh: 1: dig: not found', 127), 'web')).rejects.toThrow(
    'dig asked nothing in clients/dns (exit code 127): sh: 1: dig: not found',
  );
});

test('the type of the record is that of the family that is asked for', async () => {
  const typed: string[] = [];
  const shell: Shell = {
    ...printing(''),
    run: (command) => {
      typed.push(command);
      return Promise.resolve({ exitCode: 0, output: answer('web.', 'NOERROR', ['web. 5 IN AAAA fd00:10:43::7']) });
    },
  };
  expect((await resolve(shell, 'web', recordType('IPv6'))).addresses).toEqual(['fd00:10:43::7']);
  await resolve(shell, 'web');
  expect(typed.map((command) => / (A+) 2>&1$/.exec(command)?.[1])).toEqual(['AAAA', 'A']);
});
