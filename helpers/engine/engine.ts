import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import Docker from 'dockerode';
import { messageOf } from '../base/message-of.ts';
import { timeouts } from '../base/timeouts.ts';
import { UsageError } from '../base/usage-error.ts';
import { waitFor } from '../base/wait-for.ts';
import { type Shell, shellOver, type ShellResult } from '../kube/shell.ts';
import { ownerGone } from './ownership.ts';

/** Labels of the containers that the suite creates. */
export const labels = {
  /** On every container: `node` or `outside`. */
  role: 'clusterip-conformance.role',
  /** The process, as ownerOf names it, whose end makes the container an orphan. A kept cluster has none. */
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
 * Throws a UsageError when none answers.
 */
export async function findEngine(): Promise<{ address: EngineAddress; host: string }> {
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
 * Runs a command in a container and returns its exit code and its output: stdout and stderr, in the order of writing.
 * `stdin` is the command's input. With `tty` it is typed at a terminal instead, and the command must end by it.
 * With `stdout` the command's stdout goes to that stream, byte by byte, and is left out of the output.
 * Throws when the container does not exist, or when the command has not ended after `limit` ms.
 */
export async function execInContainer(
  docker: Docker,
  container: string,
  command: readonly string[],
  { stdin = '', tty = false, stdout, limit }: { stdin?: string; tty?: boolean; stdout?: NodeJS.WritableStream; limit: number },
): Promise<ShellResult> {
  const exec = await docker.getContainer(container).exec({
    Cmd: [...command],
    AttachStdin: stdin !== '',
    AttachStdout: true,
    AttachStderr: true,
    Tty: tty,
  });
  const stream = await exec.start({ hijack: true, stdin: stdin !== '', Tty: tty });
  const chunks: Buffer[] = [];
  const collect = { write: (chunk: Buffer) => chunks.push(chunk) > 0 } as unknown as NodeJS.WritableStream;
  if (tty) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  else docker.modem.demuxStream(stream, stdout ?? collect, collect);
  if (tty) stream.write(stdin);
  else if (stdin !== '') stream.end(stdin);
  await finished(stream, { writable: false, signal: AbortSignal.timeout(limit) }).catch((error: unknown) => {
    stream.destroy();
    if ((error as Error).name !== 'AbortError') throw error;
    throw new Error(`\`${command.join(' ')}\` in ${container.slice(0, 12)} has not ended after ${limit} ms`);
  });
  const { ExitCode } = await exec.inspect();
  return { exitCode: ExitCode ?? -1, output: Buffer.concat(chunks).toString() };
}

/** Runs an sh script in a container and returns its output. Throws when its exit code is not 0, and as execInContainer does. */
export async function scriptInContainer(docker: Docker, container: string, script: string, limit: number, stdin = ''): Promise<string> {
  const { exitCode, output } = await execInContainer(docker, container, ['sh', '-c', script], { stdin, limit });
  if (exitCode !== 0) throw new Error(`\`${script}\` in ${container.slice(0, 12)} exits ${exitCode}: ${output}`);
  return output;
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
 * Removes the suite's containers that `which` selects, with their volumes, and returns their names. `which` gets the labels of a container and
 * its age in ms. By default it selects those whose owner has ended; kept clusters have no owner and stay. Throws what the engine reports.
 */
export async function sweep(docker: Docker, which: (found: Record<string, string>, age: number) => boolean = orphaned): Promise<string[]> {
  const containers = await docker.listContainers({ all: true, filters: { label: [labels.role] } });
  const selected = containers.filter(({ Labels, Created }) => which(Labels, Date.now() - Created * 1_000));
  await Promise.all(selected.map((container) => removeContainer(docker, container.Id)));
  return selected.map((container) => container.Names[0]?.slice(1) ?? container.Id.slice(0, 12));
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
  const statusOf = (error: unknown) => (error as { statusCode?: number }).statusCode;
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
