import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../base/message-of.ts';
import { root } from '../base/paths.ts';
import { UsageError } from '../base/usage-error.ts';
import { type Permission, permissions, type StatedDefault, statedDefaults } from '../ledger/capabilities.ts';
import type { Adopt } from './adopted.ts';
import { nightlyVersions } from './k3s-versions.ts';
import { impossibleArguments, namesSetByBoth, readK3sArguments } from './k3s-arguments.ts';
import { type Demands, noDemands } from '../kube/pods.ts';
import { readDemands } from './pods-file.ts';
import { profileNamed, profiles } from './profiles.ts';
import { proxyEnvironment } from './proxy.ts';
import { registryFiles } from './registries.ts';

/** The file in which .ci/setup records the images of a machine that reaches no registry. */
const localFile = 'settings.local.json';

/** The images that the suite uses, by the names that manifests/images/Dockerfile gives them. */
export interface PinnedImages {
  readonly k3s: string;
  readonly nginx: string;
  readonly curl: string;
  readonly agnhost: string;
}

/** Returns the schema of a list of some words, separated by commas. */
function listOf<Word extends string>(words: readonly [Word, ...Word[]]) {
  return z
    .string()
    .transform((text) => text.split(',').filter((word) => word !== ''))
    .pipe(z.array(z.enum(words, `is a list of ${words.join(', ')}, separated by commas`)))
    .default([]);
}

const variables = z.strictObject({
  CONFORMANCE_K3S_VERSION: z
    .string()
    .regex(/^v\d+\.\d+\.\d+[+-]k3s\d+$/, 'is a k3s release such as v1.36.3-k3s1')
    .transform((version) => version.replace('+', '-'))
    .optional(),
  CONFORMANCE_K3S_IMAGE: z
    .string()
    .regex(/^\S+:[^/\s]+$/, 'is an image with its tag, such as registry.example/rancher/k3s:v1.36.3-k3s1')
    .optional(),
  CONFORMANCE_K3S_ARGS: z
    .string()
    .transform((text, context) => {
      try {
        return readK3sArguments(text);
      } catch (error) {
        context.addIssue(messageOf(error));
        return [];
      }
    })
    .default([]),
  CONFORMANCE_REGISTRIES: z
    .string()
    .min(1, 'is a registries.yaml of k3s')
    .transform((path, context) => {
      try {
        registryFiles(path);
      } catch (error) {
        context.addIssue(messageOf(error));
      }
      return resolve(path);
    })
    .optional(),
  CONFORMANCE_PROFILE: z
    .enum(
      profiles.map(({ name }) => name),
      `is not a profile. There are ${profiles.map(({ name }) => name).join(', ')}`,
    )
    .optional(),
  CONFORMANCE_IMAGES: z
    .string()
    .transform((text) => text.split(',').filter((pair) => pair !== ''))
    .pipe(z.array(z.string().regex(/^[^=\s]+=[^=\s]+$/, 'is a list of IMAGE=REPLACEMENT pairs, separated by commas')))
    .default([]),
  CONFORMANCE_CONTEXT: z.string().min(1, 'is the name of a context of your kubeconfig').optional(),
  CONFORMANCE_KUBECONFIG: z.string().min(1, 'is a kubeconfig file').optional(),
  CONFORMANCE_PODS: z.string().min(1, 'is a YAML file such as manifests/pods.example.yaml').optional(),
  CONFORMANCE_ALLOW: listOf(permissions),
  CONFORMANCE_DEFAULTS: listOf(statedDefaults),
  CONFORMANCE_ARTIFACTS: z.string().min(1, 'is a folder').optional(),
  CONFORMANCE_KEEP: z.enum(['0', '1'], 'is 0 or 1').default('0'),
  CONFORMANCE_TIMEOUT_MULTIPLIER: z.coerce.number('is a number such as 2').min(0.2, 'is at least 0.2').max(20, 'is at most 20').default(1),
});

type Variables = z.infer<typeof variables>;

