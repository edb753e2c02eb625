import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import { UsageError } from '../usage-error.ts';

async function onHand(docker: Docker, image: string): Promise<boolean> {
  return docker
    .getImage(image)
    .inspect()
    .then(() => true)
    .catch((error: unknown) => {
      if ((error as { statusCode?: number }).statusCode === 404) return false;
      throw error;
    });
}

interface EngineEvent {
  readonly id?: string;
  readonly error?: string;
  readonly progressDetail?: { current?: number; total?: number };
}

/** Waits for the end of what the engine does. Throws what it says went wrong, which may come after its first words. */
export async function follow(docker: Docker, stream: NodeJS.ReadableStream, see: (event: EngineEvent) => void = () => {}): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error) => {
        if (error === null) resolve();
        else reject(error);
      },
      (event: EngineEvent) => {
        if (event.error !== undefined) reject(new Error(event.error));
        see(event);
      },
    );
  });
}

/**
 * Makes sure that the engine has an image; pulls it, saying how far it is, when it has not.
 * Throws a UsageError when it cannot be had.
 */
export async function ensureImage(docker: Docker, image: string, say: (line: string) => void): Promise<void> {
  if (await onHand(docker, image)) return;
  const layers = new Map<string, { current: number; total: number }>();
  let said = Date.now();
  try {
    say(`pulling ${image} …`);
    const stream = await docker.pull(image);
    await follow(docker, stream, ({ id, progressDetail }) => {
      if (id === undefined || progressDetail?.total === undefined) return;
      layers.set(id, { current: progressDetail.current ?? 0, total: progressDetail.total });
      if (Date.now() - said < 2_000) return;
      said = Date.now();
      const sum = (key: 'current' | 'total') => Math.round([...layers.values()].reduce((mb, layer) => mb + layer[key], 0) / 1e6);
      say(`pulling ${image}: ${sum('current')} of ${sum('total')} MB`);
    });
  } catch (error) {
    throw new UsageError(
      `The image ${image} is not in the engine's store and cannot be pulled: ${error instanceof Error ? error.message : String(error)}. ` +
        'Is this machine online, and is the name right? Behind a mirror, name replacements with CONFORMANCE_IMAGES and ' +
        'CONFORMANCE_K3S_IMAGE. On a Debian machine that reaches no registry, .ci/setup builds what it needs.',
    );
  }
}

/** Writes images from the engine's store into one archive that a container runtime can import. */
export async function saveImages(docker: Docker, images: readonly string[], file: string): Promise<void> {
  const query = new URLSearchParams(images.map((image): [string, string] => ['names', image]));
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    docker.modem.dial(
      // docker-modem takes the last character off a path with a query.
      { path: `/images/get?${query}&`, method: 'GET', isStream: true, statusCodes: { 200: true, 404: 'no such image' } },
      (error: unknown, result: unknown) => {
        if (error === null) resolve(result as NodeJS.ReadableStream);
        else reject(new Error(`the engine did not give the images: ${JSON.stringify(error)}`));
      },
    );
  });
  await pipeline(stream, createWriteStream(file));
}

/** Loads such an archive into the engine's store. Throws a UsageError when the file cannot be read, and what the engine says of it. */
export async function loadImages(docker: Docker, file: string): Promise<void> {
  const archive = await open(file).catch((error: unknown) => {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  });
  await follow(docker, await docker.loadImage(archive.createReadStream()));
}
