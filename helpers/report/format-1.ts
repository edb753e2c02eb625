import { z } from 'zod';
import type { Evidence } from '../evidence/format.ts';
import type { ClaimReport, Report } from './format.ts';

// Report format 1, which this suite no longer writes. It is read so that old reports can still be drawn and compared.

const ms = z.number().nonnegative();

const fact = z.object({
  id: z.string(),
  title: z.string(),
  outcome: z.enum(['passed', 'drifted', 'broken']),
  ms,
  error: z.string().optional(),
});

const look = z.object({ fact: z.string(), at: ms, what: z.string(), seen: z.unknown() });

const evidence = z.object({
  format: z.literal(1),
  claim: z.string(),
  namespace: z.string(),
  cluster: z.record(z.string(), z.string()),
  startedAt: z.iso.datetime(),
  ms,
  facts: z.array(fact),
  looks: z.array(look),
  objects: z.record(z.string(), z.array(z.unknown())),
  rules: z.record(z.string(), z.array(z.string())),
  incomplete: z.string().optional(),
  diagnostics: z.string().optional(),
});

const claim = z.object({
  id: z.string(),
  section: z.string(),
  says: z.string(),
  verdict: z.enum(['holds', 'corrected', 'refuted']),
  truth: z.string().optional(),
  sources: z.array(z.string()),
  outcome: z.enum(['confirmed', 'drifted', 'unobserved', 'broken', 'not asked for']),
  why: z.string().optional(),
  allowed: z.boolean().optional(),
  ms: ms.optional(),
  evidence: evidence.optional(),
  reproduce: z.string(),
});

const node = z.object({
  name: z.string(),
  address: z.string(),
  kernel: z.string(),
  operatingSystem: z.string(),
  architecture: z.string(),
  containerRuntime: z.string(),
});

// The field dualStack is not read: it did not name the second ranges, and format 2 has no other place for it.
const cluster = z.object({
  version: z.string(),
  standIn: z.boolean(),
  adopted: z.boolean(),
  context: z.string().optional(),
  nodeImage: z.string().optional(),
  why: z.string(),
  proxyMode: z.string(),
  serviceRange: z.string(),
  podRange: z.string(),
  kubectlVersion: z.string(),
  k3sArgs: z.array(z.string()),
  images: z.record(z.string(), z.string()),
  keptCluster: z.boolean(),
  nodes: z.array(node),
});

/** The earlier format of artifacts/report.json, which is still read. */
export const reportFormat1 = z.object({
  format: z.literal(1),
  suite: z.object({ name: z.string(), version: z.string() }),
  startedAt: z.iso.datetime(),
  reproduce: z.string(),
  cluster,
  capabilities: z.array(z.object({ name: z.string(), there: z.boolean(), why: z.string().optional() })),
  claims: z.array(claim),
  excluded: z.array(z.object({ section: z.string(), says: z.string(), why: z.string() })),
  errors: z.array(z.string()),
  phases: z.record(z.string(), ms),
  exitStatus: z.union([z.literal(0), z.literal(1), z.literal(3)]),
});

/** A report of format 1. */
export type Report1 = z.infer<typeof reportFormat1>;

/** Returns a report of format 1 in format 2. What format 1 did not record is `unknown` or empty. */
export function fromFormat1(report: Report1): Report {
  return {
    ...report,
    format: 2,
    reproduce: commandFrom(report),
    cluster: clusterFrom(report.cluster),
    claims: report.claims.map(claimFrom),
    excluded: report.excluded.map(({ section, ...rest }) => ({ origin: originIn(section), ...rest })),
  };
}

/** Returns the command of the run with today's arguments. Format 1 listed the suite files that ran, even where that was all of them. */
function commandFrom({ reproduce, claims }: Report1): string {
  const files = / --runTestsByPath((?: suites\/[\w-]+\.test\.ts)+)/;
  const all = claims.every(({ outcome }) => outcome !== 'not asked for');
  const topics = (_: string, paths: string) => (all ? '' : paths.replaceAll(/suites\/|\.test\.ts/g, ''));
  return reproduce.replace(files, topics).replace(/ --$/, '');
}

/** Format 1 knew one document only. */
function originIn(section: string): ClaimReport['origin'] {
  return { document: 'the chapter', section };
}

function clusterFrom({ serviceRange, podRange, keptCluster, nodes, ...rest }: Report1['cluster']): Report['cluster'] {
  return {
    ...rest,
    serviceRanges: rangesFrom(serviceRange),
    podRanges: rangesFrom(podRange),
    domain: 'unknown',
    nodePortRange: 'unknown',
    // Format 1 called an adopted cluster kept as well.
    kept: keptCluster && !rest.adopted,
    nodes: nodes.map(({ address, ...more }) => ({ ...more, addresses: [address] })),
  };
}

function rangesFrom(range: string): string[] {
  return range === 'unknown' ? [] : [range];
}

function claimFrom({ section, evidence: old, ...rest }: Report1['claims'][number]): ClaimReport {
  return { ...rest, origin: originIn(section), ...(old === undefined ? {} : { evidence: evidenceFrom(old) }) };
}

function evidenceFrom({ facts, looks, ...rest }: z.infer<typeof evidence>): Evidence {
  return {
    ...rest,
    format: 2,
    checks: facts,
    observations: looks.map(({ fact: check, at, what, seen }) => ({ check, at, what, seen: seenFrom(seen) })),
  };
}

/** Format 1 had `said` for the response of a connection. */
function seenFrom(seen: unknown): unknown {
  if (typeof seen !== 'object' || seen === null || !('ending' in seen) || !('said' in seen)) return seen;
  return Object.fromEntries(Object.entries(seen).map(([key, value]) => [key === 'said' ? 'response' : key, value]));
}