const localSettings = z.strictObject({
  why: z.string(),
  nodeImage: z.string(),
  /** Node images of other minor versions, by the version. */
  otherNodeImages: z.record(z.string(), z.string()).optional(),
  images: z.record(z.string(), z.string()),
});

type LocalSettings = z.infer<typeof localSettings>;

/** The settings of a run. */
export interface Settings {
  /** The existing cluster to run on; absent where the suite starts one. */
  readonly adopt?: Adopt;
  /** The name of the profile by which the suite starts a cluster; absent where it adopts one. */
  readonly profile?: string;
  /** The image of the node that the suite starts. */
  readonly nodeImage: string;
  /** Why this node image, or this existing cluster: the end of a sentence that begins with `because`. */
  readonly why: string;
  /** How many nodes the cluster has that the suite starts. */
  readonly nodes: 1 | 2;
  /** Arguments for `k3s server` beyond those of every node: the profile's, then those of CONFORMANCE_K3S_ARGS. */
  readonly k3sArgs: readonly string[];
  /** The path of a registries.yaml for the node that the suite starts: where k3s finds registries, and its credentials for them. */
  readonly registries?: string;
  /** Replaced workload images, by the pinned name. */
  readonly images: Readonly<Record<string, string>>;
  /** What the cluster demands of Pods and namespaces. */
  readonly demands: Demands;
  /** What the user allows on an existing cluster. */
  readonly allowed: readonly Permission[];
  /** What the user says was left as k3s sets it on an existing cluster. */
  readonly statedDefaults: readonly StatedDefault[];
  /** Whether a cluster that the run starts outlives it, and on any cluster the namespaces of red claims. */
  readonly keep: boolean;
}

/** Returns the pinned images, from the file that Dependabot updates. Throws when that file cannot be read or lacks an image. */
export function pinnedImages(): PinnedImages {
  const text = readFileSync(join(root, 'manifests/images/Dockerfile'), 'utf8');
  const images: unknown = Object.fromEntries([...text.matchAll(/^FROM (\S+) AS (\S+)$/gm)].map(([, image, name]) => [name, image]));
  return z.object({ k3s: z.string(), nginx: z.string(), curl: z.string(), agnhost: z.string() }).parse(images);
}

/** Returns every image that a run with these settings needs in its engine: the node's first, then those of its workloads. */
export function imagesOf({ nodeImage, images }: Settings): [node: string, ...workloads: string[]] {
  const { nginx, curl, agnhost } = pinnedImages();
  return [nodeImage, ...[nginx, curl, agnhost].map((image) => images[image] ?? image)];
}

function readLocal(): LocalSettings | null {
  const path = join(root, localFile);
  if (!existsSync(path)) return null;
  try {
    return localSettings.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new UsageError(`${path} is not a file of settings. Delete it, and run .ci/setup again if this machine needs it.`);
  }
}

/** Parses the CONFORMANCE_* variables one by one. Throws a UsageError with a line for every wrong or unknown one. */
function parseVariables(given: NodeJS.ProcessEnv): Variables {
  const parsed = variables.safeParse(given);
  if (parsed.success) return parsed.data;
  const known = Object.keys(variables.shape).join(', ');
  const lines = parsed.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `${issue.keys.join(', ')}: no such setting. There are ${known}.`
      : `${String(issue.path[0])}=${String(given[String(issue.path[0])])}: ${issue.message}`,
  );
  throw new UsageError(`A setting is wrong.\n${lines.join('\n')}`);
}

