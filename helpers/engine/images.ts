import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import { messageOf } from '../base/message-of.ts';
import { UsageError } from '../base/usage-error.ts';
import { credentialsFor } from './credentials.ts';

async function inStore(docker: Docker, image: string): Promise<boolean> {
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

/** Waits until the engine has finished, and passes each event to `onEvent`. Throws the error that the engine reports, at once or among its events. */
export async function follow(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  onEvent: (event: EngineEvent) => void = () => {},
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error) => {
        if (error === null) resolve();
        else reject(error);
      },
      (event: EngineEvent) => {
        if (event.error !== undefined) reject(new Error(event.error));
        onEvent(event);
      },
    );
  });
}

/** ms between two lines of progress. */
const betweenReports = 2_000;

/**
 * Pulls an image unless the engine has it, with the credentials of the user's Docker configuration, and prints the progress with `say`.
 * Throws a UsageError when it cannot be pulled.
 */
export async function ensureImage(docker: Docker, image: string, say: (line: string) => void): Promise<void> {
  if (await inStore(docker, image)) return;
  const layers = new Map<string, { current: number; total: number }>();
  try {
    say(`pulling ${image} …`);
    const authconfig = await credentialsFor(image).catch((error: unknown) => {
      // A public image needs none.
      say(`the credentials for ${image} cannot be read (${messageOf(error)}); pulling without`);
      return undefined;
    });
    const stream = await docker.pull(image, { authconfig });
    let reported = Date.now();
    await follow(docker, stream, ({ id, progressDetail }) => {
      if (id === undefined || progressDetail?.total === undefined) return;
      layers.set(id, { current: progressDetail.current ?? 0, total: progressDetail.total });
      if (Date.now() - reported < betweenReports) return;
      reported = Date.now();
      const sum = (key: 'current' | 'total') => Math.round([...layers.values()].reduce((mb, layer) => mb + layer[key], 0) / 1e6);
      say(`pulling ${image}: ${sum('current')} of ${sum('total')} MB`);
    });
  } catch (error) {
    throw new UsageError(
      `The image ${image} is not in the engine's store and cannot be pulled: ${messageOf(error)}. ` +
        'Is this machine online, is the name right, and does the registry need `docker login`? Behind a mirror, name replacements with CONFORMANCE_IMAGES and ' +
        'CONFORMANCE_K3S_IMAGE. On a Debian machine that reaches no registry, .ci/setup builds what it needs.',
    );
  }
}

/** Returns the platforms of images in the engine's store, each once, as the engine's API names them: JSON with os, architecture and perhaps variant. */
async function platformsOf(docker: Docker, images: readonly string[]): Promise<string[]> {
  const platforms = await Promise.all(
    images.map(async (image) => {
      const { Os, Architecture, Variant } = (await docker.getImage(image).inspect()) as Docker.ImageInspectInfo & { Variant?: string };
      return JSON.stringify({
        os: Os,
        architecture: Architecture,
        ...(Variant === undefined || Variant === '' ? {} : { variant: Variant }),
      });
    }),
  );
  return [...new Set(platforms)];
}

/**
 * Writes images from the engine's store into one archive that a container runtime can import. The archive has one platform of each image: with Docker's
 * containerd image store it would otherwise list platforms that were never pulled, and a runtime that imports all of them fails. Engines before API 1.48
 * ignore the request. Throws when the engine lacks one of the images.
 * https://docs.docker.com/reference/api/engine/version-history/#v148-api-changes
 */
export async function saveImages(docker: Docker, images: readonly string[], file: string): Promise<void> {
  const parameters = [
    ...images.map((image): [string, string] => ['names', image]),
    ...(await platformsOf(docker, images)).map((platform): [string, string] => ['platform', platform]),
  ];
  const query = new URLSearchParams(parameters);
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    docker.modem.dial(
      // docker-modem removes the last character of a path with a query.
      { path: `/images/get?${query}&`, method: 'GET', isStream: true, statusCodes: { 200: true, 404: 'no such image' } },
      (error: unknown, result: unknown) => {
        if (error === null) resolve(result as NodeJS.ReadableStream);
        else reject(new Error(`the engine did not export the images: ${JSON.stringify(error)}`));
      },
    );
  });
  await pipeline(stream, createWriteStream(file));
}

/** Loads such an archive into the engine's store. Throws a UsageError when the file cannot be read, and the error that the engine reports. */
export async function loadImages(docker: Docker, file: string): Promise<void> {
  const archive = await open(file).catch((error: unknown) => {
    throw new UsageError(`${file} cannot be read: ${messageOf(error)}`);
  });
  await follow(docker, await docker.loadImage(archive.createReadStream()));
}
