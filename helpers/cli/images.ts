import { existsSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { imagesOf, readSettings } from '../cluster/settings.ts';
import { messageOf } from '../base/message-of.ts';
import { UsageError } from '../base/usage-error.ts';
import { imagesArguments } from './command-arguments.ts';
import { main, say } from './main.ts';

await main(async () => {
  const { what, file } = imagesArguments();
  const folder = dirname(resolve(file));
  if (what === 'save' && !existsSync(folder)) throw new UsageError(`There is no folder ${folder} to write ${basename(file)} to.`);
  if (what === 'load' && !existsSync(file)) throw new UsageError(`There is no file ${file}.`);
  if (existsSync(file) && statSync(file).isDirectory()) throw new UsageError(`${file} is a folder; name the archive itself.`);
  const images = imagesOf(readSettings());
  // Loaded late, so that bad input is reported at once.
  const { connect, findEngine } = await import('../engine/engine.ts');
  const { ensureImage, loadImages, saveImages } = await import('../engine/images.ts');
  const docker = connect((await findEngine()).address);
  if (what === 'load') {
    await loadImages(docker, file).catch((error: unknown) => {
      throw new UsageError(`The engine does not accept ${file} as an archive of images: ${messageOf(error)}.`);
    });
    say(`loaded ${file}`);
    return 0;
  }
  for (const image of images) await ensureImage(docker, image, say);
  await saveImages(docker, images, file);
  say(`${file} has ${images.join(', ')}`);
  return 0;
});
