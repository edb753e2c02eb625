import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// Not by base/paths.ts, which settles the folder of a run's results when it is loaded: everything loads the ledger.
const manifests = join(import.meta.dirname, '../../manifests');

/** Where a command is typed. */
export type Place = 'terminal' | 'Pod' | 'Pod elsewhere' | 'node';

/** Characters as a reader sees them: commands, a file, or what a program prints. */
export interface Passage {
  readonly kind: 'shell' | 'yaml' | 'output';
  readonly text: string;
  /** The name under which a reader saves the text. */
  readonly file?: string;
  /** Where a reader types it. */
  readonly where?: Place;
}

/** Returns commands, and where they are typed: in a terminal with kubectl, a Pod of the Service's namespace, a Pod of another one, or on a node. */
export function commands(where: Place, ...lines: readonly [string, ...string[]]): Passage {
  return { kind: 'shell', text: lines.join('\n'), where };
}

/** Returns what a program prints. */
export function output(text: string): Passage {
  return { kind: 'output', text };
}

/** Returns a file under manifests/, and the name under which a reader saves it. Throws where the file cannot be read. */
export function manifest(path: string, file: string): Passage {
  return { kind: 'yaml', text: readFileSync(join(manifests, path), 'utf8').trimEnd(), file };
}
