import { expect, test } from '@jest/globals';
import type { Ending } from '../base/endings.ts';
import { quote } from '../base/quote.ts';
import type { Shell } from '../kube/shell.ts';
import { agnhostEnding, curlEnding, http, series, udp } from './attempt.ts';
import { NotSettled } from './settle.ts';

/** Returns a shell that gives the same answer to every command, and keeps the commands. */
function answering(exitCode: number, output: string): Shell & { commands: string[] } {
  const commands: string[] = [];
  const run = (command: string) => Promise.resolve({ exitCode, output: (commands.push(command), output) });
  return { name: 'clients/dns', commands, run, lost: () => false, close: () => undefined };
}

/** Returns the output of the command of http(): the body, curl's report, and what curl printed with --verbose. */
function curled(
  body: string,
  report: { errormsg: string | null; time_total: number; remote_ip: string; http_code?: number },
  printed: string,
): string {
  return [body, JSON.stringify({ exitcode: 0, http_code: 200, ...report }), printed].join('\x1e');
}

const url = 'http://10.43.1.2:8080/hostname';

test.each<[string, number, number, string, Ending]>([
  ['an answer', 0, 200, '* Connected to 10.43.1.2 (10.43.1.2) port 8080\n< HTTP/1.1 200 OK', 'answered'],
  ['an answer without a body', 0, 204, '< HTTP/1.1 204 No Content', 'answered'],
  ['the error of a mesh', 0, 503, '< HTTP/1.1 503 Service Unavailable', 'other answer'],
  ['a redirection', 0, 301, '< HTTP/1.1 301 Moved Permanently', 'other answer'],
  ['a page that is not there', 0, 404, '< HTTP/1.1 404 Not Found', 'other answer'],
  ['an empty reply', 52, 0, '* Empty reply from server', 'other answer'],
  ['a connection that was accepted and then reset', 56, 0, '* Recv failure: Connection reset by peer', 'other answer'],
  ['a server that does not speak HTTP', 1, 0, '* Received HTTP/0.9 when not allowed', 'other answer'],
  ['a name that does not exist', 6, 0, '* Could not resolve host: nnappone-service', 'unresolved'],
  ['a name server that does not answer', 28, 0, '* Resolving timed out after 1500 milliseconds', 'no DNS answer'],
  ['a connection that is not accepted', 28, 0, '* Connection timed out after 1500 milliseconds', 'timed out'],
  ['a server that never answers', 28, 0, '* Operation timed out after 1500 milliseconds with 0 bytes received', 'timed out'],
  ['a refusal', 7, 0, '* connect to 10.43.1.2 port 8080 from 10.42.0.9 port 40112 failed: Connection refused', 'refused'],
  ['a refusal by the own kernel', 7, 0, '* Immediate connect fail for 10.43.1.2: Operation not permitted', 'refused'],
  ['another one', 7, 0, '* connect to 10.43.1.2 port 8080 failed: Permission denied', 'refused'],
  ['a rejected protocol', 7, 0, '* connect to 10.43.1.2 port 8080 failed: Protocol not available', 'refused'],
  ['no route to a host, by glibc', 7, 0, '* connect to 10.42.0.99 port 80 failed: No route to host', 'unreachable'],
  ['no route to a host, by musl', 7, 0, '* connect to 10.42.0.99 port 80 failed: Host is unreachable', 'unreachable'],
  ['no route to a network, by glibc', 7, 0, '* connect to 10.99.0.1 port 80 failed: Network is unreachable', 'unreachable'],
  ['no route to a network, by musl', 7, 0, '* connect to 10.99.0.1 port 80 failed: Network unreachable', 'unreachable'],
  ['a kernel that gave up, by glibc', 7, 0, '* connect to 10.99.0.1 port 80 failed: Connection timed out', 'timed out'],
  ['a kernel that gave up, by musl', 7, 0, '* connect to 10.99.0.1 port 80 failed: Operation timed out', 'timed out'],
  ['a blackhole route', 7, 0, '* connect to 10.42.0.99 port 80 failed: Invalid argument', 'unreachable'],
  ['no IPv6 address, by glibc', 7, 0, '* Immediate connect fail for fd00:43::2: Cannot assign requested address', 'unreachable'],
  ['no IPv6 address, by musl', 7, 0, '* Immediate connect fail for fd00:43::2: Address not available', 'unreachable'],
  ['no IPv6 at all', 7, 0, '* Immediate connect fail for fd00:43::2: Address family not supported by protocol', 'unreachable'],
  ['a parameter problem', 7, 0, '* connect to 10.43.1.2 port 8080 failed: Protocol error', 'unreachable'],
  ['a packet that is too big, by glibc', 7, 0, '* connect to 10.43.1.2 port 8080 failed: Message too long', 'unreachable'],
  ['a packet that is too big, by musl', 7, 0, '* connect to 10.43.1.2 port 8080 failed: Message too large', 'unreachable'],
  ['a failed source route, by glibc', 7, 0, '* connect to 10.43.1.2 port 8080 failed: Operation not supported', 'unreachable'],
  ['a failed source route, by musl', 7, 0, '* connect to 10.43.1.2 port 8080 failed: Not supported', 'unreachable'],
  ['an isolated host, by glibc', 7, 0, '* connect to 10.43.1.2 port 8080 failed: Machine is not on the network', 'unreachable'],
  ['an isolated host, by musl', 7, 0, '* connect to 10.43.1.2 port 8080 failed: No error information', 'unreachable'],
  [
    'no IPv6 address, and a refusal at the IPv4 address',
    7,
    0,
    '* Immediate connect fail for fd00:43::2: Address not available\n* connect to 10.43.1.2 port 8080 failed: Connection refused',
    'refused',
  ],
  ['a failure in other words', 7, 0, '* connect to 10.43.1.2 port 8080 failed: Address in use', 'broken'],
  ['a curl that is not there', 127, 0, 'sh: curl: not found', 'broken'],
])('curl: %s', (_, exitCode, status, printed, ending) => {
  expect(curlEnding(exitCode, status, printed)).toBe(ending);
});

