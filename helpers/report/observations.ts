import { z } from 'zod';
import { endings } from '../base/endings.ts';
import type { Evidence, Observation } from '../evidence/format.ts';
import { cut } from './words.ts';

// Puts observations into words. The format leaves `seen` open, so anything in no known form is shown by its fields.

const connection = z.object({
  from: z.string(),
  to: z.string(),
  ending: z.string(),
  // Absent for a request on an open connection, and for a datagram of a flow.
  ms: z.number().nonnegative().optional(),
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
// Anything else that ended in some way, such as echo requests.
const attempted = z.looseObject({ ending: z.string() });
const command = z.object({ exitCode: z.number(), output: z.string() });
// What the API server answers where it does not accept an object.
const rejection = z.object({ code: z.number(), message: z.string() });
const endpoints = z
  .array(z.object({ address: z.string(), pod: z.string().optional(), ready: z.boolean(), ports: z.array(z.number()) }))
  .nonempty();
const counts = z.record(z.string(), z.number().int().nonnegative());
// How many of several connections ended in which way.
const endingCounts = z.partialRecord(z.enum(endings), z.number().int().nonnegative());

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
    return {
      ending,
      ...(ms === undefined ? {} : { ms }),
      text: `${from} → ${to}: ${response || ending}`,
      ...(ending === 'answered' ? { gist: response } : {}),
    };
  }
  const name = resolution.safeParse(seen).data;
  if (name !== undefined) {
    const addresses = name.addresses.join(', ');
    return {
      ending: endingOfName(name),
      text: `${name.from} asks for ${name.name}: ${name.response ?? (addresses === '' ? 'no address' : addresses)}`,
      gist: addresses,
    };
  }
  const run = command.safeParse(seen).data;
  const other = attempted.safeParse(seen).data;
  if (other !== undefined) {
    const { ending, ...fields } = other;
    const text = run === undefined ? fieldsInWords(fields) : run.output.trimEnd();
    return { ending, text, gist: text };
  }
  if (run !== undefined) return { ending: `exit ${run.exitCode}`, text: run.output.trimEnd(), gist: run.output };
  const refusal = rejection.safeParse(seen).data;
  if (refusal !== undefined) return { ending: `rejected with ${refusal.code}`, text: refusal.message, gist: refusal.message };
  const text = listInWords(seen) ?? fieldsInWords(seen);
  return { ending: 'seen', text, gist: text };
}

/** Returns a list of names or of endpoints in words; undefined for anything else. */
function listInWords(seen: unknown): string | undefined {
  const listed = endpoints.safeParse(seen).data?.map(({ address, pod, ready, ports }) => {
    const port = ports.length === 0 ? ' without a port' : `:${ports.join(',')}`;
    return `${pod === undefined ? '' : `${pod} `}${address}${port}${ready ? '' : ' not ready'}`;
  });
  const names = listed ?? z.array(z.string()).safeParse(seen).data;
  return names?.length === 0 ? 'none' : names?.join(', ');
}

/** Returns any value as words: `type ClusterIP, ports (port 8080, targetPort 80)`. */
function fieldsInWords(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value !== 'object') return typeof value === 'string' ? value : JSON.stringify(value);
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(nestedInWords).join(', ');
  const fields = Object.entries(value);
  return fields.length === 0 ? 'none' : fields.map(([name, content]) => `${name} ${nestedInWords(content)}`).join(', ');
}

/** Returns a value within another one as words, between parentheses where it has several parts. */
function nestedInWords(value: unknown): string {
  const words = fieldsInWords(value);
  const several = typeof value === 'object' && value !== null && words.includes(' ') && !Array.isArray(value);
  return several ? `(${words})` : words;
}

function endingOfName({ addresses, ending = 'unresolved' }: z.infer<typeof resolution>): string {
  return addresses.length === 0 ? ending : 'resolved';
}

