import { statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type Docker from 'dockerode';
import { UsageError } from '../usage-error.ts';
import { connect } from './engine.ts';
import { loadImages } from './images.ts';

// An engine that takes whatever it is given and answers as it is told to, in lines, as engines do.
let answer: object[] = [];
let given = 0;
const engine = createServer((request, response) => {
  void buffer(request).then(({ length }) => {
    given = length;
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
  expect(given).toBe(statSync(import.meta.filename).size);
});

test('what the engine says went wrong is thrown, though it had begun well', async () => {
  answer = [{ status: 'Loading layer' }, { errorDetail: { message: 'no space left' }, error: 'no space left' }];
  await expect(loadImages(docker, import.meta.filename)).rejects.toThrow('no space left');
});

test('a file that is not there is named', async () => {
  const loading = loadImages(docker, '/nowhere/images.tar');
  await expect(loading).rejects.toBeInstanceOf(UsageError);
  await expect(loading).rejects.toThrow('/nowhere/images.tar cannot be read');
});
