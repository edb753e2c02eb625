import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import type { KubeAccess } from '../kube/api.ts';
import { UsageError } from '../usage-error.ts';

export const root = join(import.meta.dirname, '../..');

/** Where a run leaves what it found. Two runs at once need a folder each. */
export function artifactsFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return resolve(root, environment.CONFORMANCE_ARTIFACTS ?? 'artifacts');
}

const localFile = 'settings.local.json';

/** The images of a run by the names that manifests use for them, as pinned in manifests/images/Dockerfile. */
export interface PinnedImages {
  readonly k3s: string;
  readonly nginx: string;
  readonly curl: string;
  readonly agnhost: string;
}

const fromEnvironment = z.strictObject({
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
    .transform((text) => text.split(/\s+/).filter((word) => word !== ''))
    .pipe(
      z.array(
        z
          .string()
          .regex(/^--[^\s=]+=\S+$|^--disable-network-policy$/, 'is a list of --name=value arguments for `k3s server`, separated by blanks')
          .refine(
            (argument) => !/^--(service|cluster)-cidr=/.test(argument) || ipaddr.IPv4.isValidCIDR(argument.replace(/^.*=/, '')),
            'has a range that is not IPv4, written like 172.30.0.0/16',
          ),
      ),
    )
    .default([]),
  CONFORMANCE_IMAGES: z
    .string()
    .transform((text) => text.split(',').filter((pair) => pair !== ''))
    .pipe(z.array(z.string().regex(/^[^=\s]+=[^=\s]+$/, 'is a list of IMAGE=REPLACEMENT pairs, separated by commas')))
    .default([]),
  CONFORMANCE_CONTEXT: z.string().min(1, 'is the name of a context of your kubeconfig').optional(),
  CONFORMANCE_KUBECONFIG: z.string().min(1, 'is a kubeconfig file').optional(),
  CONFORMANCE_ARTIFACTS: z.string().min(1, 'is a folder').optional(),
  CONFORMANCE_KEEP: z.enum(['0', '1'], 'is 0 or 1').default('0'),
  CONFORMANCE_TIMEOUT_MULTIPLIER: z.coerce.number('is a number such as 2').min(0.2, 'is at least 0.2').max(20, 'is at most 20').default(1),
});

type LocalSettings = z.infer<typeof local>;

const local = z.strictObject({ why: z.string(), nodeImage: z.string(), images: z.record(z.string(), z.string()) });

/** What a run was asked to do. */
export interface Settings {
  /** The cluster to run on instead of one of our own. */
  readonly adopt?: KubeAccess & { readonly context: string };
  /** The image of our own cluster's node, and in a few words why this one. */
  readonly nodeImage: string;
  readonly why: string;
  /** Arguments for `k3s server` beyond the suite's own. */
  readonly k3sArgs: readonly string[];
  /** Workload images that are replaced, by the pinned name. */
  readonly images: Readonly<Record<string, string>>;
  /** Keeps the cluster of a disposable run, and on any cluster the namespaces of claims that turned red. */
  readonly keep: boolean;
}

/** The pinned images, read from the file that Dependabot keeps up to date. */
export function pinnedImages(): PinnedImages {
  const text = readFileSync(join(root, 'manifests/images/Dockerfile'), 'utf8');
  const images: unknown = Object.fromEntries([...text.matchAll(/^FROM (\S+) AS (\S+)$/gm)].map(([, image, name]) => [name, image]));
  return z.object({ k3s: z.string(), nginx: z.string(), curl: z.string(), agnhost: z.string() }).parse(images);
}

/** Every image that a run with these settings has in its engine: the node's first, then those of its workloads. */
export function imagesOf({ nodeImage, images }: Settings): [node: string, ...workloads: string[]] {
  const { nginx, curl, agnhost } = pinnedImages();
  return [nodeImage, ...[nginx, curl, agnhost].map((image) => images[image] ?? image)];
}

function readLocal(): LocalSettings | null {
  const path = join(root, localFile);
  if (!existsSync(path)) return null;
  try {
    return local.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new UsageError(`${path} cannot be read as settings. Delete it, and run .ci/setup again if this machine needs it.`);
  }
}

/**
 * Reads and checks the settings: CONFORMANCE_* variables first, then what .ci/setup recorded for this machine, then the defaults.
 * Throws a UsageError that names every wrong or unknown variable.
 */
