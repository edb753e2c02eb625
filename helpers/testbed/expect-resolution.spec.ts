import { expect, test } from '@jest/globals';
import type { Shell } from '../kube/shell.ts';
import { NotSettled } from '../probe/settle.ts';
import { expectAddress, expectNoAddressIn } from './expect-resolution.ts';
import { atOnce } from './fakes.ts';

type Answer = readonly [name: string, status: string, address?: string];

/** Returns a client whose dig prints these answers. */
function client(...answers: readonly Answer[]): Shell {
  const output = answers
    .map(([name, status, address]) =>
      [
        ';; Sending:',
        `;${name}\tIN\tA`,
        ...(status === 'timed out'
          ? [';; communications error to 10.43.0.10#53: timed out']
          : [';; Got answer:', `;; ->>HEADER<<- opcode: QUERY, status: ${status}, id: 1`, `;${name}\tIN\tA`]),
        ...(address === undefined ? [] : [';; ANSWER SECTION:', `${name}\t5\tIN\tA\t${address}`, '']),
        ';; SERVER: 10.43.0.10#53(10.43.0.10) (UDP)',
      ].join('\n'),
    )
    .join('\n');
  return { name: 'clients/client', run: () => Promise.resolve({ exitCode: 0, output }), lost: () => false, close: () => undefined };
}

const expectNoAddress = expectNoAddressIn('cluster.local', 'A');
const inCluster: Answer = ['web.x.svc.cluster.local.', 'NXDOMAIN'];

test.each(['NXDOMAIN', 'SERVFAIL', 'REFUSED', 'timed out'])(
  'a name has no address when the cluster denies it, whatever lies outside: %s',
  async (status) => {
    expect(await atOnce(() => expectNoAddress(client(inCluster, ['web.', status]), 'web'))).toMatchObject({ addresses: [] });
  },
);

test.each<[string, Answer[]]>([
  ['the name server of the cluster is silent', [['web.x.svc.cluster.local.', 'timed out']]],
  [
    'it fails',
    [
      ['web.x.svc.cluster.local.', 'SERVFAIL'],
      ['web.', 'NXDOMAIN'],
    ],
  ],
  ['it was never asked', [['web.', 'NXDOMAIN']]],
  ['a domain in the search list has a wildcard', [inCluster, ['web.corp.example.', 'NOERROR', '192.0.2.1']]],
  ['the name has an address in the cluster', [['web.x.svc.cluster.local.', 'NOERROR', '10.43.0.7']]],
])('it is not settled that a name has no address while %s', async (_, answers) => {
  await expect(atOnce(() => expectNoAddress(client(...answers), 'web'))).rejects.toThrow(NotSettled);
});

test('the red message names the search list where it made the name that has an address', async () => {
  const red = atOnce(() => expectNoAddress(client(inCluster, ['web.corp.example.', 'NOERROR', '192.0.2.1']), 'web'));
  await expect(red).rejects.toThrow('web.corp.example. is 192.0.2.1 (by 10.43.0.10, a name that the search list makes)');
});

test('an address is awaited alone', async () => {
  const found: Answer = ['web.x.svc.cluster.local.', 'NOERROR', '10.43.0.7'];
  expect(await atOnce(() => expectAddress(client(found), 'web', '10.43.0.7'))).toMatchObject({ ending: 'answered' });
  await expect(atOnce(() => expectAddress(client(found), 'web', '10.43.0.8'))).rejects.toThrow('web from client to be 10.43.0.8');
});
