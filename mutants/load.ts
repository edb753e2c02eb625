import { readdirSync } from 'node:fs';
import type { Mutant } from './mutant.ts';

const others = ['load.ts', 'mutant.ts', 'unkillable.ts'];

/** Loads all mutants, in the order of their names. The name is that of the file, whose default export is the mutant. Throws what a file throws. */
export async function loadMutants(): Promise<Readonly<Record<string, Mutant>>> {
  const files = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !others.includes(file))
    .sort();
  const load = async (file: string): Promise<[string, Mutant]> => {
    const { default: mutant } = (await import(`./${file}`)) as { default: Mutant };
    return [file.replace(/\.ts$/, ''), mutant];
  };
  return Object.fromEntries(await Promise.all(files.map(load)));
}
