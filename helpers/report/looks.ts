import { z } from 'zod';
import type { Look } from './format.ts';

// What a look saw, read for people. The format leaves `seen` open, so whatever is in no known form is shown as JSON.

const attempt = z.object({
  from: z.string(),
  to: z.string(),
  ending: z.string(),
  ms: z.number().nonnegative(),
  said: z.string(),
  address: z.string().optional(),
});
const resolution = z.object({ from: z.string(), name: z.string(), addresses: z.array(z.string()) });
const command = z.object({ exitCode: z.number(), output: z.string() });
const counts = z.record(z.string(), z.number().int().nonnegative());

/** A look as it is told. */
export interface Sight {
  /** How it ended, in a word or two. */
  readonly ending: string;
  /** ms that it took until `at`; undefined where only the moment is known. */
  readonly ms?: number;
  /** All of it in one line or more. */
  readonly text: string;
  /** What it comes to, where the ending does not say it already. */
  readonly gist?: string;
}

/** Reads what a look saw. */
export function sightOf({ seen }: Look): Sight {
  const connection = attempt.safeParse(seen).data;
  if (connection !== undefined) {
    const { from, to, ending, ms, said } = connection;
    return { ending, ms, text: `${from} → ${to}: ${said}`, ...(ending === 'answered' ? { gist: said } : {}) };
  }
  const name = resolution.safeParse(seen).data;
  if (name !== undefined) {
    const addresses = name.addresses.join(', ');
    return {
      ending: addresses === '' ? 'unresolved' : 'resolved',
      text: `${name.from} asks for ${name.name}: ${addresses === '' ? 'no address' : addresses}`,
      gist: addresses,
    };
  }
  const run = command.safeParse(seen).data;
  if (run !== undefined) return { ending: `exit ${run.exitCode}`, text: run.output.trimEnd(), gist: run.output };
  const names = z.array(z.string()).safeParse(seen).data;
  const text = typeof seen === 'string' ? seen : seen === undefined ? 'nothing' : (names?.join(', ') ?? JSON.stringify(seen));
  return { ending: 'seen', text, gist: text };
}

/** How often each Pod answered, where a look counted that; undefined where it saw something else. */
export function distributionOf({ seen }: Look): Readonly<Record<string, number>> | undefined {
  const found = counts.safeParse(seen).data;
  return found === undefined || Object.keys(found).length === 0 ? undefined : found;
}

/** Looks one after the other that waited for the same and ended alike. */
export interface Run {
  readonly what: string;
  readonly ending: string;
  readonly looks: readonly Look[];
}

/** Looks joined into runs, in their order. */
export function runsOf(looks: readonly Look[]): Run[] {
  const runs: { what: string; ending: string; looks: Look[] }[] = [];
  for (const look of looks) {
    const { ending } = sightOf(look);
    const last = runs.at(-1);
    if (last?.what === look.what && last.ending === ending) last.looks.push(look);
    else runs.push({ what: look.what, ending, looks: [look] });
  }
  return runs;
}
