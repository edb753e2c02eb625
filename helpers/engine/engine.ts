import { randomBytes, randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { addAbortSignal, PassThrough } from 'node:stream';
import Docker from 'dockerode';
import { messageOf } from '../base/message-of.ts';
import { quote } from '../base/quote.ts';
import { timeouts } from '../base/timeouts.ts';
import { UsageError } from '../base/usage-error.ts';
import { waitFor } from '../base/wait-for.ts';
import { cutOff, type Shell, shellOver, type ShellResult } from '../kube/shell.ts';
import { checkDockerConfig } from './credentials.ts';
import { ownerGone } from './ownership.ts';

/** Labels of the containers and networks that the suite creates. */
export const labels = {
  /** On every container: `node`, `agent` for a second node, or `outside`. On every network: `network`. */
  role: 'clusterip-conformance.role',
  /** The process, as ownerOf names it, whose end makes the container or network an orphan. A kept cluster has none. */
  owner: 'clusterip-conformance.owner',
  /** The process that started a node, also of a node that outlives it. */
  starter: 'clusterip-conformance.starter',
  /** The settings by which a kept cluster was started. */
  settings: 'clusterip-conformance.settings',
} as const;

/** How to reach the engine. The process that starts a cluster hands it on to Jest. */
export type EngineAddress = Pick<Docker.DockerOptions, 'socketPath' | 'host' | 'port' | 'protocol'>;

/**
 * Finds the container engine the way testcontainers does, and returns its address and the name by which published ports are reached.
 * Throws a UsageError when none answers, and when the user's Docker configuration cannot be read.
 */
export async function findEngine(): Promise<{ address: EngineAddress; host: string }> {
  checkDockerConfig();
  const { getContainerRuntimeClient } = await import('testcontainers');
  const client = await getContainerRuntimeClient().catch((error: unknown) => {
    throw new UsageError(
      'No container engine answers, and the suite starts its cluster in one. Start Docker Desktop, Colima or the Docker service ' +
        '(Colima and Rancher Desktop need DOCKER_HOST to be set, see `docker context ls`); on a bare Debian machine run .ci/setup, ' +
        `which installs and starts one. (${messageOf(error)})`,
    );
  });
  // The options that the modem was created with; its types leave them out.
  const { socketPath, host, port, protocol } = client.container.dockerode.modem as EngineAddress;
  const address: EngineAddress = { ...(socketPath === undefined ? { host, port, protocol } : { socketPath }) };
  const named = process.env.DOCKER_HOST;
  // testcontainers tries the next engine when the one in DOCKER_HOST does not answer.
  if (named !== undefined && !named.includes(socketPath ?? String(host))) {
    throw new UsageError(
      `No container engine answers at DOCKER_HOST=${named}. Start it, or unset DOCKER_HOST to use this machine's engine.`,
    );
  }
  return { address, host: client.info.containerRuntime.host };
}

/** Returns a client for the engine. Does not connect yet. */
export function connect(address: EngineAddress): Docker {
  return new Docker(address);
}

/**
 * Runs a command in a container and returns its exit code and its output: stdout and stderr, in the order of writing. `stdin` is the command's input.
 * The container needs sh. Its shell is closed only when the end mark of the command has arrived: when a process ends, the engine may lose the end of
 * its output. Throws when the container does not exist, when the command has not ended after `limit` ms, and when the end mark did not come.
 */
export async function execInContainer(
  docker: Docker,
  container: string,
  command: readonly string[],
  { stdin = '', limit }: { stdin?: string | undefined; limit: number },
): Promise<ShellResult> {
  const shell = await openShellInContainer(docker, container, container.slice(0, 12));
  const input = stdin === '' ? '' : `printf %s ${quote(stdin)} | `;
  try {
    return await shell.run(`${input}${command.map(quote).join(' ')} 2>&1`, limit);
  } finally {
    shell.close();
  }
}

interface ScriptOptions {
  /** Runs before the script, and is left out of error messages. */
  readonly prelude?: string;
  readonly stdin?: string | undefined;
  /** ms. */
  readonly limit: number;
}

/** Runs an sh script in a container and returns its output. Throws when its exit code is not 0, and as execInContainer does. */
export async function scriptInContainer(
  docker: Docker,
  container: string,
  script: string,
  { prelude = '', stdin, limit }: ScriptOptions,
): Promise<string> {
  const { exitCode, output } = await execInContainer(docker, container, ['sh', '-c', `${prelude}\n${script}`], { stdin, limit });
  if (exitCode === 0) return output;
  const [first = '', ...more] = script.trim().split('\n');
  throw new Error(`\`${first}${more.length > 0 ? ' …' : ''}\` in ${container.slice(0, 12)} exits ${exitCode}: ${output.trim()}`);
}

/**
 * Runs a line of sh at a terminal in a container and types `typed` at it; the program that the line opens must end by that. Returns everything that the
 * terminal shows. Throws as execInContainer does.
 */
export async function runAtTerminal(
  docker: Docker,
  container: string,
  line: string,
  { typed, limit }: { typed: string; limit: number },
): Promise<ShellResult> {
  const id = randomUUID();
  // The process stays until it reads its id, so that the engine has copied the mark and everything before it.
  const script = `sh -c ${quote(line)}; printf '\\036${id}:%d\\036' $?; while read -r line && [ "$line" != ${id} ]; do :; done`;
  const options = { AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: true };
  const exec = await docker.getContainer(container).exec({ Cmd: ['sh', '-c', script], ...options });
  const stream = await exec.start({ hijack: true, stdin: true, Tty: true });
  stream.setEncoding('utf8');
  stream.on('error', () => undefined);
  addAbortSignal(AbortSignal.timeout(limit), stream);
  const failed = (why: string, shown: string) => cutOff(`\`${line}\` at a terminal in ${container.slice(0, 12)} ${why}`, shown);
  let shown = '';
  try {
    stream.write(typed);
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
      shown += chunk;
      const [output = '', code] = shown.split(`\x1e${id}:`);
      if (code?.includes('\x1e') !== true) continue;
      stream.end(`${id}\n`);
      stream.resume();
      return { output, exitCode: Number.parseInt(code) };
    }
  } catch (error) {
    stream.destroy();
    if ((error as Error).name === 'AbortError') throw failed(`has not ended after ${limit} ms`, shown);
    throw failed(`lost its connection (${messageOf(error)})`, shown);
  }
  stream.destroy();
  throw failed('ended without its end mark', shown);
}

