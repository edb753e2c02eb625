import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type Docker from 'dockerode';
import { z } from 'zod';
import { timeouts } from '../base/timeouts.ts';
import { writeWhole } from '../base/write-whole.ts';
import { execInContainer, scriptInContainer } from './engine.ts';

// Images that a node pulls by itself, such as k3s' CoreDNS and pause, are not in the engine's store. They are kept in a folder of the user, so
// that the next node of the same image starts without a network.

/** Returns the folder where they are kept: an archive and a list of names for each node image. */
export function nodeImagesFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'clusterip-conformance/node-images');
}

/** Returns the path of a node image's archive without its extension. Image names never differ in the replaced characters alone. */
function placeOf(nodeImage: string): string {
  return join(nodeImagesFolder(), nodeImage.replaceAll(/[^\w.-]/g, '_'));
}

/** Returns the archive kept for a node image and the names in it; undefined when there is none that can be read. */
export function keptImages(nodeImage: string): { archive: string; names: string[] } | undefined {
  const place = placeOf(nodeImage);
  try {
    const names = z.array(z.string()).parse(JSON.parse(readFileSync(`${place}.json`, 'utf8')));
    return existsSync(`${place}.tar`) ? { archive: `${place}.tar`, names } : undefined;
  } catch {
    return undefined;
  }
}

// The socket of k3s' containerd. The ctr of k3s accepts both arguments without needing them.
const ctr = 'ctr --address /run/k3s/containerd/containerd.sock --namespace k8s.io';

/** Returns the full names of the images that a node lists beyond those it was given. */
export function fetchedImages(listed: string, given: readonly string[]): string[] {
  const endings = given.map((image) => `/${image}`);
  return listed
    .split('\n')
    .filter((name) => name !== '' && !name.includes('@') && !name.startsWith('sha256:'))
    .filter((name) => !given.includes(name) && !endings.some((ending) => name.endsWith(ending)))
    .sort();
}

/**
 * Keeps the images that a node has pulled by itself for the next node of the same image, and returns the names that were not kept before.
 * Throws when the node cannot export them or the folder cannot be written; the images kept before then stay as they were.
 */
export async function keepImages(docker: Docker, container: string, nodeImage: string, given: readonly string[]): Promise<string[]> {
  // ctr prints warnings to stderr.
  const names = fetchedImages(
    await scriptInContainer(docker, container, `${ctr} images list --quiet 2>/dev/null`, timeouts.command),
    given,
  );
  const kept = keptImages(nodeImage)?.names ?? [];
  const fresh = names.filter((name) => !kept.includes(name));
  if (fresh.length === 0) return [];
  mkdirSync(nodeImagesFolder(), { recursive: true });
  const place = placeOf(nodeImage);
  const partial = `${place}.${process.pid}.partial`;
  try {
    const file = createWriteStream(partial);
    const command = `${ctr} images export - ${names.join(' ')}`.split(' ');
    const { exitCode, output } = await execInContainer(docker, container, command, { stdout: file, limit: timeouts.podsReady });
    file.end();
    await finished(file);
    if (exitCode !== 0) throw new Error(output.trim());
    renameSync(partial, `${place}.tar`);
    writeWhole(`${place}.json`, `${JSON.stringify(names)}\n`);
  } finally {
    rmSync(partial, { force: true });
  }
  return fresh;
}
