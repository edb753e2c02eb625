import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { registryFiles } from './registries.ts';

const folder = mkdtempSync(join(tmpdir(), 'registries-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const target = '/etc/rancher/k3s/registries.yaml';

test.each([
  ['mirrors', 'mirrors:\n  docker.io:\n    endpoint: ["https://mirror.example"]\n'],
  ['credentials', 'configs:\n  mirror.example:\n    auth: { username: u, password: p }\n'],
  ['both', 'mirrors:\n  "*":\nconfigs:\n  mirror.example:\n    tls: { insecure_skip_verify: true }\n'],
])('a file with %s goes where only k3s reads it', (name, text) => {
  const source = written(name, text);
  expect(registryFiles(source)).toEqual([{ source, target, mode: 0o600 }]);
});

test('the certificates that it names go to the same paths, each once', () => {
  const ca = written('ca.crt', '');
  const key = written('client.key', '');
  const source = written(
    'tls.yaml',
    JSON.stringify({ configs: { a: { tls: { ca_file: ca, key_file: key } }, b: { tls: { ca_file: ca } } } }),
  );
  expect(registryFiles(source).map((it) => [it.source, it.target])).toEqual([
    [source, target],
    [ca, ca],
    [key, key],
  ]);
});

test.each([
  ['a file that does not exist', () => join(folder, 'nowhere.yaml'), 'cannot be read'],
  ['a folder', () => folder, 'cannot be read'],
  ['no YAML', () => written('no.yaml', 'mirrors: [secret'), 'is not YAML'],
  ['an empty file', () => written('empty.yaml', ''), 'is not a registries.yaml'],
  ['a list', () => written('list.yaml', '- secret'), 'is not a registries.yaml'],
  ['no key', () => written('none.yaml', '{}'), 'is not a registries.yaml'],
  ['another key', () => written('other.yaml', 'mirrors: {}\nauths: { a: secret }'), 'is not a registries.yaml'],
  ['a mirror that is no mapping', () => written('flat.yaml', 'mirrors: secret'), 'look at mirrors'],
  [
    'a certificate that is not there',
    () => written('lost.yaml', 'configs: { a: { tls: { ca_file: /nowhere/ca.crt } } }'),
    '/nowhere/ca.crt',
  ],
  ['a certificate by a relative path', () => written('relative.yaml', 'configs: { a: { tls: { ca_file: ca.crt } } }'), 'names ca.crt'],
])('%s is rejected, without its values', (_, path, message) => {
  const reading = () => registryFiles(path());
  expect(reading).toThrow(message);
  expect(reading).not.toThrow('secret');
});
