import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { K3sContainer, type StartedK3sContainer } from '@testcontainers/k3s';
import type Docker from 'dockerode';
import { GenericContainer, PullPolicy, Wait } from 'testcontainers';
import { messageOf } from '../base/message-of.ts';
import { artifacts } from '../base/paths.ts';
import { timeouts } from '../base/timeouts.ts';
import { UsageError } from '../base/usage-error.ts';
import { execInContainer, labels } from '../engine/engine.ts';
import { saveImages } from '../engine/images.ts';
import { keptImages } from '../engine/node-images.ts';
import { argumentsOfAgent, argumentsOfEveryNode, everyRangeOf, hasIPv6 } from './k3s-arguments.ts';
import { proxyEnvironment } from './proxy.ts';
import { type CopiedFile, registryFiles } from './registries.ts';

/** A name server that no node reaches: the address is each node's own, and nothing listens there. Link-local, so that no network has it. */
const noNameServer = '169.254.53.53';
const resolverFile = '/etc/rancher/no-name-server.conf';

/** Adds the output of a container to a log. Call it before the start, so that the output of a node that ends at once is kept. */
async function collectOutput(docker: Docker, container: string, log: string[]): Promise<void> {
  const stream = await docker.getContainer(container).attach({ stream: true, stdout: true, stderr: true });
  const collect = { write: (chunk: Buffer) => log.push(chunk.toString()) > 0 } as unknown as NodeJS.WritableStream;
  docker.modem.demuxStream(stream, collect, collect);
}

/**
 * Returns the script that keeps packets for ranges in a node, and with `resolver` gives it the address where nothing listens. What Pods on two nodes send to each other
 * is in packets for the other node's own address, so these rules do not drop it. With a blackhole route instead, local connects would fail before the
 * rewriting. IPv6 packets leave by the same interface.
 */
export function containingScript(ranges: readonly string[], { resolver }: { resolver: boolean }): string {
  const rules = ranges.map(
    (range) => `ip${range.includes(':') ? '6' : ''}tables -w -t mangle -A POSTROUTING -o "$out" -d ${range} -j DROP`,
  );
  const find = `out=$(ip -4 route show default | sed 's/.* dev \\([^ ]*\\).*/\\1/'); [ -n "$out" ]`;
  return [find, ...rules, ...(resolver ? [`ip addr add ${noNameServer}/32 dev lo`] : [])].join(' && ');
}

/** Runs such a script right after the start of a node, before there is any Pod. Throws when the node does not have the rules. */
async function containPackets(docker: Docker, container: string, script: string): Promise<void> {
  const { exitCode, output } = await execInContainer(docker, container, ['sh', '-c', script], {
    limit: timeouts.command,
  });
  if (exitCode !== 0) throw new Error(`the rules that keep packets for the cluster's ranges inside the node could not be set: ${output}`);
}

/** What is done to a node as it is created and started. */
interface Hooks {
  readonly created: (container: string) => Promise<void>;
  readonly starting: (container: string) => Promise<void>;
}

// k3s' documented way to run in Docker, without the host's cgroups. With them the kubelet would work in the host's /sys/fs/cgroup, beside those of any
// other cluster and of a second node (testcontainers-go left them in 2026-04 too).
const ownCgroups = { CgroupnsMode: 'private', Binds: [] };

// An engine may disable IPv6 in its containers, and does not make them routers. kind sets the same for its nodes:
// https://github.com/kubernetes-sigs/kind/blob/main/pkg/cluster/internal/providers/docker/provision.go
const withIPv6 = { Sysctls: { 'net.ipv6.conf.all.disable_ipv6': '0', 'net.ipv6.conf.all.forwarding': '1' } };

/** Returns what a node's container needs of the engine beyond what its class asks for. */
function hostConfigOf({ k3sArgs }: Pick<ServerOptions, 'k3sArgs'>): object {
  return { ...ownCgroups, ...(hasIPv6(k3sArgs) ? withIPv6 : {}) };
}

/** A k3s server whose packets for the Service and Pod ranges end inside it. */
class ServerContainer extends K3sContainer {
  readonly #hooks: Hooks;
  #id = '';

  constructor(options: NodeOptions, hooks: Hooks) {
    super(options.image);
    this.#hooks = hooks;
    Object.assign(this.hostConfig, hostConfigOf(options));
  }

  protected override containerCreated(id: string): Promise<void> {
    this.#id = id;
    return this.#hooks.created(id);
  }

  protected override containerStarting(): Promise<void> {
    return this.#hooks.starting(this.#id);
  }
}

