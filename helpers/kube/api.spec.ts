import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

// The limit of a handshake is that of a command, which is short here.
process.env.CONFORMANCE_TIMEOUT_MULTIPLIER = '0.01';
const { openKube } = await import('./api.ts');
const { openShell } = await import('./shell.ts');

test('a server that accepts connections and is silent does not keep an exec', async () => {
  const open = new Set<Socket>();
  const server = createServer((socket) => open.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'api-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const clusters = [{ name: 'c', cluster: { server: `https://127.0.0.1:${(server.address() as AddressInfo).port}` } }];
  const contexts = [{ name: 'x', context: { cluster: 'c', user: 'u' } }];
  const config = { apiVersion: 'v1', kind: 'Config', clusters, contexts, users: [{ name: 'u', user: {} }], 'current-context': 'x' };
  writeFileSync(kubeconfig, JSON.stringify(config));
  try {
    await expect(openShell(openKube({ kubeconfig }), 'n', 'pod', 'agnhost')).rejects.toThrow(
      'no shell in n/pod: Opening handshake has timed out',
    );
  } finally {
    for (const socket of open) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  }
});
