import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf } from '../base/message-of.ts';
import { UsageError } from '../base/usage-error.ts';
import { evidenceFormat } from '../evidence/format.ts';
import { fromFormat1, reportFormat1 } from './format-1.ts';

// The format of artifacts/report.json, for this suite and for other programs that read its reports. `npm run docs` writes
// docs/report.schema.json from it. A field may be added within a format; removing one or changing its meaning makes a new format.
const ms = z.number().nonnegative();

const verdict = z.enum(['holds', 'corrected', 'refuted']).describe('What a person found to be true of the sentence.');
const outcome = z
  .enum(['confirmed', 'drifted', 'unobserved', 'broken', 'not asked for'])
  .describe('What the run found: confirmed means that the verdict is right on this cluster.');

const origin = z.object({
  document: z.string().describe('The document that makes the claim, such as the chapter.'),
  section: z.string().describe('The heading under which the sentence stands there.'),
  address: z.string().optional().describe('The address of a public document.'),
  version: z.string().optional().describe('The version of the document that was read.'),
});

const cited = z.object({
  says: z.string(),
  source: z.string(),
  shownIn: z.string().optional().describe('The proxy mode in which the checks show it, so that it does not rest on the source alone.'),
});

const passage = z.object({
  kind: z.enum(['shell', 'yaml', 'output']),
  text: z.string(),
  file: z.string().optional().describe('The name under which a reader saves the text.'),
  where: z
    .enum(['terminal', 'Pod', 'Pod elsewhere', 'node'])
    .optional()
    .describe("Where a reader types it: a terminal with kubectl, a Pod of the Service's namespace or of another one, or a node."),
});

const claim = z.object({
  id: z.string(),
  topic: z.string().optional().describe('Of a claim beyond the chapter: the heading under which it stands in reports.'),
  origin,
  says: z.string().describe('What the document says there, in our words.'),
  verdict,
  truth: z.string().optional().describe('What is true instead; present unless the verdict is holds.'),
  needs: z
    .array(z.string())
    .optional()
    .describe(
      'The capabilities of a cluster that the claim needs, by name; absent where it needs none, and from reports of earlier versions.',
    ),
  endings: z
    .record(z.string(), z.record(z.string(), z.string()))
    .optional()
    .describe('By check and proxy mode: how its connections end, where that depends on the mode; absent from reports of earlier versions.'),
  byMode: z
    .record(z.string(), z.record(z.string(), z.string()))
    .optional()
    .describe(
      'By check and proxy mode: what it sees, in words, where that depends on the mode and is no ending; absent from reports of earlier versions.',
    ),
  because: z.string().optional().describe('Why a cluster behaves as the verdict says; absent from reports of earlier versions.'),
  sources: z.array(z.string()),
  cited: z.array(cited).optional().describe('What belongs to the truth, but rests on a source and not on the checks.'),
  printed: passage.optional().describe("The document's own characters, where they are the point."),
  instead: passage.optional().describe('What works in their place; absent where they are right.'),
  outcome,
  why: z.string().optional().describe('Why it is not confirmed.'),
  remedy: z.string().optional().describe('Of an unobserved claim: what would make it observable.'),
  allowed: z.boolean().optional().describe('Of an unobserved claim: the run may be green without it.'),
  ms: ms.optional(),
  evidence: evidenceFormat.optional(),
  reproduce: z.string().describe('The command that shows this claim again.'),
});

const node = z.object({
  name: z.string(),
  addresses: z.array(z.string()).describe('One of each family, the first family first.'),
  kernel: z.string(),
  operatingSystem: z.string(),
  architecture: z.string(),
  containerRuntime: z.string(),
});

const cluster = z.object({
  version: z.string().describe('As the API server reports it, such as v1.36.3+k3s1.'),
  standIn: z.boolean().describe("Upstream Kubernetes in an image of this project's own, not k3s."),
  adopted: z.boolean().describe('The cluster existed before and was named by its context.'),
  context: z.string().optional().describe('The context that names an adopted cluster.'),
  profile: z.string().optional().describe('The profile by which the cluster was started; absent on an adopted cluster.'),
  nodeImage: z.string().optional().describe('The image of the node; absent on an adopted cluster.'),
  why: z.string().describe('Why this node image, or this cluster.'),
  proxyMode: z.string().describe('The mode that the Service proxy itself reports; unknown where it cannot be asked.'),
  serviceRanges: z
    .array(z.string())
    .describe("Of the cluster's own ServiceCIDR first, its first family first; empty where nothing reports them."),
  podRanges: z.array(z.string()).describe('One for each family, the first family first; empty where nothing reports them.'),
  domain: z.string().describe('The DNS domain of the cluster.'),
  nodePortRange: z.string().describe('Such as 30000-32767; unknown where nothing reports it.'),
  kubectlVersion: z.string().describe('none where there is no kubectl.'),
  k3sArgs: z.array(z.string()),
  images: z.record(z.string(), z.string()).describe('Replaced workload images, by the pinned name.'),
  kept: z.boolean().describe('The cluster was started by this suite before the run, and outlives it.'),
  nodes: z.array(node),
});