export function readSettings(environment: NodeJS.ProcessEnv = process.env, machine: LocalSettings | null = readLocal()): Settings {
  const ours = Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith('CONFORMANCE_')));
  const parsed = fromEnvironment.safeParse(ours);
  if (!parsed.success) {
    const known = Object.keys(fromEnvironment.shape).join(', ');
    const lines = parsed.error.issues.map((issue) =>
      issue.code === 'unrecognized_keys'
        ? `${issue.keys.join(', ')}: no such setting. There are ${known}.`
        : `${String(issue.path[0])}=${String(ours[String(issue.path[0])])}: ${issue.message}`,
    );
    throw new UsageError(`A setting is wrong.\n${lines.join('\n')}`);
  }
  const asked = parsed.data;
  if (asked.CONFORMANCE_K3S_IMAGE !== undefined && asked.CONFORMANCE_K3S_VERSION !== undefined) {
    throw new UsageError('CONFORMANCE_K3S_IMAGE and CONFORMANCE_K3S_VERSION both name the node image: set one of them.');
  }

  const pinned = pinnedImages();
  const { CONFORMANCE_CONTEXT: context, CONFORMANCE_KUBECONFIG: kubeconfig } = asked;
  if (kubeconfig !== undefined && context === undefined) {
    throw new UsageError(
      'CONFORMANCE_KUBECONFIG names a cluster that is there already; name its context too, with CONFORMANCE_CONTEXT, so that the suite ' +
        `never runs on a cluster by accident. kubectl --kubeconfig=${kubeconfig} config get-contexts lists them.`,
    );
  }
  const ofOurOwn = Object.keys(ours).filter((name) => name.startsWith('CONFORMANCE_K3S_'));
  if (context !== undefined && ofOurOwn.length > 0) {
    throw new UsageError(
      `CONFORMANCE_CONTEXT names a cluster that is there already, and ${ofOurOwn.join(', ')} would start one of our own: unset one of them.`,
    );
  }
  const common = { k3sArgs: asked.CONFORMANCE_K3S_ARGS, keep: asked.CONFORMANCE_KEEP === '1' };
  const pairs = Object.fromEntries(asked.CONFORMANCE_IMAGES.map((pair) => pair.split('=') as [string, string]));
  const unknown = Object.keys(pairs).filter((name) => !Object.values(pinned).includes(name));
  if (unknown.length > 0) {
    throw new UsageError(
      `CONFORMANCE_IMAGES replaces ${unknown.join(', ')}, which the suite does not use. It uses ${Object.values(pinned).join(', ')}.`,
    );
  }
  const { [pinned.k3s]: k3sReplaced, ...replaced } = pairs;
  if (context !== undefined) {
    const adopt = { context, ...(kubeconfig === undefined ? {} : { kubeconfig: resolve(kubeconfig) }) };
    return { ...common, adopt, nodeImage: pinned.k3s, why: `CONFORMANCE_CONTEXT names it`, images: replaced };
  }
  if (asked.CONFORMANCE_K3S_IMAGE !== undefined) {
    return {
      ...common,
      nodeImage: asked.CONFORMANCE_K3S_IMAGE,
      why: 'CONFORMANCE_K3S_IMAGE names it',
      images: { ...machine?.images, ...replaced },
    };
  }
  if (asked.CONFORMANCE_K3S_VERSION !== undefined) {
    return {
      ...common,
      nodeImage: pinned.k3s.replace(/:[^:]*$/, `:${asked.CONFORMANCE_K3S_VERSION}`),
      why: 'CONFORMANCE_K3S_VERSION names its version',
      images: { ...machine?.images, ...replaced },
    };
  }
  if (machine !== null && k3sReplaced === undefined) {
    return {
      ...common,
      nodeImage: machine.nodeImage,
      why: `${machine.why}, as ${localFile} records`,
      images: { ...machine.images, ...replaced },
    };
  }
  if (k3sReplaced !== undefined) {
    return {
      ...common,
      nodeImage: k3sReplaced,
      why: 'CONFORMANCE_IMAGES names it in place of the pinned one',
      images: { ...machine?.images, ...replaced },
    };
  }
  return { ...common, nodeImage: pinned.k3s, why: 'it is the pinned one', images: replaced };
}
