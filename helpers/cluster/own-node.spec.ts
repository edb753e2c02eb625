import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type Docker from 'dockerode';
import { UsageError } from '../base/usage-error.ts';
import { labels } from '../engine/engine.ts';
import { ownerOf } from '../engine/ownership.ts';
import { noDemands } from '../kube/pods.ts';
import { type Engine, keptContainer, keptNode, otherRun, removeStarted } from './own-node.ts';
import type { Settings } from './settings.ts';

const me = ownerOf(process.pid);

type Labels = Readonly<Record<string, string>>;

/** A client of an engine whose nodes, by name, are those of `nodesAt` at each listing; a removed one is gone. */
function fakeDocker(nodesAt: (listing: number) => Readonly<Record<string, Labels>>) {
  const removed: string[] = [];
  let listings = 0;
  const docker = {
    listContainers: ({ filters }: { filters: { label: string[] } }) => {
      const nodes = Object.entries(nodesAt(++listings)).filter(([name]) => !removed.includes(name));
      const containers = nodes.map(([Id, Labels]) => ({
        Id,
        Names: [`/${Id}`],
        Created: 0,
        Ports: [],
        Labels: { [labels.role]: 'node', ...Labels },
      }));
      const has = (found: Labels, [key = '', value = found[key]]: string[]) => key in found && found[key] === value;
      return Promise.resolve(containers.filter(({ Labels }) => filters.label.every((label) => has(Labels, label.split('=')))));
    },
    listNetworks: () => Promise.resolve([]),
    getContainer: (id: string) => ({
      remove: () => Promise.resolve(removed.push(id)),
      inspect: () => Promise.reject(Object.assign(new Error('no such container'), { statusCode: 404 })),
    }),
  } as unknown as Docker;
  return { docker, removed, listings: () => listings };
}

test('a node that the engine is still creating is awaited and removed, although it is to be kept', async () => {
  const { docker, removed, listings } = fakeDocker((listing) => (listing < 3 ? {} : { mine: { [labels.starter]: me } }));
  await removeStarted(docker, me, () => listings() < 2);
  expect([removed, listings()]).toEqual([['mine'], 3]);
});

test('a second node that the engine creates while the first one is removed is removed too', async () => {
  const mine = { [labels.starter]: me };
  const { docker, removed, listings } = fakeDocker((listing) => (listing < 3 ? { first: mine } : { first: mine, second: mine }));
  await removeStarted(docker, me, () => listings() < 2);
  expect(removed).toEqual(['first', 'second']);
});

test('a node that could not be created is not awaited', async () => {
  const { docker, removed, listings } = fakeDocker(() => ({}));
  await removeStarted(docker, me, () => false);
  expect([removed, listings()]).toEqual([[], 1]);
});

test('a node that was created during a listing, just before the start failed, is removed', async () => {
  let creating = true;
  const { docker, removed } = fakeDocker((listing) => {
    creating = false;
    return listing === 1 ? {} : { mine: { [labels.starter]: me } };
  });
  await removeStarted(docker, me, () => creating);
  expect(removed).toEqual(['mine']);
});

test('the nodes of other processes and kept ones stay', async () => {
  const nodes = { mine: { [labels.starter]: me }, other: { [labels.starter]: 'elsewhere/1/1' }, kept: {} };
  const { docker, removed } = fakeDocker(() => nodes);
  await removeStarted(docker, me, () => false);
  expect(removed).toEqual(['mine']);
});

test.each([
  ['of this machine', `${hostname()}/42/1`, 'process 42'],
  ['of another machine', 'elsewhere/42/1', 'process 42 of elsewhere'],
])('another run %s is named by its process; a kept cluster is no run', async (_, owner, name) => {
  const { docker } = fakeDocker(() => ({ kept: {}, other: { [labels.owner]: owner } }));
  expect(await otherRun(docker)).toBe(name);
  expect((await keptContainer(docker))?.Id).toBe('kept');
  expect(await otherRun(fakeDocker(() => ({ kept: {} })).docker)).toBeUndefined();
});

test('a kept cluster that was started with other settings is refused, with both settings', async () => {
  const { docker } = fakeDocker(() => ({ kept: { [labels.settings]: 'rancher/k3s:v1 ' } }));
  const container = await keptContainer(docker);
  if (container === undefined) throw new Error('the fake engine has a kept node');
  const engine: Engine = { docker, address: {}, host: 'localhost' };
  const settings: Settings = {
    nodeImage: 'rancher/k3s:v1',
    why: '',
    nodes: 1,
    k3sArgs: ['--disable=servicelb'],
    images: {},
    demands: noDemands,
    keep: false,
    allowed: [],
    statedDefaults: [],
  };
  const opening = keptNode(engine, container, settings);
  await expect(opening).rejects.toBeInstanceOf(UsageError);
  await expect(opening).rejects.toThrow(/started with: .*rancher\/k3s:v1 \n.*requested now: .*--disable=servicelb/);
});

test('a kept cluster that was started with another registries.yaml is refused, without its content', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'own-node-'));
  const registries = join(folder, 'registries.yaml');
  writeFileSync(registries, 'configs: { a: { auth: { password: secret } } }');
  const { docker } = fakeDocker(() => ({ kept: { [labels.settings]: 'rancher/k3s:v1' } }));
  const container = await keptContainer(docker);
  if (container === undefined) throw new Error('the fake engine has a kept node');
  const settings: Settings = {
    nodeImage: 'rancher/k3s:v1',
    why: '',
    nodes: 1,
    k3sArgs: [],
    images: {},
    demands: noDemands,
    keep: false,
    allowed: [],
    statedDefaults: [],
    registries,
  };
  const opening = keptNode({ docker, address: {}, host: 'localhost' }, container, settings);
  await expect(opening).rejects.toThrow(/requested now: rancher\/k3s:v1 registries.yaml:[0-9a-f]{12}\n/);
  await expect(opening).rejects.not.toThrow('secret');
  rmSync(folder, { recursive: true });
});