test.each<[string, number, string, Ending]>([
  ['an answer', 0, '', 'answered'],
  ['a refusal over TCP', 1, 'REFUSED\n', 'refused'],
  ['a refusal over UDP', 1, 'REFUSED: read udp 10.42.0.9:41000->10.43.1.2:8080: read: connection refused\n', 'refused'],
  ['no answer over TCP', 1, 'TIMEOUT\n', 'timed out'],
  ['no answer over UDP', 1, 'TIMEOUT: read udp 10.42.0.9:41000->10.43.1.2:8080: i/o timeout\n', 'timed out'],
  ['a name that does not exist', 1, 'DNS: lookup nowhere on 10.43.0.10:53: no such host\n', 'unresolved'],
  ['a name server that refuses', 1, 'DNS: lookup web on 10.43.0.10:53: read udp: connection refused\n', 'no DNS answer'],
  [
    'a name server that is silent',
    1,
    'DNS: lookup web on 10.43.0.10:53: read udp 10.42.0.9:41000->10.43.0.10:53: i/o timeout\n',
    'no DNS answer',
  ],
  ['no route to a host', 1, 'OTHER: dial tcp 10.42.0.99:80: connect: no route to host\n', 'unreachable'],
  ['no route to a network', 1, 'OTHER: dial udp 10.99.0.1:80: connect: network is unreachable\n', 'unreachable'],
  ['a refusal by the own kernel', 1, 'OTHER: dial tcp 10.43.1.2:80: connect: operation not permitted\n', 'refused'],
  [
    'a datagram that the own kernel refuses',
    1,
    'UNKNOWN: write udp 10.42.0.9:41000->10.43.1.2:80: write: operation not permitted\n',
    'refused',
  ],
  ['a blackhole route', 1, 'OTHER: dial tcp 10.42.0.99:80: connect: invalid argument\n', 'unreachable'],
  ['no IPv6 address', 1, 'OTHER: dial tcp [fd00:43::2]:80: connect: cannot assign requested address\n', 'unreachable'],
  ['no IPv6 at all', 1, 'OTHER: dial tcp [fd00:43::2]:80: socket: address family not supported by protocol\n', 'unreachable'],
  ['a failed source route', 1, 'OTHER: dial tcp 10.43.1.2:80: connect: operation not supported\n', 'unreachable'],
  ['another failure', 1, 'OTHER: dial tcp 10.43.1.2:80: connect: address already in use\n', 'broken'],
  ['an agnhost that is not there', 127, 'sh: /agnhost: not found\n', 'broken'],
])('agnhost: %s', (_, exitCode, output, ending) => {
  expect(agnhostEnding(exitCode, output)).toBe(ending);
});

test.each([
  ['http://web:8080/?a=1&b=2', `'http://web:8080/?a=1&b=2'`],
  ["it's", `'it'\\''s'`],
  ['$(reboot)', `'$(reboot)'`],
  ['', `''`],
])('a shell takes %j as one word when it reads %s', (word, quoted) => {
  expect(quote(word)).toBe(quoted);
});

test('an answer over HTTP has its body, duration and address', async () => {
  const shell = answering(
    0,
    curled('web-1\n', { errormsg: null, time_total: 0.0123, remote_ip: '10.43.1.2' }, '* Connected to 10.43.1.2\n'),
  );
  expect(await http(shell, url)).toEqual({
    from: 'clients/dns',
    to: url,
    ending: 'answered',
    ms: 12,
    response: 'web-1',
    address: '10.43.1.2',
  });
  expect(shell.commands).toHaveLength(1);
  expect(shell.commands[0]).toContain(`'${url}'`);
});

test('a body may contain the separator', async () => {
  const shell = answering(0, curled('web\x1e{}\x1e1\n', { errormsg: null, time_total: 0.0123, remote_ip: '10.43.1.2' }, ''));
  expect(await http(shell, url)).toMatchObject({ ms: 12, response: 'web\x1e{}\x1e1' });
});

