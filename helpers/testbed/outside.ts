import { timeouts } from '../base/timeouts.ts';
import { connect, execInContainer, labels, removeContainer } from '../engine/engine.ts';
import type { Shell } from '../kube/shell.ts';
import type { RunContext } from './run-context.ts';

/** A machine on the node's own network that is no part of the cluster. */
export interface Outside extends Shell {
  /** Sends packets for `range` to `via` from now on, as a router outside would. */
  addRoute(range: string, via: string): Promise<void>;
  deleteRoute(range: string): Promise<void>;
}

/**
 * Starts a container beside the node. It has no gateway: it looks up every address on the network that it shares with the node. So no packet for the
 * cluster's ranges goes further than that network, while a machine there that claims such an address is found. `onEnd` registers its removal, before
 * it starts. `owner` is the process with which it is removed at the latest. Throws where the node is not a container of this suite.
 */
export async function startOutside(
  { cluster, image }: RunContext,
  { owner, onEnd }: { owner: string; onEnd: (remove: () => Promise<void>) => void },
): Promise<Outside> {
  if (cluster.node === undefined) throw new Error('this claim needs "outside", which its row in the ledger does not name');
  const docker = connect(cluster.node.engine);
  const { NetworkSettings } = await docker.getContainer(cluster.node.container).inspect();
  const [network = 'bridge'] = Object.keys(NetworkSettings.Networks);
  const container = await docker.createContainer({
    Image: image('agnhost'),
    Cmd: ['pause'],
    Labels: { [labels.role]: 'outside', [labels.owner]: owner },
    HostConfig: { CapAdd: ['NET_ADMIN'], NetworkMode: network },
  });
  onEnd(() => removeContainer(docker, container.id));
  await container.start();
  const run = (command: string) => execInContainer(docker, container.id, ['sh', '-c', command], { limit: timeouts.command });
  const must = async (command: string) => {
    const { exitCode, output } = await run(command);
    if (exitCode !== 0) throw new Error(`\`${command}\` outside the cluster: ${output}`);
  };
  // A neighbour on a bridge answers a look-up in well under a ms; asking once instead of three times gives up after 1 s.
  // By its path, since the ip that some shells have built in knows no ntable.
  const tables = [
    { family: '-4', table: 'arp_cache' },
    ...(cluster.nodeAddress.includes(':') ? [{ family: '-6', table: 'ndisc_cache' }] : []),
  ];
  for (const { family, table } of tables)
    await must(
      `ip ${family} route del default && ip ${family} route add default dev eth0 && /sbin/ip ntable change name ${table} dev eth0 mcast_probes 1`,
    );
  return {
    name: 'a machine outside',
    run,
    lost: () => false,
    close: () => undefined,
    addRoute: (range, via) => must(`ip route add ${range} via ${via}`),
    deleteRoute: (range) => must(`ip route del ${range}`),
  };
}