/** Returns the core-seconds that a container has used so far, as its cgroup counts them. Throws when the container does not exist. */
export async function containerCoreSeconds(docker: Docker, container: string): Promise<number> {
  const stats = await docker.getContainer(container).stats({ stream: false, 'one-shot': true });
  return stats.cpu_stats.cpu_usage.total_usage / 1e9;
}

/** Opens a shell in a container and keeps it open. Drops its stderr. Throws when the container does not exist. */
export async function openShellInContainer(docker: Docker, container: string, name: string): Promise<Shell> {
  const exec = await docker.getContainer(container).exec({ Cmd: ['sh'], AttachStdin: true, AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({ hijack: true, stdin: true });
  // The engine's own socket, which its types do not name. Jest ends without closing its shells.
  (stream as Partial<Pick<Socket, 'unref'>>).unref?.();
  const stdout = new PassThrough();
  docker.modem.demuxStream(stream, stdout, new PassThrough().resume());
  return shellOver(name, stream, stdout, {
    ended: (report) => stream.on('close', report),
    close: () => stream.destroy(),
  });
}

/**
 * Removes the suite's containers that `which` selects, with their volumes, and then its networks, and returns their names. `which` gets the labels and
 * the age in ms. By default it selects those whose owner has ended; kept clusters have no owner and stay. Throws what the engine reports.
 */
export async function sweep(docker: Docker, which: (found: Record<string, string>, age: number) => boolean = orphaned): Promise<string[]> {
  const filters = { label: [labels.role] };
  const containers = await docker.listContainers({ all: true, filters });
  const selected = containers.filter(({ Labels, Created }) => which(Labels, Date.now() - Created * 1_000));
  await Promise.all(selected.map((container) => removeContainer(docker, container.Id)));
  const networks = (await docker.listNetworks({ filters })).filter(({ Labels = {}, Created }) =>
    which(Labels, Date.now() - Date.parse(Created)),
  );
  for (const network of networks) await removeNetwork(docker, network.Id);
  return [...selected.map((container) => container.Names[0]?.slice(1) ?? container.Id.slice(0, 12)), ...networks.map(({ Name }) => Name)];
}

function orphaned(found: Record<string, string>, age: number): boolean {
  const owner = found[labels.owner];
  return owner !== undefined && ownerGone(owner, age);
}

/**
 * Removes a container and its volumes and waits until it is gone, even if another process is removing it. Does nothing when there is none.
 * Throws what the engine reports, and when the container is still there after timeouts.command.
 */
export async function removeContainer(docker: Docker, id: string): Promise<void> {
  const container = docker.getContainer(id);
  await container.remove({ force: true, v: true }).catch((error: unknown) => {
    if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
  });
  await waitFor(`container ${id.slice(0, 12)} to be gone`, timeouts.command, () =>
    container.inspect().then(
      ({ State }) => ({ seen: State.Status }),
      (error: unknown) => {
        if (statusOf(error) !== 404) throw error;
        return { done: undefined };
      },
    ),
  );
}

/** Returns the status code of the engine's error, or throws any other error. */
function statusOf(error: unknown): number {
  const { statusCode } = error as { statusCode?: number };
  if (statusCode === undefined) throw error;
  return statusCode;
}

/**
 * Removes a network, from which it disconnects containers first, and waits until it is gone. Does nothing when there is none. Throws what the engine reports,
 * and when the network is still there after timeouts.command.
 */
async function removeNetwork(docker: Docker, id: string): Promise<void> {
  const network = docker.getNetwork(id);
  await waitFor(`network ${id.slice(0, 12)} to be gone`, timeouts.command, async () => {
    try {
      const { Containers = {} } = await network.inspect();
      // A container may be gone since the network was inspected.
      for (const container of Object.keys(Containers))
        await network.disconnect({ Container: container, Force: true }).catch((error: unknown) => statusOf(error));
      await network.remove();
    } catch (error) {
      const status = statusOf(error);
      if (status === 404) return { done: undefined };
      // It still has a container: one that was connected since then.
      if (status !== 403 && status !== 409) throw error;
      return { seen: messageOf(error) };
    }
    return { done: undefined };
  });
}

/**
 * Creates a network for the nodes of one cluster and returns its id. The engine chooses its IPv4 addresses. With `ipv6` it has addresses of its own too,
 * drawn at random from those that no other network uses (RFC 4193): older engines choose none. Throws what the engine reports.
 */
export async function createNetwork(
  docker: Docker,
  { ipv6, networkLabels }: { ipv6: boolean; networkLabels: Record<string, string> },
): Promise<string> {
  const bytes = randomBytes(7).toString('hex');
  const subnet = `fd${bytes.slice(0, 2)}:${bytes.slice(2, 6)}:${bytes.slice(6, 10)}:${bytes.slice(10, 14)}::/64`;
  const network = await docker.createNetwork({
    Name: `clusterip-conformance-${bytes}`,
    Driver: 'bridge',
    Labels: { ...networkLabels, [labels.role]: 'network' },
    ...(ipv6 ? { EnableIPv6: true, IPAM: { Config: [{ Subnet: subnet }] } } : {}),
  });
  return network.id;
}
