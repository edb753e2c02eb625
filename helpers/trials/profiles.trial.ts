import { afterEach, expect, test } from '@jest/globals';
import ipaddr from 'ipaddr.js';
import { inUrl } from '../base/in-url.ts';
import { prelude } from '../../mutants/mutant.ts';
import { removeKept } from '../cluster/cluster.ts';
import { everyRangeOf } from '../cluster/k3s-arguments.ts';
import { profiles } from '../cluster/profiles.ts';
import { connect, execInContainer, findEngine, labels } from '../engine/engine.ts';
import { isRed } from '../report/words.ts';
import { startAdopted } from './adopted-cluster.ts';
import { type Ended, reportOf, start } from './suite.ts';

// Each profile starts what it says, keeps the packets for its ranges in its nodes, and leaves nothing.

const { address } = await findEngine();
const docker = connect(address);

afterEach(async () => {
  await removeKept();
});

/** Returns the last but one address of a range, which a new cluster does not use. */
function unusedIn(range: string): string {
  const [network, prefix] = ipaddr.parseCIDR(range);
  const bytes = network.toByteArray().map((byte, index) => byte | (0xff >> Math.min(Math.max(prefix - 8 * index, 0), 8)));
  return ipaddr.fromByteArray(bytes.with(-1, (bytes.at(-1) ?? 0) - 1)).toString();
}

/** Returns the ids of the containers with a role. */
async function withRole(role: string): Promise<string[]> {
  return (await docker.listContainers({ all: true, filters: { label: [`${labels.role}=${role}`] } })).map(({ Id }) => Id);
}

/** Returns the ids of all networks, sorted, because the engine lists them in no order. */
async function networks(): Promise<string[]> {
  return (await docker.listNetworks()).map(({ Id }) => Id).sort();
}

async function onNode(container: string, command: string): Promise<string> {
  return (await execInContainer(docker, container, ['sh', '-c', command], { limit: 30_000 })).output;
}

test.each(profiles.map(({ name, nodes, k3sArgs }) => ({ name, nodes, ranges: everyRangeOf(k3sArgs) })))(
  '$name starts its nodes, keeps packets for $ranges in them, and leaves nothing',
  async ({ name, nodes, ranges }) => {
    const before = await networks();
    const { status, output } = await start('cluster', ['start'], { CONFORMANCE_PROFILE: name }).ended;
    expect([status, output]).toEqual([0, expect.stringMatching(/\S/)]);
    const [servers, agents] = [await withRole('node'), await withRole('agent')];
    expect([servers.length, agents.length]).toEqual([1, nodes - 1]);
    for (const node of [...servers, ...agents]) {
      // In nftables mode kube-proxy itself rejects packets to unused Service addresses. Without it, only the suite's own rules are left.
      await onNode(node, `${prelude}stop kube-proxy; forgetrules`);
      for (const range of ranges) {
        const dropped = async () => {
          const saved = await onNode(node, `ip${range.includes(':') ? '6' : ''}tables-save -c -t mangle`);
          const rule = saved.split('\n').find((line) => line.includes(` -d ${range} `) && line.endsWith('-j DROP'));
          return Number(/^\[(\d+):/.exec(rule ?? '')?.[1] ?? NaN);
        };
        const first = await dropped();
        await onNode(node, `curl -s --globoff --max-time 1 http://${inUrl(unusedIn(range))}:9/ 2>&1`);
        expect(`${range}: ${(await dropped()) > first}`).toBe(`${range}: true`);
      }
    }
    await removeKept();
    expect([...(await withRole('node')), ...(await withRole('agent'))]).toEqual([]);
    expect(await networks()).toEqual(before);
  },
);

test('on two nodes, Pods of the second one that do not reach Services are noticed: their own kube-proxy counts', async () => {
  const environment = { CONFORMANCE_PROFILE: 'two-nodes' };
  expect((await start('cluster', ['start'], environment).ended).status).toBe(0);
  const [[server = ''], [agent = '']] = [await withRole('node'), await withRole('agent')];
  // From now on, all Pods are on the second node.
  await onNode(server, `kubectl cordon ${server.slice(0, 12)}`);
  const run = () => start('test', ['-t', '^stable-virtual-ip:'], environment).ended;
  const before = await run();
  expect(before.status).toBe(0);
  expect(reportOf(before).cluster.nodes).toHaveLength(2);
  await onNode(agent, 'pkill -f "^kube-proxy "');
  const after = await run();
  expect(after.status).not.toBe(0);
  expect(reportOf(after).fault?.layer).toBe('Pod to Service');
});

/** Returns the red claims of a run, and how many were confirmed. */
function resultOf(ended: Ended): { red: string[]; confirmed: number } {
  const { claims } = reportOf(ended);
  return {
    red: claims.filter(isRed).map(({ id }) => id),
    confirmed: claims.filter(({ outcome }) => outcome === 'confirmed').length,
  };
}

test('claims about addresses, nodes and both families are right where IPv6 comes first', async () => {
  const ranges = '--cluster-cidr=fd00:10:42::/56,10.42.0.0/16 --service-cidr=fd00:10:43::/112,10.43.0.0/16';
  const topics = ['address', 'types', 'reach', 'dual-stack', 'beyond/path', 'beyond/affinity'];
  const ended = await start('test', topics, { CONFORMANCE_K3S_ARGS: ranges }).ended;
  expect(ended.status).toBe(0);
  expect(reportOf(ended).cluster.serviceRanges[0]).toContain(':');
  expect(resultOf(ended)).toEqual({ red: [], confirmed: expect.any(Number) });
  expect(resultOf(ended).confirmed).toBeGreaterThan(20);
});

test('on an existing cluster of two nodes, the claims are right too', async () => {
  const { settings, remove } = await startAdopted('two-nodes');
  try {
    const ended = await start('test', [], settings).ended;
    expect(ended.status).toBe(0);
    expect(reportOf(ended).cluster).toMatchObject({ adopted: true, nodes: [{}, {}] });
    expect(resultOf(ended)).toEqual({ red: [], confirmed: expect.any(Number) });
    expect(resultOf(ended).confirmed).toBeGreaterThan(80);
  } finally {
    await remove();
  }
});
