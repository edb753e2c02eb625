import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** Writes a file whole or not at all. Throws what the file system throws. */
export function writeWhole(file: string, text: string): void {
  const partial = `${file}.partial`;
  try {
    writeFileSync(partial, text);
    renameSync(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}