/** Returns how a connection, a look-up of a name or another attempt ended; undefined for an observation of anything else. */
export function endingOf({ seen }: Pick<Observation, 'seen'>): string | undefined {
  const name = resolution.safeParse(seen).data;
  return name === undefined ? attempted.safeParse(seen).data?.ending : endingOfName(name);
}

/** Returns the endings in an observation of one attempt or of several; an empty list for anything else. How many ended alike does not matter. */
export function endingsOf({ seen }: Pick<Observation, 'seen'>): string[] {
  const ending = endingOf({ seen });
  if (ending !== undefined) return [ending];
  if (Array.isArray(seen)) return [...new Set(seen.flatMap((each) => endingsOf({ seen: each })))];
  const counted = Object.entries(endingCounts.safeParse(seen).data ?? {});
  return counted.filter(([, count]) => count > 0).map(([each]) => each);
}

/** Returns an observation in one short line. */
export function observationLine(observation: Observation): string {
  const attempt = connection.safeParse(observation.seen).data;
  if (attempt !== undefined) {
    const { to, ending, ms, response } = attempt;
    const answer = response === '' ? '' : `: ${cut(response, { lines: 1, width: 120 })}`;
    return `${to} ${ending}${ms === undefined ? '' : ` after ${ms} ms`}${answer}`;
  }
  const line = cut(inWords(observation).text, { lines: 1, width: 200 });
  const other = attempted.safeParse(observation.seen).data;
  return other === undefined || resolution.safeParse(other).success ? line : `${other.ending}: ${line}`;
}

/**
 * Returns the last observation of each thing that a check awaited or looked at, in order: the state that it settled on, or never left. What is awaited side by
 * side alternates by chance, so the last one counts even where others stand between.
 */
export function settledObservations({ observations }: Evidence, check: string): Observation[] {
  const own = observations.filter((observation) => observation.check === check && observation.partOf === undefined);
  return own.filter(({ what }, index) => own.findLastIndex((later) => later.what === what) === index);
}

/** Returns how often each Pod answered, where an observation counted that; otherwise undefined. */
export function distributionOf({ seen }: Observation): Readonly<Record<string, number>> | undefined {
  const found = counts.safeParse(seen).data;
  return found === undefined || Object.keys(found).length === 0 ? undefined : found;
}

/** The counts that chance alone gives each of several Pods with equal shares, in 999 of 1000 samples. */
export interface ChanceRange {
  readonly least: number;
  readonly most: number;
}

/**
 * Returns which counts are no more than chance when each connection draws one of these Pods with equal probability: the mean and 3.29 standard deviations of
 * the binomial distribution to either side. Returns undefined for one Pod, and for fewer than 20 connections, where that approximation does not hold.
 */
export function chanceRange(counts: Readonly<Record<string, number>>): ChanceRange | undefined {
  const pods = Object.keys(counts).length;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (pods < 2 || total < 20) return undefined;
  const [mean, deviation] = [total / pods, Math.sqrt((total / pods) * (1 - 1 / pods))];
  return { least: Math.max(0, Math.ceil(mean - 3.29 * deviation)), most: Math.min(total, Math.floor(mean + 3.29 * deviation)) };
}

/**
 * Returns why an attempt took about a second, or three; undefined where it did not. TCP sends the first packet of a connection again when nothing has come
 * back for 1 s (RFC 6298, section 2). Linux asks once a second, up to three times, which machine of a network has an address (mcast_solicit in arp(7)).
 */
export function delayNote({ seen }: Observation): string | undefined {
  const attempt = connection.safeParse(seen).data;
  if (attempt?.ms === undefined) return undefined;
  const { to, ending, ms } = attempt;
  const about = (whole: number) => ms >= whole - 10 && ms < whole + 300;
  if (to.startsWith('udp '))
    return ms > 900 && ms < 1_300 && ending !== 'timed out'
      ? 'This time includes the start of the client program, which a busy machine delays.'
      : undefined;
  if (ending === 'unreachable' && (about(1_000) || about(3_000)))
    return 'No machine on the last network has the address. The look-up asks once a second and gives up after 1 s or 3 s, depending on the client.';
  if (!about(1_000)) return undefined;
  const again = 'About 1 s: nothing came back for the first packet, and TCP sends it again after 1 s.';
  if (ending === 'answered') return `${again} Meanwhile kube-proxy had written the rules that lead to the Pod.`;
  if (ending !== 'refused') return undefined;
  return `${again} Either kube-proxy had not yet written the rule that refuses, or the kernel had reached its limit of refusals to one client (net.ipv4.icmp_ratelimit).`;
}

