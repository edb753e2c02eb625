import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { artifacts } from '../base/paths.ts';
import { writeWhole } from '../base/write-whole.ts';
import type { Evidence, Observation } from './format.ts';

/** The folder with one file for each claim of the last run. */
export const evidenceFolder = join(artifacts, 'evidence');

interface Recording {
  readonly evidence: Evidence;
  readonly check: string;
  /** What is awaited by the observation that is being made; undefined outside of one. */
  readonly partOf?: string;
}

// Several claims are shown side by side, so what is recorded belongs to the claim in whose call chain it happens.
const recording = new AsyncLocalStorage<Recording>();

/** Runs something for one check of a claim, or for its `setup`: what is recorded meanwhile belongs there. */
export function recordingFor<T>(evidence: Evidence, check: string, run: () => Promise<T>): Promise<T> {
  return recording.run({ evidence, check }, run);
}

/** Makes one observation by `observe`: what is recorded meanwhile, such as a command, is kept as a part of it. `what` is what the observation awaits. */
export function recordingPartsOf<T>(what: string, observe: () => Promise<T>): Promise<T> {
  const current = recording.getStore();
  // Within a part, everything belongs to the outermost observation.
  return current === undefined || current.partOf !== undefined ? observe() : recording.run({ ...current, partOf: what }, observe);
}

/**
 * Keeps an observation in the evidence of the claim that runs. Undefined, which JSON would omit, is kept as null. `judged` says whether it was what was
 * awaited, and how many such in a row are. Without it, the check observes once and judges: its title says what was awaited.
 */
export function recordObservation(what: string, seen: unknown, judged: Pick<Observation, 'accepted' | 'inARow'> = {}): void {
  const { evidence, check, partOf } = recording.getStore() ?? {};
  if (evidence === undefined || check === undefined) return;
  const at = Date.now() - Date.parse(evidence.startedAt);
  evidence.observations.push({ check, at, what, seen: seen ?? null, ...judged, ...(partOf === undefined ? {} : { partOf }) });
}

/** Writes a claim's evidence to artifacts/evidence/<claim>.json, whole or not at all. Throws what the file system throws. */
export function writeEvidence(evidence: Evidence): void {
  mkdirSync(evidenceFolder, { recursive: true });
  writeWhole(join(evidenceFolder, `${evidence.claim}.json`), `${JSON.stringify(evidence, null, 2)}\n`);
}
