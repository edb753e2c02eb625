import { z } from 'zod';

// What is kept of a claim, in artifacts/evidence/<claim>.json and as part of artifacts/report.json.

const ms = z.number().nonnegative();

const checkResult = z.object({
  id: z.string(),
  title: z.string().describe('The check as a sentence about the cluster. It is the same on every cluster.'),
  outcome: z
    .enum(['passed', 'drifted', 'broken'])
    .describe('drifted: the cluster does something different. broken: the suite or its surroundings failed.'),
  ms,
  error: z.string().optional().describe('What was awaited, for how long, and what was last seen.'),
  seen: z.unknown().optional().describe('Of a check that did not pass: the last observation, or the value that the assertion rejected.'),
  rules: z
    .record(z.string(), z.array(z.string()))
    .optional()
    .describe("The kernel's rules for each Service when the check ended, where a later check or the end of the claim has different ones."),
  rulesOn: z
    .string()
    .optional()
    .describe('On a cluster with several nodes: the node of these rules, from which the check sent something last.'),
});

const observation = z.object({
  check: z.string().describe('The id of the check that it was made for, or setup.'),
  at: ms.describe('ms after the claim began.'),
  what: z.string().describe('What was awaited or looked at.'),
  seen: z.unknown().describe('For a connection: from, to, ending, ms, response and address.'),
  accepted: z
    .boolean()
    .optional()
    .describe(
      'Whether it was what was awaited. Absent where the check looked once and judged afterwards, and in reports of older versions.',
    ),
  partOf: z
    .string()
    .optional()
    .describe('Of what was typed or looked at in order to make a later observation: what that one awaited. Absent elsewhere.'),
  inARow: z.number().int().positive().optional().describe('How many accepted observations in a row were awaited.'),
});

/** The format of a file in artifacts/evidence, one for each claim. */
export const evidenceFormat = z.object({
  format: z.literal(2),
  claim: z.string(),
  namespace: z.string(),
  suite: z.object({ file: z.string(), line: z.number() }).optional().describe('The place of the claim in the suites.'),
  cluster: z.record(z.string(), z.string()),
  startedAt: z.iso.datetime(),
  ms,
  checks: z.array(checkResult),
  observations: z.array(observation).describe('Everything that was looked at, in order.'),
  objects: z.record(z.string(), z.array(z.unknown())).describe('The objects of the namespace when the claim ended, by kind.'),
  rules: z.record(z.string(), z.array(z.string())).describe("The kernel's rules for each Service when the claim ended, line by line."),
  rulesOn: z
    .string()
    .optional()
    .describe('On a cluster with several nodes: the node of these rules, from which the claim sent something last.'),
  nodes: z
    .record(z.string(), z.string())
    .optional()
    .describe('On a cluster with several nodes: the node of each Pod that observations name, by namespace/name.'),
  incomplete: z.string().optional().describe('Why objects and rules could not be collected.'),
  diagnostics: z.string().optional().describe('On red only: what to look at first.'),
});

/** What is kept of a claim. */
export type Evidence = z.infer<typeof evidenceFormat>;
/** The result of a check in a run. */
export type CheckResult = z.infer<typeof checkResult>;
/** What a check saw of the cluster at one moment, kept whether it was awaited or not. */
export type Observation = z.infer<typeof observation>;
