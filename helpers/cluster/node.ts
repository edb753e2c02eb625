import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { K3sContainer, type StartedK3sContainer } from '@testcontainers/k3s';
import type Docker from 'dockerode';
import { PullPolicy } from 'testcontainers';
import { messageOf } from '../base/message-of.ts';
import { artifacts } from '../base/paths.ts';
import { timeouts } from '../base/timeouts.ts';
import { execInContainer, labels } from '../engine/engine.ts';
import { saveImages } from '../engine/images.ts';
import { keptImages } from '../engine/node-images.ts';
import { argumentsOfEveryNode, rangesSetBy } from './k3s-arguments.ts';

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
  /** Receives lines of progress. */
  readonly say: (line: string) => void;
}

/**
 * Starts a node and returns it when its API answers, with the workload images on it. Throws an error with the end of the node's output; the
 * container may then exist, and the caller removes it by its labels.
 */
export async function startNode(docker: Docker, options: NodeOptions): Promise<{ started: StartedK3sContainer; loadMs: number }> {
  const { services, pods } = rangesSetBy(options.k3sArgs);
  // The next run overwrites the archive of a killed one.
  const archive = join(artifacts, 'workloads.tar');
  const node = new ContainedNode(docker, options.image, [...services, ...pods]);
  node
    .withAutoCleanup(false)
    .withPullPolicy(PullPolicy.neverPull())
    .withLabels({ ...options.containerLabels, [labels.role]: 'node' })
    .withStartupTimeout(timeouts.nodeStarted)
    .withCommand(['server', ...serverArguments(options)]);
  try {
    const saving = Date.now();
    await saveImages(docker, options.workloadImages, archive);
    // k3s imports the images in this folder when it starts; Docker copies them into it before the start.
    const target = '/var/lib/rancher/k3s/agent/images';
    const kept = keptImages(options.image);
    node.withCopyFilesToContainer([
      { source: archive, target: `${target}/workloads.tar` },
      ...(kept === undefined ? [] : [{ source: kept.archive, target: `${target}/kept.tar` }]),
    ]);
    const loadMs = Date.now() - saving;
    options.say('starting the node …');
    return { started: await node.start(), loadMs };
  } catch (error) {
    const output = node.log.join('').trimEnd().split('\n').slice(-25).join('\n  ');
    throw new Error(`The node did not start: ${messageOf(error)}\nThe end of its output:\n  ${output}`, { cause: error });
  } finally {
    await rm(archive, { force: true });
  }
}
