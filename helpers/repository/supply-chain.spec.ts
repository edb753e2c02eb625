import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import semver from 'semver';
import { root } from '../base/paths.ts';

// Every package and image is pinned. The nightly workflow checks packages for known vulnerabilities, with `npm audit`.

interface Entry {
  readonly version?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
const read = (file: string): unknown => JSON.parse(readFileSync(join(root, file), 'utf8'));
const manifest = read('package.json') as {
  devDependencies: Record<string, string>;
  overrides: Record<string, string>;
  allowScripts: Record<string, boolean>;
};
const { packages } = read('package-lock.json') as { packages: Record<string, Entry> };
const installed = Object.entries(packages).filter(([path]) => path !== '');
const nameOf = (path: string) => path.replace(/^.*node_modules\//, '');

test('package.json names one version of every package', () => {
  const asked = Object.entries({ ...manifest.devDependencies, ...manifest.overrides });
  expect(asked.filter(([, version]) => semver.valid(version) === null)).toEqual([]);
});

test('every package of the lock file has a version and a checksum', () => {
  expect(installed.length).toBeGreaterThan(100);
  expect(installed.filter(([, { version, integrity }]) => version === undefined || !integrity?.startsWith('sha512-'))).toEqual([]);
});

test('the lock file has the optional packages of other platforms, so that it installs on Linux, macOS and Windows', () => {
  const names = new Set(installed.map(([path]) => nameOf(path)));
  const optional = installed.flatMap(([, { optionalDependencies = {} }]) => Object.keys(optionalDependencies));
  for (const platform of ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64'])
    expect(optional.filter((name) => name.includes(platform)).length).toBeGreaterThan(0);
  expect(optional.filter((name) => !names.has(name))).toEqual([]);
});

test('package.json allows or forbids the install script of every package that has one', () => {
  const scripted = installed.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => nameOf(path));
  expect(scripted.length).toBeGreaterThan(0);
  expect(scripted.filter((name) => !(name in manifest.allowScripts))).toEqual([]);
});

const recipes = globSync(['manifests/**/Dockerfile'], { cwd: root }).sort();
test.each(recipes)('%s names every image by a tag with a full version, and a digest only after such a tag', (file) => {
  const images = [...readFileSync(join(root, file), 'utf8').matchAll(/^FROM (\S+)/gm)].map(([, image = '']) => image);
  expect(images.length).toBeGreaterThan(0);
  for (const image of images) expect(image).toMatch(/^\S+:v?\d+\.\d+(\.\d+)?[^\s:@]*(@sha256:[0-9a-f]{64})?$/);
});
