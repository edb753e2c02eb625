import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { artifacts } from '../artifacts.ts';
import { writeWhole } from '../write-whole.ts';
import type { Evidence } from './format.ts';

export const evidenceFolder = join(artifacts, 'evidence');

let current: Evidence | undefined;
let currentFact = '';
let began = 0;

/** Begins the evidence of a claim; what is recorded from now on belongs to it. */
export function beginEvidence(evidence: Evidence): void {
  current = evidence;
  began = Date.now();
  evidence.startedAt = new Date(began).toISOString();
}

/** Names the fact that the next looks belong to. */
export function beginFact(id: string): void {
  currentFact = id;
}

/** Keeps something that was seen in the evidence of the claim that runs; undefined, which JSON would leave out, as null. */
export function recordLook(what: string, seen: unknown): void {
  current?.looks.push({ fact: currentFact, at: Date.now() - began, what, seen: seen ?? null });
}

/** Writes a claim's evidence to artifacts/evidence/<claim>.json, whole or not at all. Throws what the file system throws. */
export function writeEvidence(evidence: Evidence): void {
  mkdirSync(evidenceFolder, { recursive: true });
  writeWhole(join(evidenceFolder, `${evidence.claim}.json`), `${JSON.stringify(evidence, null, 2)}\n`);
}