/** Throws a UsageError where two variables exclude each other, or one needs another. */
function checkTogether(read: Variables, names: readonly string[]): void {
  const { CONFORMANCE_CONTEXT: context, CONFORMANCE_KUBECONFIG: kubeconfig } = read;
  if (read.CONFORMANCE_K3S_IMAGE !== undefined && read.CONFORMANCE_K3S_VERSION !== undefined) {
    throw new UsageError('CONFORMANCE_K3S_IMAGE and CONFORMANCE_K3S_VERSION both name the node image: set one of them.');
  }
  if (kubeconfig !== undefined && context === undefined) {
    throw new UsageError(
      'CONFORMANCE_KUBECONFIG names an existing cluster; name its context too, with CONFORMANCE_CONTEXT, so that the suite ' +
        `never runs on a cluster by accident. kubectl --kubeconfig=${kubeconfig} config get-contexts lists them.`,
    );
  }
  const forExisting = names.filter((name) => name === 'CONFORMANCE_ALLOW' || name === 'CONFORMANCE_DEFAULTS');
  if (context === undefined && forExisting.length > 0) {
    throw new UsageError(
      `${forExisting.join(' and ')} speak of an existing cluster, and CONFORMANCE_CONTEXT names none. A cluster that the run starts needs neither: ` +
        'its packets stay in it, and its defaults are known.',
    );
  }
  const forNewClusters = names.filter((name) => /^CONFORMANCE_(K3S_.*|PROFILE|REGISTRIES)$/.test(name));
  if (context !== undefined && forNewClusters.length > 0) {
    throw new UsageError(
      `CONFORMANCE_CONTEXT names an existing cluster, and ${forNewClusters.join(', ')} would start one for this run: unset one of them.`,
    );
  }
}

/** Returns the replaced images by the pinned name. Throws a UsageError for an image that the suite does not use. */
function replacedImages({ CONFORMANCE_IMAGES: pairs }: Variables): Record<string, string> {
  const replaced = Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string]));
  const used = Object.values({ ...pinnedImages() });
  const unused = Object.keys(replaced).filter((name) => !used.includes(name));
  if (unused.length > 0) {
    throw new UsageError(`CONFORMANCE_IMAGES replaces ${unused.join(', ')}, which the suite does not use. It uses ${used.join(', ')}.`);
  }
  return replaced;
}

/** Returns the node image of a cluster that the suite starts, and why. */
function nodeImageOf(read: Variables, machine: LocalSettings | null, replacement: string | undefined): { nodeImage: string; why: string } {
  const pinned = pinnedImages().k3s;
  const { CONFORMANCE_K3S_IMAGE: image, CONFORMANCE_K3S_VERSION: version } = read;
  if (image !== undefined) return { nodeImage: image, why: 'CONFORMANCE_K3S_IMAGE names it' };
  if (version !== undefined)
    return { nodeImage: pinned.replace(/:[^:]*$/, `:${version}`), why: 'CONFORMANCE_K3S_VERSION names its version' };
  if (replacement !== undefined) return { nodeImage: replacement, why: 'CONFORMANCE_IMAGES names it in place of the pinned one' };
  if (machine !== null) return { nodeImage: machine.nodeImage, why: machine.why };
  return { nodeImage: pinned, why: 'it is the pinned one' };
}

/**
 * Returns the node image of the minor version before the pinned one: the release of the nightly run, or what .ci/setup built on a machine without a
 * registry. Throws a UsageError where a variable names a node image too, and where .ci/setup has built none.
 */
function previousMinorImage(
  read: Variables,
  machine: LocalSettings | null,
  replacement: string | undefined,
): { nodeImage: string; why: string } {
  if (read.CONFORMANCE_K3S_IMAGE !== undefined || read.CONFORMANCE_K3S_VERSION !== undefined || replacement !== undefined) {
    throw new UsageError(
      `The profile ${read.CONFORMANCE_PROFILE} chooses the node image, and so does a variable: unset CONFORMANCE_K3S_IMAGE, CONFORMANCE_K3S_VERSION ` +
        'and the k3s image in CONFORMANCE_IMAGES, or choose another profile.',
    );
  }
  const pinned = pinnedImages().k3s;
  const versions = Object.entries(nightlyVersions());
  const [, current = ''] = /:v(\d+\.\d+)\./.exec(pinned) ?? [];
  const [minor, version] = versions[versions.findIndex(([it]) => it === current) - 1] ?? [];
  if (minor === undefined) throw new UsageError(`manifests/nightly has no minor version before ${current}, which ${pinned} has.`);
  if (machine === null)
    return { nodeImage: pinned.replace(/:[^:]*$/, `:${version}`), why: `it is the nightly run's of Kubernetes ${minor}` };
  const nodeImage = machine.otherNodeImages?.[minor];
  if (nodeImage === undefined) {
    throw new UsageError(
      `This machine has no node image of Kubernetes ${minor}, for the profile ${read.CONFORMANCE_PROFILE}: run .ci/setup --kubernetes ${minor}.`,
    );
  }
  return { nodeImage, why: `it is of Kubernetes ${minor}, as ${localFile} records` };
}

