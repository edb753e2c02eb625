import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { User } from '@kubernetes/client-node';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { parseDocument, stringify } from 'yaml';
import { root } from '../base/paths.ts';
import { quote } from '../base/quote.ts';
import { timeouts } from '../base/timeouts.ts';
import { connect, runAtTerminal } from '../engine/engine.ts';
import { recordObservation } from '../evidence/recorder.ts';
import type { Kube } from '../kube/api.ts';
import { withDemands } from '../kube/pods.ts';
import type { ShellResult } from '../kube/shell.ts';
import type { ClusterDescription } from '../cluster/description.ts';
import type { RunContext } from './run-context.ts';

/** What a student's command did. */
export interface Typed extends ShellResult {
  /** What was printed to stdout and stderr, without the lines in `warnings`. */
  readonly output: string;
  /** The lines by which kubectl warns: what they say depends on the policies of the cluster. */
  readonly warnings: string;
}

/** A student's place: a folder with the chapter's files, and a kubectl whose current namespace is the claim's. */
export interface Lab {
  /**
   * Runs a command as a student would type it, and types `then` into the program that it opens at the terminal. Records everything that was printed as an
   * observation.
   */
  type(command: string, then?: string): Promise<Typed>;
}

// A user's own defaults and aliases for kubectl (kuberc), language and colours would change what the commands do or print. So would a function named
// kubectl, which a bash in the place of sh imports.
const plainSettings = 'unset -f kubectl && export KUBERC=off KUBECTL_KUBERC=false LC_ALL=C NO_COLOR=1';

type Surroundings = Pick<RunContext, 'image'> & { readonly cluster: Pick<ClusterDescription, 'demands'> };

/**
 * Returns a manifest with the image of the run in place of one without a version, and with what the cluster demands of Pods. Text that is no Pod keeps the
 * rest as it is.
 */
export function manifestFor({ image, cluster: { demands } }: Surroundings, text: string): string {
  const own = text.replace(/image: nginx$/m, `image: ${image('nginx')}`);
  const document = parseDocument(own);
  if (document.errors.length > 0 || document.get('kind') !== 'Pod') return own;
  const pod = document.toJS() as Pod;
  const demanded = withDemands(pod, demands);
  return isDeepStrictEqual(pod, demanded) ? own : stringify(demanded);
}

/** Returns the command line for what a student types: with the image of the run, and for `kubectl run` with what the cluster demands of Pods. */
export function commandFor({ image, cluster: { demands } }: Surroundings, typed: string): string {
  const own = typed.replace('--image=curlimages/curl', () => `--image=${image('curl')}`);
  return own.replace(/kubectl run (\S+)/, (run, name: string) => {
    const plain: Pod = { apiVersion: 'v1', metadata: {}, spec: { containers: [{ name }] } };
    const demanded = withDemands(plain, demands);
    return isDeepStrictEqual(plain, demanded) ? run : `${run} --override-type=strategic --overrides=${quote(JSON.stringify(demanded))}`;
  });
}

// On stderr, kubectl prints warnings of the API server, such as those of Pod security, and its own log (https://github.com/kubernetes/klog).
const warningLines = /^(?:Warning: |[IWEF]\d{4} \d\d:\d\d:).*(?:\r?\n|$)/gm;

/** Separates what kubectl printed from the warnings in it, line by line. */
export function withoutWarnings(printed: string): { output: string; warnings: string } {
  return { output: printed.replaceAll(warningLines, ''), warnings: (printed.match(warningLines) ?? []).join('') };
}

/** What leads a student's kubectl to the cluster, beside the lab's own context: kubeconfig files, and entries for a kubeconfig. */
function accessTo(
  cluster: ClusterDescription,
  kube: Kube,
): { files: string; context: { cluster: string; user: string }; entries?: object } {
  if (cluster.node !== undefined) return { files: '/etc/rancher/k3s/k3s.yaml', context: { cluster: 'default', user: 'default' } };
  const { cluster: name = '', user = '' } = kube.config.getContextObject(cluster.access.context ?? '') ?? {};
  const context = { cluster: name, user };
  const { server, caFile } = kube.config.getCluster(name) ?? {};
  const tokenFile = tokenFileOf(kube.config.getUser(user));
  // In a Pod there is no kubeconfig: kubectl would find the cluster by itself, but then takes no context.
  if (tokenFile !== undefined) {
    const entries = {
      clusters: [{ name, cluster: { server, 'certificate-authority': caFile } }],
      users: [{ name: user, user: { tokenFile } }],
    };
    return { files: '', context, entries };
  }
  // Commands run in another folder, and kubectl treats an empty KUBECONFIG as none.
  const found = cluster.access.kubeconfig ?? (process.env.KUBECONFIG || join(homedir(), '.kube/config'));
  const files = found.split(delimiter).filter((file) => file !== '');
  return { files: files.map((file) => resolve(file)).join(delimiter), context };
}

/** Returns the file with the token of a Pod's own ServiceAccount, or undefined for any other user. */
function tokenFileOf(user: User | null): string | undefined {
  const { name, config } = (user?.authProvider ?? {}) as { name?: string; config?: { tokenFile?: string } };
  return name === 'tokenFile' ? config?.tokenFile : undefined;
}

/**
 * Creates a lab for a namespace: `files` by the name they get there, from those under manifests/. `onEnd` registers the removal of its folder.
 * Throws when the files cannot be written.
 */
export async function openLab(
  context: RunContext,
  namespace: string,
  files: Readonly<Record<string, string>>,
  onEnd: (remove: () => Promise<void>) => void,
): Promise<Lab> {
  const { cluster, kube } = context;
  const shell = await context.kubectlShell();
  const folder = cluster.node === undefined ? mkdtempSync(join(tmpdir(), `${namespace}-`)) : `/tmp/lab/${namespace}`;
  // On the node it is removed with the node.
  if (cluster.node === undefined)
    onEnd(() => {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    });
  const write = Object.entries(files).map(([name, source]) => {
    const text = manifestFor(context, readFileSync(join(root, 'manifests', source), 'utf8'));
    return `printf %s ${quote(text)} > ${quote(name)}`;
  });
  const { files: configs, context: access, entries } = accessTo(cluster, kube);
  const config = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    contexts: [{ name: 'lab', context: { ...access, namespace } }],
    ...entries,
  });
  const script = [`mkdir -p ${quote(folder)}`, `cd ${quote(folder)}`, ...write, `printf %s ${quote(config)} > .context`];
  const { exitCode, output } = await shell.run(`( ${script.join(' && ')} ) 2>&1`);
  if (exitCode !== 0) throw new Error(`the lab could not be created in ${folder} of ${shell.name}: ${output}`);
  return {
    type: async (command, then) => {
      const line = `cd ${quote(folder)} && ${plainSettings} && export KUBECONFIG=${quote(`${folder}/.context:${configs}`)} && ${commandFor(context, command)}`;
      // Each command has a shell of its own: one with a syntax error ends its shell.
      const result = then === undefined ? await shell.run(`sh -c ${quote(line)} 2>&1`) : await atTerminal(cluster, line, then);
      recordObservation(command, result);
      return { ...result, ...withoutWarnings(result.output) };
    },
  };
}

/** Runs a command at a terminal on the node. Throws when the node is not a container of this suite, or the command has not ended in time. */
async function atTerminal({ node }: ClusterDescription, line: string, then: string): Promise<ShellResult> {
  if (node === undefined) throw new Error('this claim needs a "node shell", which its row in the ledger does not name');
  return runAtTerminal(connect(node.engine), node.container, line, { typed: then, limit: timeouts.podsReady });
}
