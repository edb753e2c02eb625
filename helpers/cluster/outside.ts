import { afterAll } from '@jest/globals';
import { cluster } from '../claims/claim.ts';
import type { Shell } from '../kube/shell.ts';
import { timeouts } from '../timeouts.ts';
import { connect, execInContainer, labels, removeContainer } from './engine.ts';

/** A machine beside the node, on the node's own network, that is no part of the cluster. It goes with the suite file that started it. */
export interface Outside extends Shell {
  /** Sends what is for `range` to `via` from now on, as a router outside would. */
  addRoute(range: string, via: string): Promise<void>;
  deleteRoute(range: string): Promise<void>;
}

// Also those that did not come up.
const started: (() => Promise<void>)[] = [];
afterAll(async () => {
  await Promise.all(started.map((remove) => remove()));
});

/**
 * Starts a container beside the node. It has no gateway: it looks up every address on the network it shares with the node,
 * so that no packet for the cluster's ranges can go further than that, while whoever claims such an address there is found.
 */
export async function startOutside(image: string): Promise<Outside> {
  if (cluster.node === undefined) throw new Error('there is an outside only beside a node of our own');
  const docker = connect(cluster.node.engine);
  const container = await docker.createContainer({
    Image: image,
    Cmd: ['pause'],
    Labels: { [labels.role]: 'outside', [labels.owner]: process.env.CONFORMANCE_RUN ?? '' },
    HostConfig: { CapAdd: ['NET_ADMIN'], NetworkMode: 'bridge' },
  });
  started.push(() => removeContainer(docker, container.id));
  await container.start();
  const run = (command: string) => execInContainer(docker, container.id, ['sh', '-c', command], { limit: timeouts.command });
  const must = async (command: string) => {
    const { exitCode, output } = await run(command);
    if (exitCode !== 0) throw new Error(`\`${command}\` outside the cluster: ${output}`);
  };
  // A neighbour on a bridge answers a look-up in well under a ms; asking once instead of three times gives up after 1 s.
  // By its path, since the ip that some shells have built in knows no ntable.
  await must('ip route del default && ip route add default dev eth0 && /sbin/ip ntable change name arp_cache dev eth0 mcast_probes 1');
  return {
    name: 'a machine outside',
    run,
    lost: () => false,
    close: () => undefined,
    addRoute: (range, via) => must(`ip route add ${range} via ${via}`),
    deleteRoute: (range) => must(`ip route del ${range}`),
  };
}
