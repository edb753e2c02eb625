import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { z } from 'zod';
import { cacheFolder } from '../base/cache-folder.ts';
import { firstLineOf } from '../base/message-of.ts';
import { quote } from '../base/quote.ts';
import { timeouts } from '../base/timeouts.ts';
import { writeWhole } from '../base/write-whole.ts';
import { scriptInContainer } from './engine.ts';

// Images that a node pulls by itself, such as k3s' CoreDNS and pause, are not in the engine's store. They are kept in a folder of the user, so
// that the next node of the same image starts without a network.

/** Returns the folder where they are kept: an archive and a list of names for each node image. */
export function nodeImagesFolder(): string {
  return join(cacheFolder(), 'node-images');
}

/** Returns the path of a node image's archive without its extension. Image names never differ in the replaced characters alone. */
function placeOf(nodeImage: string): string {
  return join(nodeImagesFolder(), nodeImage.replaceAll(/[^\w.-]/g, '_'));
}

/** What is written beside an archive. Earlier versions wrote the names alone. */
const listFormat = z.union([
  z.object({ names: z.array(z.string()), sha256: z.string() }),
  z.array(z.string()).transform((names) => ({ names, sha256: undefined })),
]);

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Returns why a file is no whole archive of images, or undefined when it is one. */
async function flawOf(archive: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('tar', ['-tf', archive], { maxBuffer: 100_000_000 });
    const files = stdout.split('\n');
    // A runtime needs both files of an OCI layout, or the one of Docker.
    if (!files.includes('manifest.json') && !(files.includes('index.json') && files.includes('oci-layout'))) return 'it has no index';
    // tar accepts an archive without the two empty blocks at its end.
    const end = Buffer.alloc(1024, 1);
    const file = await open(archive);
    await file.read(end, 0, end.length, (await file.stat()).size - end.length).finally(() => file.close());
    return end.every((byte) => byte === 0) ? undefined : 'its end is missing';
  } catch (error) {
    return firstLineOf((error as { stderr?: string }).stderr || error);
  }
}

/**
 * Returns the archive kept for a node image and the names in it; undefined when there is none. One that cannot be read, or that is not the one that was
 * kept, is removed, and a line says so with `say`.
 */
export async function keptImages(
  nodeImage: string,
  say: (line: string) => void,
): Promise<{ archive: string; names: string[] } | undefined> {
  const place = placeOf(nodeImage);
  const [archive, list] = [`${place}.tar`, `${place}.json`];
  if (!existsSync(archive) && !existsSync(list)) return undefined;
  let flaw: string | undefined;
  try {
    const { names, sha256 } = listFormat.parse(JSON.parse(readFileSync(list, 'utf8')));
    if (sha256 === undefined) flaw = await flawOf(archive);
    else if ((await sha256Of(archive)) !== sha256) flaw = 'its content has changed since then';
    if (flaw === undefined) return { archive, names };
  } catch (error) {
    flaw = firstLineOf(error instanceof z.ZodError ? `${list} is no list of names` : error);
  }
  for (const file of [archive, list]) rmSync(file, { force: true });
  say(`removed ${archive}, the images kept for runs without a network, because it cannot be used (${flaw}); the node pulls them again`);
  return undefined;
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
 * Copies a file out of a container. Throws when the engine does not send it whole: `bytes` is its size in the container.
 * Unlike the output of a command, the engine sends an archive of a file whole or ends the connection with an error.
 */
export async function copyOut(
  docker: Docker,
  container: string,
  { from, bytes }: { from: string; bytes: number },
  to: string,
): Promise<void> {
  const stream = await docker.getContainer(container).getArchive({ path: from });
  const tar = spawn('tar', ['-x', '-O', '-f', '-'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const notStarted = once(tar, 'error').then(([error]) => Promise.reject(error as Error));
  await Promise.race([notStarted, Promise.all([pipeline(stream, tar.stdin), pipeline(tar.stdout, createWriteStream(to))])]);
  const { size } = statSync(to);
  if (size !== bytes) throw new Error(`${from} has ${bytes} bytes in the container, and ${size} arrived`);
}

/**
 * Keeps the images that a node has pulled by itself for the next node of the same image, and returns the names that were not kept before.
 * Throws when the node cannot export them, the archive does not arrive whole or the folder cannot be written; the images kept before then stay as
 * they were. Prints with `say` as keptImages does.
 */
export async function keepImages(
  docker: Docker,
  container: string,
  { nodeImage, given, say }: { nodeImage: string; given: readonly string[]; say: (line: string) => void },
): Promise<string[]> {
  const onNode = (script: string) => scriptInContainer(docker, container, script, { limit: timeouts.podsReady });
  // ctr prints warnings to stderr.
  const names = fetchedImages(await onNode(`${ctr} images list --quiet 2>/dev/null`), given);
  const kept = (await keptImages(nodeImage, say))?.names ?? [];
  const fresh = names.filter((name) => !kept.includes(name));
  if (fresh.length === 0) return [];
  mkdirSync(nodeImagesFolder(), { recursive: true });
  const place = placeOf(nodeImage);
  const partial = `${place}.${process.pid}.partial`;
  // Not below /run, which is a tmpfs: the engine does not copy out of one.
  const exported = '/tmp/kept-images.tar';
  try {
    // The ctr of containerd 2 exports through the transfer service and may end before it has written everything, with exit code 0.
    const local = `$(${ctr} images export --help | grep -q -e --local && echo --local)`;
    await onNode(`${ctr} images export ${local} ${exported} ${names.map(quote).join(' ')}`);
    const bytes = Number(await onNode(`wc -c <${exported}`));
    await copyOut(docker, container, { from: exported, bytes }, partial);
    const flaw = await flawOf(partial);
    if (flaw !== undefined) throw new Error(`the node exported an archive that cannot be read: ${flaw}`);
    const sha256 = await sha256Of(partial);
    renameSync(partial, `${place}.tar`);
    writeWhole(`${place}.json`, `${JSON.stringify({ names, sha256 })}\n`);
  } finally {
    rmSync(partial, { force: true });
    // A kept cluster goes on without it; if the node is gone, so is the file.
    await onNode(`rm -f ${exported}`).catch(() => undefined);
  }
  return fresh;
}
