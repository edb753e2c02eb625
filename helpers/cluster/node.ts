import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { K3sContainer, type StartedK3sContainer } from '@testcontainers/k3s';
import type Docker from 'dockerode';
import { PullPolicy } from 'testcontainers';
import { artifacts } from '../artifacts.ts';
import { timeouts } from '../timeouts.ts';
import { execInContainer, labels, removeContainer } from './engine.ts';
import { saveImages } from './images.ts';
import { keptImages } from './node-images.ts';

/** The ranges that a node's arguments give it; k3s' own defaults where they say nothing. */
export function rangesOf(k3sArgs: readonly string[]): { services: string; pods: string } {
  const value = (name: string) => k3sArgs.findLast((argument) => argument.startsWith(`${name}=`))?.slice(name.length + 1);
  return { services: value('--service-cidr') ?? '10.43.0.0/16', pods: value('--cluster-cidr') ?? '10.42.0.0/16' };
}

/** A k3s server whose packets for the Service and Pod ranges end inside it, and whose output is kept whatever becomes of it. */
class ContainedNode extends K3sContainer {
  readonly log: string[] = [];
  containerId: string | undefined;
  readonly #docker: Docker;
  readonly #ranges: readonly string[];

  constructor(docker: Docker, image: string, ranges: readonly string[]) {
    super(image);
    this.#docker = docker;
    this.#ranges = ranges;
    // k3s' own way to run in Docker, without the host's cgroups: with them the kubelet would work in the host's /sys/fs/cgroup,
    // beside those of any other cluster (testcontainers-go left them in 2026-04 too).
    Object.assign(this.hostConfig, { CgroupnsMode: 'private', Binds: [] });
  }

  protected override async containerCreated(id: string): Promise<void> {
    this.containerId = id;
    // Attached before the start: a node that dies at once would otherwise leave no word behind.
    const stream = await this.#docker.getContainer(id).attach({ stream: true, stdout: true, stderr: true });
    const collect = { write: (chunk: Buffer) => this.log.push(chunk.toString()) > 0 } as unknown as NodeJS.WritableStream;
    this.#docker.modem.demuxStream(stream, collect, collect);
  }

  /** Runs right after the start, before there is any Pod. A blackhole route would not do: local connects would fail before the rewriting. */
  protected override async containerStarting(): Promise<void> {
    const rules = this.#ranges.map((range) => `iptables -w -t mangle -A POSTROUTING -o "$out" -d ${range} -j DROP`).join(' && ');
    const script = `out=$(ip -4 route show default | sed 's/.* dev \\([^ ]*\\).*/\\1/'); [ -n "$out" ] && ${rules}`;
    const { exitCode, output } = await execInContainer(this.#docker, this.containerId ?? '', ['sh', '-c', script], {
      limit: timeouts.command,
    });
    if (exitCode !== 0) throw new Error(`the node could not be kept from sending packets for its ranges to the network: ${output}`);
  }
}

export interface NodeOptions {
  readonly image: string;
  readonly k3sArgs: readonly string[];
  readonly cgroupVersion: string;
  readonly engineHost: string;
  readonly workloadImages: readonly string[];
  readonly containerLabels: Readonly<Record<string, string>>;
  readonly say: (line: string) => void;
}

/**
 * Starts a node and returns it when its API answers, with the workload images on it.
 * Throws an error that carries the node's last words, after removing what it had started.
 */
export async function startNode(docker: Docker, options: NodeOptions): Promise<{ started: StartedK3sContainer; loadMs: number }> {
  const ranges = rangesOf(options.k3sArgs);
  const local = ['localhost', '127.0.0.1'].includes(options.engineHost);
  // Where the next run overwrites what a killed one left.
  const archive = join(artifacts, 'workloads.tar');
  const node = new ContainedNode(docker, options.image, [ranges.services, ranges.pods]);
  node
    .withAutoCleanup(false)
    .withPullPolicy(PullPolicy.neverPull())
    .withLabels({ ...options.containerLabels, [labels.role]: 'node' })
    .withStartupTimeout(timeouts.nodeStarted)
    .withCommand([
      'server',
      // Not needed by any claim, and each would pull images. ServiceLB stays: one claim is about it.
      '--disable=traefik,metrics-server,local-storage',
      ...(local ? [] : [`--tls-san=${options.engineHost}`]),
      ...(options.cgroupVersion === '1' ? ['--kubelet-arg=fail-cgroupv1=false'] : []),
      ...options.k3sArgs,
    ]);
  try {
    const saving = Date.now();
    await saveImages(docker, options.workloadImages, archive);
    // Imported by the node itself when it starts. k3s reads this directory; Docker copies into it before the start.
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
    if (node.containerId !== undefined) await removeContainer(docker, node.containerId);
    const words = node.log.join('').trimEnd().split('\n').slice(-25).join('\n  ');
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`The node did not start: ${message}\nIts last words:\n  ${words}`, { cause: error });
  } finally {
    await rm(archive, { force: true });
  }
}
