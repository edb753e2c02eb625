import { afterEach, expect, test } from '@jest/globals';
import { UsageError } from '../base/usage-error.ts';
import { type EngineFeatures, refuseUnfitEngine, whyNoOutside } from './engine-preflight.ts';
import { startFakeEngine } from './fake-engine.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** An engine on Linux that reports these parts about itself. */
async function engineWith({
  info = {},
  component = 'Engine',
  bridge = {},
}: {
  info?: object;
  component?: string;
  bridge?: Record<string, string> | 'none';
}) {
  const answers: Record<string, object> = {
    '/info': { OSType: 'linux', SecurityOptions: ['name=seccomp,profile=default', 'name=cgroupns'], ...info },
    '/version': { Components: [{ Name: component }] },
    ...(bridge === 'none' ? {} : { '/networks/bridge': { Options: bridge } }),
  };
  const { docker, close } = await startFakeEngine({
    answer: ({ url }) => {
      const body = answers[url.pathname];
      return body === undefined ? undefined : { body };
    },
  });
  closing.push(close);
  return docker;
}

test.each([
  ['Docker', {}],
  ['Docker without security options', { info: { SecurityOptions: null } }],
  ['Docker that keeps containers apart', { bridge: { 'com.docker.network.bridge.enable_icc': 'false' } }],
])('%s can run a node', async (_, engine) => {
  const docker = await engineWith(engine);
  await expect(refuseUnfitEngine(docker, (await docker.info()) as EngineFeatures)).resolves.toBeUndefined();
});

test.each<[string, Parameters<typeof engineWith>[0], string]>([
  ['rootless', { info: { SecurityOptions: ['name=seccomp,profile=builtin', 'name=rootless'] } }, 'docker context use default'],
  ['that maps users', { info: { SecurityOptions: ['name=userns'] } }, 'Remove "userns-remap"'],
  ['of Windows containers', { info: { OSType: 'windows' } }, 'Switch Docker Desktop to Linux containers'],
  ['Podman', { component: 'Podman Engine' }, 'Start Docker Desktop'],
  ['without its bridge network', { bridge: 'none' }, 'Remove "bridge": "none"'],
])('an engine %s is refused, with what to do', async (_, engine, remedy) => {
  const docker = await engineWith(engine);
  await expect(refuseUnfitEngine(docker, (await docker.info()) as EngineFeatures)).rejects.toBeInstanceOf(UsageError);
  await expect(refuseUnfitEngine(docker, (await docker.info()) as EngineFeatures)).rejects.toThrow(remedy);
});

test.each([
  [{}, undefined],
  [{ 'com.docker.network.bridge.enable_icc': 'true' }, undefined],
  [{ 'com.docker.network.bridge.enable_icc': 'false' }, expect.stringContaining('icc is false')],
])('a machine outside is possible unless the bridge keeps containers apart: %j', async (bridge, why) => {
  expect(await whyNoOutside(await engineWith({ bridge }))).toEqual(why);
});
