import { expect, test } from '@jest/globals';
import type Docker from 'dockerode';
import { labels, removeContainer, sweep } from './engine.ts';
import { longestRun, ownerOf } from './ownership.ts';

interface FakeContainer {
  readonly name: string;
  readonly owner?: string;
  /** ms since it was created. */
  readonly age?: number;
}

/** A client of an engine with these containers. `removal` is the status code with which the engine refuses to remove one. */
function fakeDocker(containers: readonly FakeContainer[], removal?: number, networks: readonly FakeContainer[] = []) {
  const left = new Map(containers.map((container) => [container.name, container]));
  const failure = (statusCode: number) => Promise.reject(Object.assign(new Error(`status ${statusCode}`), { statusCode }));
  const leftNetworks = new Map(networks.map((network) => [network.name, new Set([`in-${network.name}`])]));
  const docker = {
    listNetworks: () =>
      Promise.resolve(
        networks.map(({ name, owner, age = 0 }) => ({
          Id: name,
          Name: name,
          Labels: { [labels.role]: 'network', ...(owner === undefined ? {} : { [labels.owner]: owner }) },
          Created: new Date(Date.now() - age).toISOString(),
        })),
      ),
    getNetwork: (id: string) => ({
      inspect: () => Promise.resolve({ Containers: Object.fromEntries([...(leftNetworks.get(id) ?? [])].map((name) => [name, {}])) }),
      disconnect: ({ Container }: { Container: string }) => Promise.resolve(leftNetworks.get(id)?.delete(Container)),
      // The engine keeps a network that has containers.
      remove: () => (leftNetworks.get(id)?.size === 0 ? Promise.resolve(leftNetworks.delete(id)) : failure(403)),
    }),
    listContainers: () =>
      Promise.resolve(
        containers.map(({ name, owner, age = 0 }) => ({
          Id: name,
          Names: [`/${name}`],
          Labels: { [labels.role]: 'node', ...(owner === undefined ? {} : { [labels.owner]: owner }) },
          Created: (Date.now() - age) / 1_000,
        })),
      ),
    getContainer: (id: string) => ({
      remove: () => {
        // With 409 another process is removing it.
        left.delete(id);
        return removal === undefined ? Promise.resolve() : failure(removal);
      },
      inspect: () => (left.has(id) ? Promise.resolve({ State: { Status: 'running' } }) : failure(404)),
    }),
  } as unknown as Docker;
  return { docker, left: () => [...left.keys(), ...leftNetworks.keys()] };
}

test('containers of owners that have ended are removed, those of running owners and kept ones stay', async () => {
  const { docker, left } = fakeDocker([
    { name: 'running', owner: ownerOf(process.pid), age: longestRun + 60_000 },
    { name: 'ended', owner: ownerOf(process.pid).replace(/\d+(?=\/[^/]+$)/, '1') },
    { name: 'elsewhere', owner: 'elsewhere/1/1' },
    { name: 'elsewhere-long-ago', owner: 'elsewhere/1/1', age: longestRun + 60_000 },
    { name: 'kept', age: longestRun + 60_000 },
  ]);
  expect(await sweep(docker)).toEqual(['ended', 'elsewhere-long-ago']);
  expect(left()).toEqual(['running', 'elsewhere', 'kept']);
});

test('networks are removed as containers are, although one still has a container', async () => {
  const ended = ownerOf(process.pid).replace(/\d+(?=\/[^/]+$)/, '1');
  const networks = [{ name: 'used', owner: ownerOf(process.pid) }, { name: 'ended', owner: ended }, { name: 'kept' }];
  const { docker, left } = fakeDocker([{ name: 'node', owner: ended }], undefined, networks);
  expect(await sweep(docker)).toEqual(['node', 'ended']);
  expect(left()).toEqual(['used', 'kept']);
});

test('a sweep of other containers removes those that it selects by their labels', async () => {
  const { docker, left } = fakeDocker([{ name: 'mine', owner: ownerOf(process.pid) }, { name: 'kept' }]);
  expect(await sweep(docker, ({ [labels.owner]: owner }) => owner === undefined)).toEqual(['kept']);
  expect(left()).toEqual(['mine']);
});

test.each([404, 409])('a container is removed although the engine answers %i', async (status) => {
  const { docker, left } = fakeDocker([{ name: 'node' }], status);
  await removeContainer(docker, 'node');
  expect(left()).toEqual([]);
});

test('any other refusal to remove a container is thrown', async () => {
  const { docker } = fakeDocker([{ name: 'node' }], 500);
  await expect(removeContainer(docker, 'node')).rejects.toThrow('status 500');
});
