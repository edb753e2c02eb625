import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { UsageError } from '../usage-error.ts';

// The format of artifacts/report.json, for this suite and for whoever reads its reports with other programs: docs/report.schema.json is
// written from it. A field may be added within a format; taking one away or changing what it means makes a new one.
const ms = z.number().nonnegative();

const fact = z.object({
  id: z.string(),
  title: z.string().describe('The fact as a sentence about the cluster.'),
  outcome: z
    .enum(['passed', 'drifted', 'broken'])
    .describe('drifted: the cluster does otherwise. broken: the suite or its surroundings failed.'),
  ms,
  error: z.string().optional().describe('What was awaited, how long, and what was last seen.'),
});

const look = z.object({
  fact: z.string().describe('The id of the fact that it was for, or setup.'),
  at: ms.describe('ms after the claim began.'),
  what: z.string().describe('What was awaited or looked at.'),
  seen: z.unknown().describe('For a connection: from, to, ending, ms, said and address.'),
});

const evidence = z.object({
  format: z.literal(1),
  claim: z.string(),
  namespace: z.string(),
  cluster: z.record(z.string(), z.string()),
  startedAt: z.iso.datetime(),
  ms,
  facts: z.array(fact),
  looks: z.array(look).describe('Everything that was looked at, in order.'),
  objects: z.record(z.string(), z.array(z.unknown())).describe('The objects of the namespace when the claim ended, by kind.'),
  rules: z.record(z.string(), z.array(z.string())).describe("The kernel's own rules for each Service at that moment, line by line."),
  incomplete: z.string().optional().describe('Why objects and rules could not be collected.'),
  diagnostics: z.string().optional().describe('On red only: what a person would look at first.'),
});

const verdict = z.enum(['holds', 'corrected', 'refuted']).describe('What a person found to be true of the sentence.');
const outcome = z
  .enum(['confirmed', 'drifted', 'unobserved', 'broken', 'not asked for'])
  .describe('What the run found: confirmed is that the verdict is right on this cluster.');

const claim = z.object({
  id: z.string(),
  section: z.string().describe('The heading of the chapter under which the sentence stands.'),
  says: z.string().describe('What the chapter says there, in our words.'),
  verdict,
  truth: z.string().optional().describe('What is true instead; there unless the verdict is holds.'),
  sources: z.array(z.string()),
  outcome,
  why: z.string().optional().describe('Why it is not confirmed.'),
  allowed: z.boolean().optional().describe('Unobserved for a reason that is no fault of the cluster: the run chose it.'),
  ms: ms.optional(),
  evidence: evidence.optional(),
  reproduce: z.string().describe('The command that shows this claim again.'),
});

const node = z.object({
  name: z.string(),
  address: z.string(),
  kernel: z.string(),
  operatingSystem: z.string(),
  architecture: z.string(),
  containerRuntime: z.string(),
});

const cluster = z.object({
  version: z.string().describe('As the API server gives it, such as v1.36.3+k3s1.'),
  standIn: z.boolean().describe('Upstream Kubernetes in an image of our own, not k3s.'),
  adopted: z.boolean().describe('It was there already, and was named by its context.'),
  context: z.string().optional().describe('The context that names an adopted cluster.'),
  nodeImage: z.string().optional().describe('The image of our own node; absent on an adopted cluster.'),
  why: z.string().describe('Why this node image, or this cluster.'),
  proxyMode: z.string().describe('What the Service proxy itself says it runs in; unknown where it cannot be asked.'),
  serviceRange: z.string().describe('unknown where nothing tells.'),
  podRange: z.string().describe('unknown where nothing tells.'),
  dualStack: z.boolean().optional().describe('It has a second Service range, of the other family. The claims look at the first.'),
  kubectlVersion: z.string().describe('none where there is no kubectl.'),
  k3sArgs: z.array(z.string()),
  images: z.record(z.string(), z.string()).describe('Replacements of workload images, by the pinned name.'),
  keptCluster: z.boolean().describe('It was there before the run and outlives it.'),
  nodes: z.array(node),
});

const capability = z.object({
  name: z.string(),
  there: z.boolean(),
  why: z.string().optional().describe('Why it is not.'),
});

export const reportFormat = z
  .object({
    format: z.literal(1),
    suite: z.object({ name: z.string(), version: z.string() }),
    startedAt: z.iso.datetime(),
    reproduce: z.string().describe('The command of this run, with its settings.'),
    cluster,
    capabilities: z.array(capability).describe('What claims need of a cluster, and whether this one has it.'),
    claims: z.array(claim).describe("In the chapter's order."),
    excluded: z.array(z.object({ section: z.string(), says: z.string(), why: z.string() })).describe('Sentences that no run can decide.'),
    errors: z.array(z.string()).describe('Errors that belong to no claim.'),
    phases: z.record(z.string(), ms).describe('ms of each phase of the run.'),
    exitStatus: z.union([z.literal(0), z.literal(1), z.literal(3)]),
  })
  .describe('The result of one run of the ClusterIP conformance suite.');

/** The result of a run: all that the renderings are drawn from. */
export type Report = z.infer<typeof reportFormat>;
export type ClaimReport = z.infer<typeof claim>;
/** What became of a claim in a run. `not asked for`: the run was narrowed to others. */
export type Outcome = z.infer<typeof outcome>;
/** What a claim leaves behind, on red runs too. */
export type Evidence = z.infer<typeof evidence>;
/** One fact of a claim as a run found it. */
export type FactResult = z.infer<typeof fact>;
export type Look = z.infer<typeof look>;

/** The JSON Schema (2020-12) of report.json, as a document. */
export function reportSchema(): string {
  return `${JSON.stringify({ $id: 'clusterip-conformance/report/1', title: 'report.json', ...z.toJSONSchema(reportFormat, { io: 'input' }) }, null, 2)}\n`;
}

/** Reads a report of any run. Throws a UsageError of one line when the file is none, is cut short, or is of a format unknown here. */
export function readReport(file: string): Report {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : `cannot be read (${(error as Error).message})`;
    throw new UsageError(`${file} ${why}. npm test writes artifacts/report.json; or name a report of another run.`);
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new UsageError(`${file} is not JSON${text.trimStart().startsWith('{') ? ' from beginning to end: it was cut short' : ''}.`);
  }
  const { format } = z.object({ format: z.unknown() }).catch({ format: undefined }).parse(content);
  if (typeof format === 'number' && format > 1)
    throw new UsageError(`${file} is of format ${format}, and this version of the suite reads format 1: use a newer one.`);
  const parsed = reportFormat.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(`${file} is no report of this suite: ${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? ''}.`);
}
