import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { artifacts } from '../cluster/description.ts';

export const evidenceFolder = join(artifacts, 'evidence');

/** One fact of a claim as a run found it. */
export interface FactResult {
  readonly id: string;
  readonly title: string;
  /** `drifted`: the cluster does otherwise. `broken`: the suite or its surroundings failed. */
  readonly outcome: 'passed' | 'drifted' | 'broken';
  readonly ms: number;
  readonly error?: string;
}

/** What a claim leaves behind, on red runs too. */
export interface Evidence {
  readonly format: 1;
  readonly claim: string;
  readonly namespace: string;
  readonly cluster: Readonly<Record<string, string>>;
  readonly startedAt: string;
  ms: number;
  readonly facts: FactResult[];
  /** Everything that was looked at, in order, and under which fact. */
  readonly looks: { readonly fact: string; readonly at: number; readonly what: string; readonly seen: unknown }[];
  /** The objects of the namespace when the claim ended. */
  objects: Readonly<Record<string, unknown>>;
  /** The kernel's own rules for each Service at that moment, line by line. */
  rules: Readonly<Record<string, readonly string[]>>;
  /** On red only: what a person would look at first. */
  diagnostics?: string;
}

let current: Evidence | undefined;
let currentFact = '';
let began = 0;

/** Begins the evidence of a claim; what is recorded from now on belongs to it. */
export function beginEvidence(evidence: Evidence): void {
  current = evidence;
  began = Date.now();
}

/** Names the fact that the next looks belong to. */
export function beginFact(id: string): void {
  currentFact = id;
}

/** Keeps something that was seen in the evidence of the claim that runs. */
export function recordLook(what: string, seen: unknown): void {
  current?.looks.push({ fact: currentFact, at: Date.now() - began, what, seen });
}

/** Writes a claim's evidence to artifacts/evidence/<claim>.json. */
export function writeEvidence(evidence: Evidence): void {
  evidence.ms = Date.now() - began;
  mkdirSync(evidenceFolder, { recursive: true });
  writeFileSync(join(evidenceFolder, `${evidence.claim}.json`), `${JSON.stringify(evidence, null, 2)}\n`);
}
