import { z } from 'zod';
import type { Evidence, Observation } from '../evidence/format.ts';
import { cut } from './words.ts';

// Puts observations into words. The format leaves `seen` open, so anything in no known form is shown as JSON.

const connection = z.object({
  from: z.string(),
  to: z.string(),
  ending: z.string(),
  ms: z.number().nonnegative(),
  response: z.string(),
  address: z.string().optional(),
});
const resolution = z.object({
  from: z.string(),
  name: z.string(),
  addresses: z.array(z.string()),
  // Absent in reports of earlier versions.
  ending: z.string().optional(),
  response: z.string().optional(),
});
const command = z.object({ exitCode: z.number(), output: z.string() });
const counts = z.record(z.string(), z.number().int().nonnegative());

/** An observation as a rendering prints it. */
export interface ObservationInWords {
  /** How it ended, in a word or two. */
  readonly ending: string;
  /** ms that it took until `at`; undefined where only the moment is known. */
  readonly ms?: number;
  /** The whole observation, in one line or more. */
  readonly text: string;
  /** What was found, where the ending does not say it already. */
  readonly gist?: string;
}

/** Returns an observation in words. */
export function inWords({ seen }: Observation): ObservationInWords {
  const attempt = connection.safeParse(seen).data;
  if (attempt !== undefined) {
    const { from, to, ending, ms, response } = attempt;
    return { ending, ms, text: `${from} → ${to}: ${response}`, ...(ending === 'answered' ? { gist: response } : {}) };
  }
  const name = resolution.safeParse(seen).data;
  if (name !== undefined) {
    const addresses = name.addresses.join(', ');
    return {
      ending: addresses === '' ? (name.ending ?? 'unresolved') : 'resolved',
      text: `${name.from} asks for ${name.name}: ${name.response ?? (addresses === '' ? 'no address' : addresses)}`,
      gist: addresses,
    };
  }
  const run = command.safeParse(seen).data;
  if (run !== undefined) return { ending: `exit ${run.exitCode}`, text: run.output.trimEnd(), gist: run.output };
  const names = z.array(z.string()).safeParse(seen).data;
  const text = typeof seen === 'string' ? seen : seen === undefined ? 'nothing' : (names?.join(', ') ?? JSON.stringify(seen));
  return { ending: 'seen', text, gist: text };
}

/** Returns how a connection ended; undefined for an observation of anything else. */
export function endingOf({ seen }: Observation): string | undefined {
  return connection.safeParse(seen).data?.ending;
}

/** Returns an observation in one short line. */
export function observationLine(observation: Observation): string {
  const attempt = connection.safeParse(observation.seen).data;
  if (attempt === undefined) return cut(inWords(observation).text, { lines: 1, width: 200 });
  const { to, ending, ms, response } = attempt;
  return `${to} ${ending} after ${ms} ms: ${cut(response, { lines: 1, width: 120 })}`;
}

/** Returns the last observation of each thing that a check awaited or looked at, in order: the state that it settled on, or never left. */
export function settledObservations({ observations }: Evidence, check: string): Observation[] {
  const own = observations.filter((observation) => observation.check === check);
  return own.filter(({ what }, index) => own[index + 1]?.what !== what);
}

/** Returns how often each Pod answered, where an observation counted that; otherwise undefined. */
export function distributionOf({ seen }: Observation): Readonly<Record<string, number>> | undefined {
  const found = counts.safeParse(seen).data;
  return found === undefined || Object.keys(found).length === 0 ? undefined : found;
}

/** Consecutive observations that awaited the same and ended alike. */
export interface Streak {
  readonly what: string;
  readonly ending: string;
  readonly observations: readonly Observation[];
}

/** Returns observations joined into streaks, in their order. */
export function streaksOf(observations: readonly Observation[]): Streak[] {
  const streaks: { what: string; ending: string; observations: Observation[] }[] = [];
  for (const observation of observations) {
    const { ending } = inWords(observation);
    const last = streaks.at(-1);
    if (last?.what === observation.what && last.ending === ending) last.observations.push(observation);
    else streaks.push({ what: observation.what, ending, observations: [observation] });
  }
  return streaks;
}