/** A k3s agent, as contained as the server. It is no K3sContainer: that one reads the kubeconfig of a server. */
class AgentContainer extends GenericContainer {
  readonly #hooks: Hooks;
  #id = '';

  constructor(options: NodeOptions, hooks: Hooks) {
    super(options.image);
    this.#hooks = hooks;
    this.withPrivilegedMode()
      .withTmpFs({ '/run': 'rw', '/var/run': 'rw' })
      .withWaitStrategy(Wait.forLogMessage('Node controller sync successful'));
    Object.assign(this.hostConfig, hostConfigOf(options));
  }

  protected override containerCreated(id: string): Promise<void> {
    this.#id = id;
    return this.#hooks.created(id);
  }

  protected override containerStarting(): Promise<void> {
    return this.#hooks.starting(this.#id);
  }
}

interface ServerOptions {
  /** Arguments beyond those of every node. */
  readonly k3sArgs: readonly string[];
  /** `1` or `2`, of the engine's machine. */
  readonly cgroupVersion: string;
  /** The name by which published ports of the engine are reached. */
  readonly engineHost: string;
  /** The network of the engine that the nodes are on; absent where it is the engine's default one. */
  readonly network?: string | undefined;
}

/** Returns the arguments of a node that follow from the engine and its network. */
function argumentsByEngine({ cgroupVersion, network }: Pick<ServerOptions, 'cgroupVersion' | 'network'>): string[] {
  return [
    ...(cgroupVersion === '1' ? ['--kubelet-arg=fail-cgroupv1=false'] : []),
    // On any network but its default one, Docker's name server is 127.0.0.11. Pods cannot reach it, and k3s would send their queries to a public one.
    ...(network === undefined ? [] : [`--resolv-conf=${resolverFile}`]),
  ];
}

/** Returns all arguments of a node for `k3s server`. */
export function serverArguments(options: ServerOptions): string[] {
  const local = ['localhost', '127.0.0.1'].includes(options.engineHost);
  return [
    ...argumentsOfEveryNode,
    ...(local ? [] : [`--tls-san=${options.engineHost}`]),
    ...argumentsByEngine(options),
    ...options.k3sArgs,
  ];
}

/** Returns all arguments of a node for `k3s agent`. */
export function agentArguments(options: ServerOptions): string[] {
  return [...argumentsByEngine(options), ...argumentsOfAgent(options.k3sArgs)];
}

interface NodeOptions extends ServerOptions {
  readonly image: string;
  readonly workloadImages: readonly string[];
  readonly containerLabels: Readonly<Record<string, string>>;
  /** The path of a registries.yaml; absent where k3s uses its default registries. */
  readonly registries?: string | undefined;
  /** Variables that may name an HTTP proxy. */
  readonly environment: NodeJS.ProcessEnv;
  /** By which an agent may join; absent where none does. */
  readonly token?: string | undefined;
  /** Called when the engine has created the container of a node. */
  readonly created: () => void;
  /** Receives lines of progress. */
  readonly say: (line: string) => void;
}

/** A node to be created, and what it prints, which stays although the container may end. */
interface Prepared<Container> {
  readonly node: Container;
  readonly log: readonly string[];
}

/** Returns a log, and the hooks that fill it and keep packets in the node. */
function hooksOf(docker: Docker, { k3sArgs, network, created }: NodeOptions): { log: string[]; hooks: Hooks } {
  const log: string[] = [];
  const hooks: Hooks = {
    created: (container) => {
      created();
      return collectOutput(docker, container, log);
    },
    starting: (container) =>
      containPackets(docker, container, containingScript(everyRangeOf(k3sArgs), { resolver: network !== undefined })),
  };
  return { log, hooks };
}

/** Gives a node what is the same for server and agent: labels, the HTTP proxy for containerd, its network, and the files that k3s reads as it starts. */
function equip(node: GenericContainer, role: string, options: NodeOptions, archives: ReadonlyMap<string, string>): void {
  // k3s imports the images in this folder when it starts; Docker copies them into it before the start.
  const folder = '/var/lib/rancher/k3s/agent/images';
  const images: CopiedFile[] = [...archives].map(([name, source]) => ({ source, target: `${folder}/${name}`, mode: 0o644 }));
  node
    .withAutoCleanup(false)
    .withPullPolicy(PullPolicy.neverPull())
    .withLabels({ ...options.containerLabels, [labels.role]: role })
    .withStartupTimeout(timeouts.nodeStarted)
    .withEnvironment({
      ...proxyEnvironment(options.environment, options.k3sArgs),
      ...(options.token === undefined ? {} : { K3S_TOKEN: options.token }),
    })
    .withCopyFilesToContainer([...images, ...(options.registries === undefined ? [] : registryFiles(options.registries))]);
  if (options.network === undefined) return;
  // Not by an alias: testcontainers would leave the container on the default network too.
  node.withNetworkMode(options.network);
  node.withCopyContentToContainer([{ content: `nameserver ${noNameServer}\noptions timeout:1 attempts:1\n`, target: resolverFile }]);
}