/** Consecutive observations of one wait that ended alike, and were accepted or not alike. */
export interface Streak {
  readonly ending: string;
  /** Whether they were what was awaited; undefined where the check looked once and judged afterwards, and in older reports. */
  readonly accepted?: boolean;
  readonly observations: readonly Observation[];
}

/** Consecutive observations that awaited the same, or looked at the same. */
export interface Wait {
  readonly what: string;
  /** What was typed or looked at for each of its observations, once each. Empty where the observation says it itself. */
  readonly by: readonly { readonly what: string; readonly typed: boolean }[];
  /** How many accepted ones in a row are awaited; undefined where the check looked once, and in older reports. */
  readonly inARow?: number;
  readonly streaks: readonly Streak[];
  /** Whether as many accepted ones in a row came as were awaited; undefined as inARow. */
  readonly settled?: boolean;
  /** When the first attempt began that was not yet as awaited, and when the first of the last row ended, both in ms. Undefined without such a delay. */
  readonly delay?: { readonly from: number; readonly to: number };
}

/** Returns whether an observation is what a command printed. */
export function isTyped({ seen }: Observation): boolean {
  return command.safeParse(seen).success;
}

/** Returns observations joined into waits, in their order. A wait that has settled is over: the same again is another one. Parts belong to their wait. */
export function waitsOf(observations: readonly Observation[]): Wait[] {
  const waits: Observation[][] = [];
  let row = 0;
  for (const observation of observations) {
    if (observation.partOf !== undefined) continue;
    const { what, accepted, inARow } = observation;
    const last = waits.at(-1);
    const before = last?.at(-1);
    const over = inARow !== undefined && row >= inARow;
    if (last !== undefined && before?.what === what && before.inARow === inARow && !over) last.push(observation);
    else {
      waits.push([observation]);
      row = 0;
    }
    row = accepted === true ? row + 1 : 0;
  }
  return waits.map((wait) => waitOf(wait, observations));
}

function waitOf(observations: readonly Observation[], all: readonly Observation[]): Wait {
  const [first] = observations;
  const { what = '', inARow } = first ?? {};
  const streaks = streaksOf(observations);
  const parts = all.filter(({ partOf, accepted }) => partOf === what && accepted === undefined);
  const by = [...new Map(parts.map((part) => [part.what, { what: part.what, typed: isTyped(part) }])).values()];
  if (inARow === undefined) return { what, by, streaks };
  const lastRefused = observations.findLastIndex(({ accepted }) => accepted !== true);
  const row = observations.slice(lastRefused + 1);
  const settled = row.length >= inARow;
  const late = observations.find(({ accepted }) => accepted !== true);
  const from = late === undefined ? 0 : Math.max(0, late.at - (inWords(late).ms ?? 0));
  const to = row[0]?.at ?? 0;
  return { what, by, inARow, streaks, settled, ...(settled && lastRefused >= 0 ? { delay: { from, to } } : {}) };
}

function streaksOf(observations: readonly Observation[]): Streak[] {
  const streaks: { ending: string; accepted?: boolean; observations: Observation[] }[] = [];
  for (const observation of observations) {
    const { ending } = inWords(observation);
    const { accepted } = observation;
    const last = streaks.at(-1);
    if (last?.ending === ending && last.accepted === accepted) last.observations.push(observation);
    else streaks.push({ ending, ...(accepted === undefined ? {} : { accepted }), observations: [observation] });
  }
  return streaks;
}
