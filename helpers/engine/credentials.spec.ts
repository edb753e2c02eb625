import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { UsageError } from '../base/usage-error.ts';
import { checkDockerConfig, credentialsFor } from './credentials.ts';
import { startFakeEngine } from './fake-engine.ts';
import { ensureImage } from './images.ts';

const folder = mkdtempSync(join(tmpdir(), 'credentials-'));
const { DOCKER_CONFIG, DOCKER_AUTH_CONFIG } = process.env;
const base64 = (text: string) => Buffer.from(text).toString('base64');

writeFileSync(
  join(folder, 'docker-credential-login'),
  `#!/bin/sh\nread -r registry; echo "{\\"Username\\":\\"helped\\",\\"Secret\\":\\"for $registry\\"}"\n`,
);
writeFileSync(join(folder, 'docker-credential-token'), `#!/bin/sh\nread -r registry; echo '{"Username":"<token>","Secret":"id"}'\n`);
for (const name of ['login', 'token']) chmodSync(join(folder, `docker-credential-${name}`), 0o755);

// testcontainers reads the configuration once, when it loads, which is when credentials are first needed.
writeFileSync(
  join(folder, 'config.json'),
  JSON.stringify({
    auths: {
      'https://index.docker.io/v1/': { auth: base64('hub:pass:word') },
      'registry.example:5000': { auth: base64('me:secret') },
      'token.example': { identitytoken: 'id' },
    },
    credHelpers: { 'helped.example': 'login', 'helped-token.example': 'token', 'lost.example': 'nowhere' },
  }),
);

beforeEach(() => {
  delete process.env.DOCKER_AUTH_CONFIG;
  process.env.DOCKER_CONFIG = folder;
});
afterAll(() => {
  for (const [name, value] of Object.entries({ DOCKER_CONFIG, DOCKER_AUTH_CONFIG })) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
  rmSync(folder, { recursive: true });
});

const hub = { username: 'hub', password: 'pass:word' };
test.each<[string, string, object | undefined]>([
  ['Docker Hub', 'nginx:1.29', hub],
  ['a repository of Docker Hub', 'rancher/k3s:v1.36.3-k3s1', hub],
  ['Docker Hub by its name', 'docker.io/rancher/k3s:v1.36.3-k3s1', hub],
  ['a registry with a port', 'registry.example:5000/nginx:1@sha256:00', { username: 'me', password: 'secret' }],
  ['a registry with an identity token', 'token.example/nginx:1', { identitytoken: 'id' }],
  ['another registry', 'other.example/nginx:1', undefined],
])('the credentials for %s are those of the configuration', async (_, image, credentials) => {
  expect(await credentialsFor(image)).toEqual(credentials);
});

test.each([
  ['helped.example/nginx:1', { username: 'helped', password: 'for helped.example' }],
  ['helped-token.example/nginx:1', { identitytoken: 'id' }],
])('a credential helper of the configuration is asked for %s', (image, credentials) => {
  // In a process of its own: within Jest, programs are looked up in the PATH that Jest was started with.
  const script = `import(process.argv[1]).then(async (it) => console.log(JSON.stringify(await it.credentialsFor('${image}'))))`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script, join(import.meta.dirname, 'credentials.ts')], {
    env: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH ?? ''}` },
  });
  expect(JSON.parse(printed.toString())).toEqual(credentials);
});

/** Pulls an image, and returns the credentials that the engine received with the request, and the printed lines. */
async function pulled(image: string) {
  const { docker, received, close } = await startFakeEngine({
    answer: ({ method }) => (method === 'POST' ? { body: '{"status":"done"}\n' } : undefined),
  });
  const lines: string[] = [];
  await ensureImage(docker, image, (line) => lines.push(line)).finally(close);
  const header = received.find(({ method }) => method === 'POST')?.headers['x-registry-auth'];
  const sent: unknown = typeof header === 'string' ? JSON.parse(Buffer.from(header, 'base64url').toString()) : undefined;
  return { sent, lines };
}

test('they are sent with the request to pull', async () => {
  expect((await pulled('registry.example:5000/nginx:1')).sent).toEqual({ username: 'me', password: 'secret' });
  expect((await pulled('token.example/nginx:1')).sent).toEqual({ identitytoken: 'id' });
});

test('without any, none are sent, and a helper that is missing is reported', async () => {
  expect(await pulled('other.example/nginx:1')).toEqual({ sent: undefined, lines: ['pulling other.example/nginx:1 …'] });
  const { sent, lines } = await pulled('lost.example/nginx:1');
  expect(sent).toBeUndefined();
  expect(lines[1]).toMatch(
    /^the credentials for lost\.example\/nginx:1 cannot be read \(.*docker-credential-nowhere.*\); pulling without$/,
  );
});

test.each(['{"auths": ', 'null', '"auths"'])('a configuration that cannot be read is refused, with its place: %s', (content) => {
  const bad = mkdtempSync(join(folder, 'bad-'));
  writeFileSync(join(bad, 'config.json'), content);
  process.env.DOCKER_CONFIG = bad;
  expect(checkDockerConfig).toThrow(UsageError);
  expect(checkDockerConfig).toThrow(`Docker's configuration in ${join(bad, 'config.json')} cannot be read`);
  process.env.DOCKER_AUTH_CONFIG = content;
  expect(checkDockerConfig).toThrow("Docker's configuration in DOCKER_AUTH_CONFIG cannot be read");
});

test('a good configuration is accepted, and none is needed', () => {
  expect(checkDockerConfig).not.toThrow();
  process.env.DOCKER_CONFIG = join(folder, 'nowhere');
  expect(checkDockerConfig).not.toThrow();
});
