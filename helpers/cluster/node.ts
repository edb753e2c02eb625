import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { K3sContainer, type StartedK3sContainer } from '@testcontainers/k3s';
import type Docker from 'dockerode';
import { PullPolicy } from 'testcontainers';
import { messageOf } from '../base/message-of.ts';
import { artifacts } from '../base/paths.ts';
import { timeouts } from '../base/timeouts.ts';
import { UsageError } from '../base/usage-error.ts';
import { execInContainer, labels } from '../engine/engine.ts';
import { saveImages } from '../engine/images.ts';
import { keptImages } from '../engine/node-images.ts';
import { argumentsOfEveryNode, everyRangeOf } from './k3s-arguments.ts';
import { proxyEnvironment } from './proxy.ts';
import { type CopiedFile, registryFiles } from './registries.ts';

/** A k3s server whose packets for the Service and Pod ranges end inside it. Its output is kept although the container may end. */
class ContainedNode extends K3sContainer {
  readonly log: string[] = [];
  #containerId = '';
  readonly #docker: Docker;
  readonly #ranges: readonly string[];

  constructor(docker: Docker, image: string, ranges: readonly string[]) {
    super(image);
    this.#docker = docker;
    this.#ranges = ranges;
    // k3s' documented way to run in Docker, without the host's cgroups. With them the kubelet would work in the host's /sys/fs/cgroup, beside
    // those of any other cluster (testcontainers-go left them in 2026-04 too).
    Object.assign(this.hostConfig, { CgroupnsMode: 'private', Binds: [] });
  }

  protected override async containerCreated(id: string): Promise<void> {
    this.#containerId = id;
    // Attached before the start, so that the output of a node that ends at once is kept.
    const stream = await this.#docker.getContainer(id).attach({ stream: true, stdout: true, stderr: true });
    const collect = { write: (chunk: Buffer) => this.log.push(chunk.toString()) > 0 } as unknown as NodeJS.WritableStream;
    this.#docker.modem.demuxStream(stream, collect, collect);
  }

  /** Runs right after the start, before there is any Pod. With a blackhole route instead, local connects would fail before the rewriting. */
  protected override async containerStarting(): Promise<void> {
    const rules = this.#ranges.map((range) => `iptables -w -t mangle -A POSTROUTING -o "$out" -d ${range} -j DROP`).join(' && ');
    const script = `out=$(ip -4 route show default | sed 's/.* dev \\([^ ]*\\).*/\\1/'); [ -n "$out" ] && ${rules}`;
    const { exitCode, output } = await execInContainer(this.#docker, this.#containerId, ['sh', '-c', script], { limit: timeouts.command });
    if (exitCode !== 0) throw new Error(`the rules that keep packets for the cluster's ranges inside the node could not be set: ${output}`);
  }
}

interface ServerOptions {
  /** Arguments beyond those of every node. */
  readonly k3sArgs: readonly string[];
  /** `1` or `2`, of the engine's machine. */
  readonly cgroupVersion: string;
  /** The name by which published ports of the engine are reached. */
  readonly engineHost: string;
}

/** Returns all arguments of a node for `k3s server`. */
export function serverArguments({ k3sArgs, cgroupVersion, engineHost }: ServerOptions): string[] {
  const local = ['localhost', '127.0.0.1'].includes(engineHost);
  return [
    ...argumentsOfEveryNode,
    ...(local ? [] : [`--tls-san=${engineHost}`]),
    ...(cgroupVersion === '1' ? ['--kubelet-arg=fail-cgroupv1=false'] : []),
    ...k3sArgs,
  ];
}

interface NodeOptions extends ServerOptions {
  readonly image: string;
  readonly workloadImages: readonly string[];
  readonly containerLabels: Readonly<Record<string, string>>;
  /** The path of a registries.yaml; absent where k3s uses its default registries. */
  readonly registries?: string | undefined;
  /** Variables that may name an HTTP proxy. */
  readonly environment: NodeJS.ProcessEnv;
  /** Receives lines of progress. */
  readonly say: (line: string) => void;
}

/**
 * Returns the container of a node that is not yet created: with its arguments, its labels, the HTTP proxy for containerd, and the files that k3s
 * reads as it starts. `archives` are those of images, with their names in the node. Throws as registryFiles and proxyEnvironment do.
 */
export function nodeContainer(docker: Docker, options: NodeOptions, archives: ReadonlyMap<string, string>): ContainedNode {
  // k3s imports the images in this folder when it starts; Docker copies them into it before the start.
  const folder = '/var/lib/rancher/k3s/agent/images';
  const images: CopiedFile[] = [...archives].map(([name, source]) => ({ source, target: `${folder}/${name}`, mode: 0o644 }));
  const node = new ContainedNode(docker, options.image, everyRangeOf(options.k3sArgs));
  node
    .withAutoCleanup(false)
    .withPullPolicy(PullPolicy.neverPull())
    .withLabels({ ...options.containerLabels, [labels.role]: 'node' })
    .withStartupTimeout(timeouts.nodeStarted)
    .withEnvironment(proxyEnvironment(options.environment, options.k3sArgs))
    .withCopyFilesToContainer([...images, ...(options.registries === undefined ? [] : registryFiles(options.registries))])
    .withCommand(['server', ...serverArguments(options)]);
  return node;
}

/** k3s' message about an argument that its version does not know, and that of the stand-in. */
const unknownArgument = /flag provided but not defined: -*(\S+)|does not know the argument '-*([^'=]+)/;

/**
 * Starts a node and returns it when its API answers, with the workload images on it. Throws a UsageError where the node does not know one of its
 * arguments, and otherwise an error with the end of the node's output. The container may then exist, and the caller removes it by its labels.
 */
export async function startNode(docker: Docker, options: NodeOptions): Promise<{ started: StartedK3sContainer; loadMs: number }> {
  // The next run overwrites the archive of a killed one.
  const archive = join(artifacts, 'workloads.tar');
  const kept = await keptImages(options.image, options.say);
  const archives = new Map([['workloads.tar', archive], ...(kept === undefined ? [] : [['kept.tar', kept.archive] as const])]);
  const node = nodeContainer(docker, options, archives);
  try {
    const saving = Date.now();
    await saveImages(docker, options.workloadImages, archive);
    const loadMs = Date.now() - saving;
    options.say('starting the node …');
    return { started: await node.start(), loadMs };
  } catch (error) {
    const output = node.log.join('');
    const [, byK3s, byStandIn] = unknownArgument.exec(output) ?? [];
    const unknown = byK3s ?? byStandIn;
    if (unknown !== undefined) {
      throw new UsageError(
        `The node image ${options.image} does not know the argument --${unknown}. It is not an argument of this version, or it is misspelt: correct ` +
          'CONFORMANCE_K3S_ARGS (https://docs.k3s.io/cli/server).',
      );
    }
    const end = output.trimEnd().split('\n').slice(-25).join('\n  ');
    throw new Error(`The node did not start: ${messageOf(error)}\nThe end of its output:\n  ${end}`, { cause: error });
  } finally {
    await rm(archive, { force: true });
  }
}
