import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';

// The limit of a handshake is that of a command, which is short here.
process.env.CONFORMANCE_TIMEOUT_MULTIPLIER = '0.01';
const { kubeConfig, openKube } = await import('./api.ts');
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

const before = process.env.KUBECONFIG;
afterEach(() => {
  if (before === undefined) delete process.env.KUBECONFIG;
  else process.env.KUBECONFIG = before;
});

/** Sets KUBECONFIG to files of these names in a new folder, and writes those that have a text. Returns the folder. */
function kubeconfigs(files: Record<string, string | undefined>): string {
  const folder = mkdtempSync(join(tmpdir(), 'api-'));
  for (const [name, text] of Object.entries(files)) if (text !== undefined) writeFileSync(join(folder, name), text);
  process.env.KUBECONFIG = Object.keys(files)
    .map((name) => join(folder, name))
    .join(delimiter);
  return folder;
}

/** Returns a kubeconfig whose entries are named `default` and `name`; its current context is `name`. */
function textOf(name: string): string {
  const names = ['default', name];
  return JSON.stringify({
    clusters: names.map((it) => ({ name: it, cluster: { server: `https://${name}.example:6443`, 'certificate-authority': 'ca.crt' } })),
    users: names.map((it) => ({ name: it, user: { token: name } })),
    contexts: names.map((it) => ({ name: it, context: { cluster: it, user: it, namespace: name } })),
    'current-context': name,
  });
}

test('of several files in KUBECONFIG, the first entry of each name counts, as for kubectl', () => {
  const folder = kubeconfigs({ one: textOf('one'), two: textOf('two') });
  const config = kubeConfig({});
  expect(config.getCurrentContext()).toBe('one');
  expect(config.getContexts().map(({ name, namespace }) => [name, namespace])).toEqual([
    ['default', 'one'],
    ['one', 'one'],
    ['two', 'two'],
  ]);
  expect(config.getCluster('default')).toMatchObject({ server: 'https://one.example:6443', caFile: join(folder, 'ca.crt') });
  expect(kubeConfig({ context: 'two' }).getCurrentUser()).toMatchObject({ name: 'two', token: 'two' });
  rmSync(folder, { recursive: true });
});

test('a missing file in KUBECONFIG is ignored, unless all are missing', () => {
  const folder = kubeconfigs({ missing: undefined, two: textOf('two') });
  expect(kubeConfig({}).getCurrentCluster()?.server).toBe('https://two.example:6443');
  rmSync(folder, { recursive: true });
  expect(() => kubeConfig({})).toThrow('no such file');
});

test("the cluster of a named context has the environment's proxy, unless it has one or none is named", () => {
  const folder = kubeconfigs({ one: textOf('one') });
  const own = { name: 'own', cluster: { server: 'https://own.example', 'proxy-url': 'http://own:1' } };
  const context = { name: 'own', context: { cluster: 'own', user: 'own' } };
  writeFileSync(join(folder, 'own'), JSON.stringify({ clusters: [own], contexts: [context], users: [] }));
  process.env.HTTPS_PROXY = 'http://proxy.example:3128';
  try {
    expect(kubeConfig({ context: 'one' }).getCluster('one')?.proxyUrl).toBe('http://proxy.example:3128');
    expect(kubeConfig({ context: 'one' }).getCluster('default')?.proxyUrl).toBeUndefined();
    expect(kubeConfig({ context: 'own', kubeconfig: join(folder, 'own') }).getCurrentCluster()?.proxyUrl).toBe('http://own:1');
    expect(kubeConfig({}).getCurrentCluster()?.proxyUrl).toBeUndefined();
  } finally {
    delete process.env.HTTPS_PROXY;
    rmSync(folder, { recursive: true });
  }
});
