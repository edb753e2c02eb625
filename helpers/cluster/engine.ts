import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import Docker from 'dockerode';
import { type Shell, shellOver } from '../kube/shell.ts';
import { waitFor } from '../kube/objects.ts';
import { timeouts } from '../timeouts.ts';
import { UsageError } from '../usage-error.ts';

/** Labels on everything the suite makes in the engine. */
export const labels = {
  owner: 'clusterip-conformance.owner',
  role: 'clusterip-conformance.role',
  asked: 'clusterip-conformance.asked',
} as const;

/** How to reach the engine; handed from the process that starts a cluster to the workers. */
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
        `which installs and starts one. (${error instanceof Error ? error.message : String(error)})`,
    );
  });
  // What the modem was made with; its own types do not tell.
  const { socketPath, host, port, protocol } = client.container.dockerode.modem as EngineAddress;
  const address: EngineAddress = { ...(socketPath === undefined ? { host, port, protocol } : { socketPath }) };
  const asked = process.env.DOCKER_HOST;
  // testcontainers goes on to the next engine it knows when the one that was named does not answer.
  if (asked !== undefined && !asked.includes(socketPath ?? String(host))) {
    throw new UsageError(`No container engine answers at DOCKER_HOST=${asked}. Start it, or unset DOCKER_HOST to use the machine's own.`);
  }
  return { address, host: client.info.containerRuntime.host };
}

export function connect(address: EngineAddress): Docker {
  return new Docker(address);
}

export interface CommandResult {
  readonly exitCode: number;
  readonly output: string;
}

/**
 * Runs a command in a container and returns its exit code and what it wrote, stdout and stderr in the order of writing.
 * With `tty` it sits at a terminal at which `stdin` is typed, and has to end by what is typed; with `stdout`, what it writes there goes
 * there, byte by byte, and is no part of what is returned.
 * Throws when the container is gone or the command has not ended after `limit` ms.
 */
export async function execInContainer(
  docker: Docker,
  container: string,
  command: readonly string[],
  { stdin = '', tty = false, stdout, limit }: { stdin?: string; tty?: boolean; stdout?: NodeJS.WritableStream; limit: number },
): Promise<CommandResult> {
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

/** Runs a script of sh in a container and returns what it wrote. Throws when it exits otherwise than 0, and as execInContainer does. */
export async function scriptInContainer(docker: Docker, container: string, script: string, limit: number, stdin = ''): Promise<string> {
  const { exitCode, output } = await execInContainer(docker, container, ['sh', '-c', script], { stdin, limit });
  if (exitCode !== 0) throw new Error(`\`${script}\` in ${container.slice(0, 12)} exits ${exitCode}: ${output}`);
  return output;
}

/** Returns the core-seconds that a container has used so far, by the engine's cgroup accounting. Throws when the container is gone. */
export async function containerCoreSeconds(docker: Docker, container: string): Promise<number> {
  const stats = await docker.getContainer(container).stats({ stream: false, 'one-shot': true });
  return stats.cpu_stats.cpu_usage.total_usage / 1e9;
}

/** Opens a shell in a container that stays open; what its commands write to stderr is not kept. Throws when the container is gone. */
export async function openShellInContainer(docker: Docker, container: string, name: string): Promise<Shell> {
  const exec = await docker.getContainer(container).exec({ Cmd: ['sh'], AttachStdin: true, AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({ hijack: true, stdin: true });
  const stdout = new PassThrough();
  docker.modem.demuxStream(stream, stdout, new PassThrough().resume());
  return shellOver(name, stream, stdout, {
    ended: (tell) => stream.on('close', tell),
    close: () => stream.destroy(),
  });
}

/** When a process of this machine began, in the kernel's own ticks; undefined where there is no such process (or no /proc). */
function processStart(pid: number): string | undefined {
  try {
    // The second field is the program's name in parentheses and may hold blanks.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/, '').split(' ')[20];
  } catch {
    return undefined;
  }
}

/** Says which process of which machine owns what this run makes. */
export function ownerOf(pid: number): string {
  return [hostname(), pid, processStart(pid) ?? '-'].join('/');
}

/** ms after which a run has ended for sure: of a process on another machine, or in a Pod that is gone, nothing else tells. */
const longestRun = 2 * 60 * 60_000;

/** Tells whether the process that a label names still runs; what belongs to another machine counts as alive. */
export function ownerAlive(owner: string): boolean {
  const [host, pid, start] = owner.split('/');
  if (host !== hostname()) return true;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return start === '-' || start === processStart(Number(pid));
}

/** Tells whether what such a process made `age` ms ago is nobody's any more. */
export function ownerGone(owner: string, age: number): boolean {
  return !ownerAlive(owner) || (owner.split('/')[0] !== hostname() && age > longestRun);
}

/** Ends this process soon after its owner has ended: whoever is killed takes nobody along, and its Jest would run on. */
export function endWithOwner(owner = ''): void {
  setInterval(() => {
    if (!ownerAlive(owner)) process.exit(3);
  }, 1_000).unref();
}

/** Removes containers of ours whose owner is gone, with their volumes, and returns their names. Kept clusters have no owner and stay. */
export async function sweep(docker: Docker, which: (labels: Record<string, string>, age: number) => boolean = orphaned): Promise<string[]> {
  const containers = await docker.listContainers({ all: true, filters: { label: [labels.role] } });
  const doomed = containers.filter(({ Labels, Created }) => which(Labels, Date.now() - Created * 1_000));
  await Promise.all(doomed.map((container) => removeContainer(docker, container.Id)));
  return doomed.map((container) => container.Names[0]?.slice(1) ?? container.Id.slice(0, 12));
}

function orphaned(found: Record<string, string>, age: number): boolean {
  const owner = found[labels.owner];
  return owner !== undefined && ownerGone(owner, age);
}

/** Removes a container and its volumes, and waits until it is gone, also when another is removing it. One that is gone already is fine. */
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