/**
 * Returns a server that is not yet created: with its arguments, its labels, the HTTP proxy for containerd, and the files that k3s reads as it starts.
 * `archives` are those of images, with their names in the node. Throws as registryFiles and proxyEnvironment do.
 */
export function serverContainer(docker: Docker, options: NodeOptions, archives: ReadonlyMap<string, string>): Prepared<K3sContainer> {
  const { log, hooks } = hooksOf(docker, options);
  const node = new ServerContainer(options, hooks);
  equip(node, 'node', options, archives);
  node.withCommand(['server', ...serverArguments(options)]);
  return { node, log };
}

/** Returns an agent that is not yet created and that joins a server, given by its container. Throws as serverContainer does. */
export function agentContainer(
  docker: Docker,
  server: string,
  options: NodeOptions,
  archives: ReadonlyMap<string, string>,
): Prepared<GenericContainer> {
  const { log, hooks } = hooksOf(docker, options);
  const node = new AgentContainer(options, hooks);
  equip(node, 'agent', options, archives);
  // On a network that is not the default one, Docker resolves the short id of a container, which is its host name and so in the server's certificate.
  node.withEnvironment({ K3S_URL: `https://${server.slice(0, 12)}:6443` });
  node.withCommand(['agent', ...agentArguments(options)]);
  return { node, log };
}

/** k3s' message about an argument that its version does not know, and that of the stand-in. */
const unknownArgument = /flag provided but not defined: -*(\S+)|does not know the argument '-*([^'=]+)/;

/** Starts a node. Throws a UsageError where it does not know one of its arguments, and otherwise an error with the end of its output. */
async function start<Started>({ node, log }: Prepared<{ start(): Promise<Started> }>, what: string, image: string): Promise<Started> {
  try {
    return await node.start();
  } catch (error) {
    const output = log.join('');
    const [, byK3s, byStandIn] = unknownArgument.exec(output) ?? [];
    const unknown = byK3s ?? byStandIn;
    if (unknown !== undefined) {
      throw new UsageError(
        `The node image ${image} does not know the argument --${unknown}. It is not an argument of this version, or it is misspelt: correct ` +
          'CONFORMANCE_K3S_ARGS (https://docs.k3s.io/cli/server).',
      );
    }
    const end = output.trimEnd().split('\n').slice(-25).join('\n  ');
    throw new Error(`${what} did not start: ${messageOf(error)}\nThe end of its output:\n  ${end}`, { cause: error });
  }
}

/** What a start has created. */
export interface StartedNodes {
  readonly server: StartedK3sContainer;
  /** The containers of agents. */
  readonly agents: readonly string[];
  /** ms for which the images were exported. */
  readonly loadMs: number;
}

/**
 * Starts a server, and then an agent where `nodes` is 2, and returns them when the API answers and the agent has joined, with the workload images on each.
 * `create` is called before each container. Throws what it throws, and as start does. Containers may then exist, and the caller removes them by their
 * labels.
 */
export async function startNodes(
  docker: Docker,
  options: NodeOptions & { readonly nodes: 1 | 2; readonly create: () => void },
): Promise<StartedNodes> {
  // The next run overwrites the archive of a killed one.
  const archive = join(artifacts, 'workloads.tar');
  const kept = await keptImages(options.image, options.say);
  const archives = new Map([['workloads.tar', archive], ...(kept === undefined ? [] : [['kept.tar', kept.archive] as const])]);
  const token = options.nodes === 1 ? undefined : randomUUID();
  try {
    const saving = Date.now();
    await saveImages(docker, options.workloadImages, archive);
    const loadMs = Date.now() - saving;
    options.say('starting the node …');
    options.create();
    const server = await start(serverContainer(docker, { ...options, token }, archives), 'The node', options.image);
    if (options.nodes === 1) return { server, agents: [], loadMs };
    options.say('starting the second node …');
    options.create();
    const agent = await start(agentContainer(docker, server.getId(), { ...options, token }, archives), 'The second node', options.image);
    return { server, agents: [agent.getId()], loadMs };
  } finally {
    await rm(archive, { force: true });
  }
}
