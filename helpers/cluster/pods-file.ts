import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { firstLineOf } from '../base/message-of.ts';
import { UsageError } from '../base/usage-error.ts';
import { yaml } from '../base/yaml.ts';
import type { Demands } from '../kube/pods.ts';

// The file of CONFORMANCE_PODS. manifests/pods.example.yaml explains it.

const text = z.string('is text: put it in quotes').min(1, 'is empty');
const texts = z.record(z.string(), z.string('is text: put it in quotes'), 'is a list of NAME: "value"');
const entries = z.record(z.string(), z.string('is text in quotes, or null').nullable(), 'is a list of NAME: "value"');

// Suites select Pods by it, so that another value would change what claims are about.
const podLabels = entries.refine((given) => !('app' in given), 'may not have app, by which the Services of the suite select Pods');

const amount = z.preprocess(
  (given) => (typeof given === 'number' ? String(given) : given),
  z.string('is an amount').regex(/^\d+(\.\d+)?(m|[kMGTPE]|[KMGTPE]i)?$/, 'is an amount such as 50m (of a core) or 64Mi (of memory)'),
);
const quantities = z.record(z.string(), amount, 'is a list such as { cpu: 50m }');

const toleration = z.strictObject(
  {
    key: text.optional(),
    operator: z.enum(['Exists', 'Equal', 'Lt', 'Gt'], 'is Exists, Equal, Lt or Gt').optional(),
    value: z.string('is text: put it in quotes').optional(),
    effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'], 'is NoSchedule, PreferNoSchedule or NoExecute').optional(),
    tolerationSeconds: z.int('is a number of seconds').optional(),
  },
  'is a toleration such as { key: dedicated, operator: Exists }',
);

const file = z.strictObject(
  {
    labels: podLabels.default({}),
    annotations: entries.default({}),
    nodeSelector: texts.optional(),
    tolerations: z.array(toleration, 'is a list of tolerations').optional(),
    imagePullSecrets: z.array(z.strictObject({ name: text }, 'is a Secret such as { name: registry }'), 'is a list of Secrets').optional(),
    resources: z
      .strictObject({ requests: quantities.optional(), limits: quantities.optional() }, 'has requests, limits or both')
      .optional(),
    priorityClassName: text.optional(),
    runtimeClassName: text.optional(),
    namespace: z
      .strictObject({ labels: entries.default({}), annotations: entries.default({}) }, 'has labels, annotations or both')
      .default({ labels: {}, annotations: {} }),
  },
  'is not a list of settings such as labels: and tolerations:',
);

/** Returns where an issue is, such as tolerations[0].effect. */
function placeOf(path: readonly PropertyKey[]): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`)).join('');
}

function linesOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code !== 'unrecognized_keys') return [`${placeOf(issue.path) || 'it'} ${issue.message}`];
  return issue.keys.map((key) => `${placeOf([...issue.path, key])}: no such setting`);
}

/** Parses the text of such a file. Throws a UsageError with a line for every mistake. `name` is how the person named the file. */
export function parseDemands(given: string, name: string): Demands {
  const document = yaml().parseDocument(given);
  const [error] = document.errors;
  if (error !== undefined) throw new UsageError(`CONFORMANCE_PODS=${name} is not YAML: ${firstLineOf(error).replace(/:$/, '.')}`);
  // A file in which everything is commented out demands nothing.
  const parsed = file.safeParse(document.toJS() ?? {});
  if (!parsed.success) {
    const lines = parsed.error.issues.flatMap(linesOf);
    throw new UsageError(`CONFORMANCE_PODS=${name} has mistakes; manifests/pods.example.yaml explains every setting.\n${lines.join('\n')}`);
  }
  const { labels, annotations, namespace, resources, ...spec } = parsed.data;
  return {
    pod: { labels, annotations },
    namespace,
    spec: withoutUndefined(spec),
    ...(resources === undefined ? {} : { resources: withoutUndefined(resources) }),
    assignsUser: false,
  };
}

function withoutUndefined(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Reads such a file. Throws a UsageError when it cannot be read, and as parseDemands does. */
export function readDemands(path: string): Demands {
  let given: string;
  try {
    given = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`CONFORMANCE_PODS=${path} cannot be read: ${firstLineOf(error)}.`);
  }
  return parseDemands(given, path);
}
