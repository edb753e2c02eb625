import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import type Docker from 'dockerode';
import { UsageError } from '../base/usage-error.ts';
import { connect } from './engine.ts';
import { startFakeEngine } from './fake-engine.ts';
import { ensureImage, loadImages, saveImages } from './images.ts';

// An engine that accepts every request and answers with the lines of `answer`.
let answer: object[] = [];
let received = 0;
const engine = createServer((request, response) => {
  void buffer(request).then(({ length }) => {
    received = length;
    response.end(answer.map((line) => `${JSON.stringify(line)}\n`).join(''));
  });
});
let docker: Docker;

beforeAll(async () => {
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
  docker = connect({ host: '127.0.0.1', port: (engine.address() as AddressInfo).port, protocol: 'http' });
});
afterAll(() => {
  engine.close();
});

test('an archive is sent to the engine whole', async () => {
  answer = [{ stream: 'Loaded image: nginx:1\n' }];
  await loadImages(docker, import.meta.filename);
  expect(received).toBe(statSync(import.meta.filename).size);
});

test('an error that the engine reports after a good start is thrown', async () => {
  answer = [{ status: 'Loading layer' }, { errorDetail: { message: 'no space left' }, error: 'no space left' }];
  await expect(loadImages(docker, import.meta.filename)).rejects.toThrow('no space left');
});

test('a missing file is named', async () => {
  const loading = loadImages(docker, '/nowhere/images.tar');
  await expect(loading).rejects.toBeInstanceOf(UsageError);
  await expect(loading).rejects.toThrow('/nowhere/images.tar cannot be read');
});

/** Saves images of these platforms from an engine, and returns the query of its export, and the file's content. */
async function saved(platforms: Readonly<Record<string, object>>) {
  const exported = Buffer.from('an archive');
  const fake = await startFakeEngine({
    answer: ({ url }) => {
      if (url.pathname === '/images/get') return { body: exported };
      const image = platforms[url.pathname.slice('/images/'.length, -'/json'.length)];
      return image === undefined ? undefined : { body: image };
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'images-'));
  const file = join(folder, 'images.tar');
  try {
    await saveImages(fake.docker, Object.keys(platforms), file);
    expect(readFileSync(file)).toEqual(exported);
  } finally {
    fake.close();
    rmSync(folder, { recursive: true });
  }
  const query = fake.received.find(({ url }) => url.pathname === '/images/get')?.url.searchParams;
  return { names: query?.getAll('names'), platforms: query?.getAll('platform') };
}

test('an export has one platform, that of the images in the store', async () => {
  const image = { Os: 'linux', Architecture: 'arm64', Variant: 'v8' };
  expect(await saved({ 'nginx:1': image, 'registry.example:5000/a/b:2': image })).toEqual({
    names: ['nginx:1', 'registry.example:5000/a/b:2'],
    platforms: ['{"os":"linux","architecture":"arm64","variant":"v8"}'],
  });
});

test('images of several platforms are exported with each, and an empty variant is left out', async () => {
  const platforms = {
    'a:1': { Os: 'linux', Architecture: 'amd64', Variant: '' },
    'b:1': { Os: 'linux', Architecture: 'arm', Variant: 'v7' },
  };
  expect((await saved(platforms)).platforms).toEqual([
    '{"os":"linux","architecture":"amd64"}',
    '{"os":"linux","architecture":"arm","variant":"v7"}',
  ]);
});

test('an image that the engine lacks is an error', async () => {
  const fake = await startFakeEngine();
  await expect(saveImages(fake.docker, ['none:1'], '/nowhere/images.tar').finally(fake.close)).rejects.toThrow('there is none');
});

afterEach(() => {
  jest.restoreAllMocks();
});

interface PullEvent {
  readonly id?: string;
  readonly error?: string;
  readonly progressDetail?: { current: number; total: number };
}

/** A client of an engine that has an image or pulls it with these events, one a second. */
function fakeDocker({ has = false, events = [] }: { has?: boolean; events?: readonly PullEvent[] }) {
  const pull = jest.fn((image: string) => Promise.resolve({ image }));
  const followProgress = (_: unknown, done: (error: null) => void, onEvent: (event: PullEvent) => void) => {
    let now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now);
    for (const event of events) {
      now += 1_000;
      onEvent(event);
    }
    clock.mockRestore();
    done(null);
  };
  const inspect = () => (has ? Promise.resolve({}) : Promise.reject(Object.assign(new Error('no such image'), { statusCode: 404 })));
  return { docker: { getImage: () => ({ inspect }), pull, modem: { followProgress } } as unknown as Docker, pull };
}

test('an image that the engine has is not pulled', async () => {
  const { docker: fake, pull } = fakeDocker({ has: true });
  const lines: string[] = [];
  await ensureImage(fake, 'nginx:1', (line) => lines.push(line));
  expect(pull).not.toHaveBeenCalled();
  expect(lines).toEqual([]);
});

test('a pull prints a line at its start and then the megabytes of all layers, at most every 2 s', async () => {
  const layer = (id: string, current: number): PullEvent => ({ id, progressDetail: { current: current * 1e6, total: 50e6 } });
  const { docker: fake, pull } = fakeDocker({ events: [layer('a', 10), layer('b', 20), { id: 'b' }, layer('b', 50), layer('a', 50)] });
  const lines: string[] = [];
  await ensureImage(fake, 'nginx:1', (line) => lines.push(line));
  expect(pull.mock.calls[0]?.[0]).toBe('nginx:1');
  expect(lines).toEqual(['pulling nginx:1 …', 'pulling nginx:1: 30 of 100 MB', 'pulling nginx:1: 60 of 100 MB']);
});

test('an error among the events of a pull becomes a UsageError that names the image and the cause', async () => {
  const { docker: fake } = fakeDocker({ events: [{ id: 'a' }, { error: 'manifest unknown' }] });
  const pulling = ensureImage(fake, 'nginx:none', () => {});
  await expect(pulling).rejects.toBeInstanceOf(UsageError);
  await expect(pulling).rejects.toThrow(/The image nginx:none is not in the engine's store and cannot be pulled: manifest unknown\./);
});