const capability = z.object({
  name: z.string(),
  there: z.boolean(),
  why: z.string().optional().describe('Why the cluster lacks it.'),
  remedy: z.string().optional().describe('What would give it to the cluster.'),
});

const fault = z
  .object({
    layer: z.string().describe("The lowest layer of the cluster's network that does not work: Pod, Pod to Pod, Pod to Service or DNS."),
    seen: z.string().describe('What a client saw there.'),
    lookAt: z.array(z.string()).describe('What a person looks at first, the likeliest first.'),
    layers: z
      .array(z.object({ name: z.string(), works: z.boolean(), seen: z.string() }))
      .describe('Every layer that was tried, the lowest first.'),
    stopped: z
      .boolean()
      .describe(
        'The run was stopped, and claims that were not run are not asked for. Otherwise claims that need this layer are unobserved.',
      ),
  })
  .describe("A part of the cluster's network that does not work at all.");

/** The format of artifacts/report.json. Its descriptions become docs/report.schema.json. */
export const reportFormat = z
  .object({
    format: z.literal(2),
    suite: z.object({ name: z.string(), version: z.string() }),
    startedAt: z.iso.datetime(),
    reproduce: z.string().describe('The command of this run as a person types it, with its settings.'),
    cluster,
    fault: fault.optional(),
    capabilities: z.array(capability).describe('What claims need of a cluster, and whether this one has it.'),
    claims: z.array(claim).describe("In the documents' order."),
    excluded: z.array(z.object({ origin, says: z.string(), why: z.string() })).describe('Sentences that no cluster can decide.'),
    errors: z.array(z.string()).describe('Errors that belong to no claim.'),
    phases: z.record(z.string(), ms).describe('ms of each phase of the run.'),
    exitStatus: z.union([z.literal(0), z.literal(1), z.literal(3)]),
  })
  .describe('The result of one run of the ClusterIP conformance suite.');

/** The result of a run: the renderings are drawn from it alone. */
export type Report = z.infer<typeof reportFormat>;
/** The part of a report about a layer of the cluster's network that does not work. */
export type FaultReport = z.infer<typeof fault>;
/** What a report has of one claim: its row in the ledger, its outcome and its evidence. */
export type ClaimReport = z.infer<typeof claim>;
/** Characters as a reader sees them: commands, a file, or what a program prints. */
export type PassageReport = z.infer<typeof passage>;
/** The result of a claim in a run. `not asked for`: the run was narrowed to others, or stopped. */
export type Outcome = z.infer<typeof outcome>;

/** Returns the JSON Schema of the report, as docs/report.schema.json has it. */
export function reportSchema(): string {
  return `${JSON.stringify({ $id: 'clusterip-conformance/report/2', title: 'report.json', ...z.toJSONSchema(reportFormat, { io: 'input' }) }, null, 2)}\n`;
}

/**
 * Reads a report of any run and returns it in format 2. Throws a UsageError of one line when the file cannot be read, is cut short, is no report, or is
 * of a format that this version does not read.
 */
export function readReport(file: string): Report {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : `cannot be read (${messageOf(error)})`;
    throw new UsageError(`${file} ${why}. npm test writes artifacts/report.json; or name a report of another run.`);
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new UsageError(`${file} is not JSON${text.trimStart().startsWith('{') ? ' from beginning to end: it was cut short' : ''}.`);
  }
  const { format } = z.object({ format: z.unknown() }).catch({ format: undefined }).parse(content);
  if (typeof format === 'number' && format > 2)
    throw new UsageError(`${file} is of format ${format}, and this version of the suite reads formats 1 and 2: use a newer one.`);
  const parsed = format === 1 ? reportFormat1.transform(fromFormat1).safeParse(content) : reportFormat.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(`${file} is no report of this suite: ${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? ''}.`);
}