/**
 * Returns the profile, its number of nodes and all arguments for k3s. Throws a UsageError where the profile and CONFORMANCE_K3S_ARGS set the same name, and where no
 * usable cluster can start with the arguments.
 */
function profileOf({ CONFORMANCE_PROFILE: profile = 'default', CONFORMANCE_K3S_ARGS: own }: Variables): {
  profile: string;
  nodes: 1 | 2;
  k3sArgs: string[];
} {
  const { k3sArgs, nodes } = profileNamed(profile);
  const both = namesSetByBoth(k3sArgs, own);
  if (both.length > 0) {
    throw new UsageError(
      `CONFORMANCE_K3S_ARGS sets ${both.join(', ')}, and so does the profile ${profile}: choose another profile with CONFORMANCE_PROFILE, or ` +
        'leave it out of CONFORMANCE_K3S_ARGS.',
    );
  }
  const reasons = impossibleArguments([...k3sArgs, ...own], nodes);
  if (reasons.length > 0) throw new UsageError(`No usable cluster can start with these arguments for k3s: ${reasons.join('. ')}.`);
  return { profile, nodes, k3sArgs: [...k3sArgs, ...own] };
}

/**
 * Reads and checks the settings: CONFORMANCE_* variables first, then what .ci/setup recorded for this machine, then the defaults.
 * Throws a UsageError that names every wrong or unknown variable, and for a cluster to start also as proxyEnvironment does.
 */
export function readSettings(environment: NodeJS.ProcessEnv = process.env, machine: LocalSettings | null = readLocal()): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith('CONFORMANCE_')));
  const read = parseVariables(given);
  checkTogether(read, Object.keys(given));
  const keep = read.CONFORMANCE_KEEP === '1';
  const demands = read.CONFORMANCE_PODS === undefined ? noDemands : readDemands(read.CONFORMANCE_PODS);
  const stated = { allowed: read.CONFORMANCE_ALLOW, statedDefaults: read.CONFORMANCE_DEFAULTS };
  const { [pinnedImages().k3s]: k3sReplacement, ...replaced } = replacedImages(read);
  const { CONFORMANCE_CONTEXT: context, CONFORMANCE_KUBECONFIG: kubeconfig } = read;
  if (context !== undefined) {
    const adopt = { context, ...(kubeconfig === undefined ? {} : { kubeconfig: resolve(kubeconfig) }) };
    return {
      adopt,
      nodeImage: pinnedImages().k3s,
      why: 'CONFORMANCE_CONTEXT names it',
      nodes: 1,
      k3sArgs: [],
      images: replaced,
      demands,
      keep,
      ...stated,
    };
  }
  const { CONFORMANCE_REGISTRIES: registries } = read;
  const profile = profileOf(read);
  // Only to report a wrong proxy before anything starts: its address may have a password, which settings must not have.
  proxyEnvironment(environment, profile.k3sArgs);
  const imageOf = profileNamed(profile.profile).minor === undefined ? nodeImageOf : previousMinorImage;
  return {
    ...imageOf(read, machine, k3sReplacement),
    ...profile,
    ...(registries === undefined ? {} : { registries }),
    images: { ...machine?.images, ...replaced },
    demands,
    keep,
    ...stated,
  };
}