test('a refusal over HTTP has the words of curl, and no address', async () => {
  const printed = [
    '*   Trying 10.43.1.2:8080...',
    '* connect to 10.43.1.2 port 8080 from 10.42.0.9 port 40112 failed: Connection refused',
    '* Failed to connect to 10.43.1.2 port 8080 after 0 ms: Could not connect to server',
    '* closing connection #0\n',
  ].join('\n');
  const report = {
    errormsg: 'Failed to connect to 10.43.1.2 port 8080 after 0 ms: Could not connect to server',
    time_total: 0.0006,
    remote_ip: '',
  };
  expect(await http(answering(7, curled('', report, printed)), url)).toEqual({
    from: 'clients/dns',
    to: url,
    ending: 'refused',
    ms: 1,
    response: 'connect to 10.43.1.2 port 8080 from 10.42.0.9 port 40112 failed: Connection refused',
  });
});

test('an ending without such words has the error message of curl, or at least its exit code', async () => {
  const empty = { errormsg: 'Empty reply from server', time_total: 0.002, remote_ip: '10.43.1.2' };
  expect(await http(answering(52, curled('', empty, '')), url)).toMatchObject({
    ending: 'other answer',
    response: 'Empty reply from server',
  });
  expect(await http(answering(2, curled('', { ...empty, errormsg: null }, '')), url)).toMatchObject({ response: 'curl exits 2' });
});

test('a curl that does not run is an error, and no ending', async () => {
  const failed = http(answering(127, '\x1esh: curl: not found\n'), url);
  await expect(failed).rejects.toThrow('curl did not run in clients/dns (exit code 127)');
});

test('the limit of an attempt is given to curl in seconds and to agnhost in ms', async () => {
  const curl = answering(
    28,
    curled('', { errormsg: null, time_total: 2.5, remote_ip: '' }, '* Connection timed out after 2500 milliseconds\n'),
  );
  await http(curl, url, 2500);
  expect(curl.commands[0]).toContain('--max-time 2.5 ');
  const agnhost = answering(1, 'TIMEOUT: i/o timeout\n');
  await udp(agnhost, '10.43.1.2:8080', 2500);
  expect(agnhost.commands[0]).toContain("--protocol=udp --timeout=2500ms '10.43.1.2:8080'");
});

test('a datagram has its ending and the words of agnhost', async () => {
  const attempt = await udp(answering(1, 'TIMEOUT: i/o timeout\n'), '10.43.1.2:8080');
  expect(attempt).toMatchObject({ from: 'clients/dns', to: 'udp 10.43.1.2:8080', ending: 'timed out', response: 'TIMEOUT: i/o timeout' });
});

test('an answer with another status has the status and its first line', async () => {
  const report = { errormsg: null, time_total: 0.001, remote_ip: '10.43.1.2', http_code: 503 };
  expect(await http(answering(0, curled('no healthy upstream\n(envoy)\n', report, '')), url)).toMatchObject({
    ending: 'other answer',
    response: 'HTTP status 503: no healthy upstream',
    address: '10.43.1.2',
  });
});

test.each([
  ['NXDOMAIN', 'unresolved'],
  ['SERVFAIL', 'no DNS answer'],
])('curl cannot resolve a name: the name server is asked why, and answers %s', async (status, ending) => {
  const curl = curled(
    '',
    { errormsg: 'Could not resolve host: web', time_total: 0.001, remote_ip: '', http_code: 0 },
    '* Could not resolve host: web',
  );
  const dig = [
    ';; Sending:',
    ';web.\t\tIN\tA',
    ';; Got answer:',
    `;; ->>HEADER<<- opcode: QUERY, status: ${status}, id: 1`,
    ';web.\tIN\tA',
    ';; SERVER: 10.43.0.10#53',
  ];
  const run = (command: string) =>
    Promise.resolve(command.startsWith('dig ') ? { exitCode: 0, output: dig.join('\n') } : { exitCode: 6, output: curl });
  const shell: Shell = { name: 'clients/dns', run, lost: () => false, close: () => undefined };
  expect(await http(shell, 'http://web:8080/')).toMatchObject({ ending, response: `web. ${status} (by 10.43.0.10)` });
});

test('a series returns the bodies in order, and runs curl once', async () => {
  const shell = answering(0, 'one\n\ntwo\n\none\n\n');
  expect(await series(shell, url, 3)).toEqual(['one', 'two', 'one']);
  expect(shell.commands).toHaveLength(1);
  expect(shell.commands[0]).toContain(`'${url}?[1-3]'`);
});

test('a series closes each connection, unless it is kept alive', async () => {
  const shell = answering(0, 'one\n');
  await series(shell, url, 1);
  await series(shell, url, 1, { keepAlive: true });
  expect(shell.commands.map((command) => command.includes('Connection: close'))).toEqual([true, false]);
});

test.each([
  ['an answer is missing', 0, 'one\n\ntwo\n'],
  ['the last one is refused', 7, 'one\n\ntwo\n\n'],
  ['curl fails after all answers', 28, 'one\n\ntwo\n\none\n\n'],
])('a series is not settled when %s', async (_, exitCode, output) => {
  const failed = series(answering(exitCode, output), url, 3);
  await expect(failed).rejects.toThrow(NotSettled);
  await expect(failed).rejects.toThrow(`of 3 answers from ${url} and exits ${exitCode}`);
});
