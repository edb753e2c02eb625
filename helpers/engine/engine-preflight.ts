import type Docker from 'dockerode';
import { UsageError } from '../base/usage-error.ts';

const otherwise =
  'To use another engine, set DOCKER_HOST (`docker context ls` lists them); an existing cluster needs no engine, see CONFORMANCE_CONTEXT in the README.';

/** What an engine reports about itself, as far as it is looked at here. */
export interface EngineFeatures {
  readonly OSType?: string;
  /** Such as `name=seccomp,profile=default`; null where there are none. */
  readonly SecurityOptions?: readonly string[] | null;
}

/** Returns why an engine cannot run a node of the suite and what to do, or undefined when nothing is known against it. */
async function unfit(docker: Docker, { OSType, SecurityOptions }: EngineFeatures): Promise<string | undefined> {
  const { Components } = (await docker.version()) as { Components?: readonly { Name: string }[] };
  const secured = (name: string) => (SecurityOptions ?? []).some((option) => option.split(',').includes(`name=${name}`));
  if (Components?.some(({ Name }) => Name.startsWith('Podman')) === true)
    return 'This engine is Podman, in which the node does not start. Start Docker Desktop, Colima or the Docker service.';
  if (OSType === 'windows')
    return 'This engine runs Windows containers, and the node is a Linux container. Switch Docker Desktop to Linux containers.';
  if (secured('rootless'))
    return "This engine is rootless, and does not give its containers the /dev/kmsg and the cgroups that the node's kubelet needs. Use the Docker service of the system: `docker context use default`, or DOCKER_HOST=unix:///var/run/docker.sock.";
  if (secured('userns'))
    return 'This engine maps the users of its containers (userns-remap), and then starts no privileged container, which the node is. Remove "userns-remap" from /etc/docker/daemon.json and restart the engine.';
  if ((await bridge(docker)) === undefined)
    return 'This engine has no network named bridge, in which the node is started. Remove "bridge": "none" from /etc/docker/daemon.json and restart the engine.';
  return undefined;
}

/** Throws a UsageError when the engine cannot run a node of the suite, and the error of the engine. `info` is what the engine reports about itself. */
export async function refuseUnfitEngine(docker: Docker, info: EngineFeatures): Promise<void> {
  const reason = await unfit(docker, info);
  if (reason !== undefined) throw new UsageError(`${reason} ${otherwise}`);
}

async function bridge(docker: Docker): Promise<Docker.NetworkInspectInfo | undefined> {
  try {
    return await docker.getNetwork('bridge').inspect();
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

/** Returns why a second container cannot reach the node over the engine's network, or undefined when it can. Throws the error of the engine. */
export async function whyNoOutside(docker: Docker): Promise<string | undefined> {
  const options = (await bridge(docker))?.Options;
  // https://docs.docker.com/engine/network/drivers/bridge/#options
  return options?.['com.docker.network.bridge.enable_icc'] === 'false'
    ? 'the engine keeps the containers of its bridge network apart (icc is false in /etc/docker/daemon.json), so a machine outside cannot reach the node'
    : undefined;
}
