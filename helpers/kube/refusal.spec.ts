import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../base/message-of.ts';
import { openKube } from './api.ts';
import { refusal } from './refusal.ts';

// An API server that answers every request with what the test has set.
let answer = { status: 200, body: '' };
const server = createServer((_, response) => {
  response.writeHead(answer.status, { 'Content-Type': 'application/json', Audit: 'Id' }).end(answer.body);
});
const folder = mkdtempSync(join(tmpdir(), 'refusal-'));
const kubeconfig = join(folder, 'kubeconfig');

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'c', skipTLSVerify: true, server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    { name: 'u' },
  );
  writeFileSync(kubeconfig, config.exportConfig());
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

async function refused(status: number, body: string): Promise<unknown> {
  answer = { status, body };
  return openKube({ kubeconfig })
    .core.listNamespacedPod({ namespace: 'n' })
    .then(
      () => undefined,
      (error: unknown) => error,
    );
}

test('a refused request is one line with the message of the server, and not the whole exchange', async () => {
  const error = await refused(403, JSON.stringify({ kind: 'Status', code: 403, message: 'pods "web" is forbidden:\n  exceeded quota' }));
  expect(messageOf(error)).toBe('the API server answered 403: pods "web" is forbidden: exceeded quota');
  expect(refusal(error)).toEqual({ code: 403, message: 'pods "web" is forbidden:\n  exceeded quota' });
});

test('what is no Status is the message itself', async () => {
  expect(messageOf(await refused(502, 'bad gateway'))).toBe('the API server answered 502: bad gateway');
});

test('a request that is not refused returns its object, and another error is thrown again', async () => {
  answer = { status: 200, body: JSON.stringify({ kind: 'PodList', items: [{ metadata: { name: 'web' } }] }) };
  const { items } = await openKube({ kubeconfig }).core.listNamespacedPod({ namespace: 'n' });
  expect(items.map(({ metadata }) => metadata?.name)).toEqual(['web']);
  const lost = new Error('connection lost');
  expect(() => refusal(lost)).toThrow(lost);
});
