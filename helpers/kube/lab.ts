import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll } from '@jest/globals';
import type { User } from '@kubernetes/client-node';
import { cluster, desk, imageOf, kube } from '../claims/claim.ts';
import { type CommandResult, connect, execInContainer } from '../cluster/engine.ts';
import { pinnedImages, root } from '../cluster/settings.ts';
import { quote } from '../quote.ts';
import { recordLook } from '../report/evidence.ts';
import { timeouts } from '../timeouts.ts';

/** A student's desk: a folder with the chapter's files, and a kubectl whose current namespace is the claim's. */
export interface Lab {
  /** Types a command as a student would, and `then` into what it opens at the terminal; returns what was printed. All is evidence. */
  type(command: string, then?: string): Promise<CommandResult>;
}

/** The chapter names its images without a version; here they are the pinned ones, or what stands for them. */
export function withImages(text: string): string {
  const { nginx, curl } = pinnedImages();
  return text.replace(/image: nginx$/m, `image: ${imageOf(nginx)}`).replace('--image=curlimages/curl', `--image=${imageOf(curl)}`);
}

/** What beside the lab's own context leads a student's kubectl to the cluster: kubeconfig files, and entries for a kubeconfig. */
function access(): { files: string; context: { cluster: string; user: string }; entries?: object } {
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
  // The lab is typed in another folder, and kubectl takes an empty KUBECONFIG for none.
  const found = cluster.access.kubeconfig ?? (process.env.KUBECONFIG || join(homedir(), '.kube/config'));
  const files = found.split(delimiter).filter((file) => file !== '');
  return { files: files.map((file) => resolve(file)).join(delimiter), context };
}

/** The file with the token of a Pod's own ServiceAccount; undefined for any other user. */
function tokenFileOf(user: User | null): string | undefined {
  const { name, config } = (user?.authProvider ?? {}) as { name?: string; config?: { tokenFile?: string } };
  return name === 'tokenFile' ? config?.tokenFile : undefined;
}

/**
 * Lays out a lab: files by the name they get there, from those under manifests/.
 * Throws when they cannot be written.
 */
export async function openLab(namespace: string, files: Readonly<Record<string, string>>): Promise<Lab> {
  const shell = await desk();
  const folder = cluster.node === undefined ? mkdtempSync(join(tmpdir(), `${namespace}-`)) : `/tmp/lab/${namespace}`;
  const write = Object.entries(files).map(([name, source]) => {
    const text = withImages(readFileSync(join(root, 'manifests', source), 'utf8'));
    return `printf %s ${quote(text)} > ${quote(name)}`;
  });
  const { files: configs, context, entries } = access();
  const lab = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    contexts: [{ name: 'lab', context: { ...context, namespace } }],
    ...entries,
  });
  const script = [`mkdir -p ${folder}`, `cd ${folder}`, ...write, `printf %s ${quote(lab)} > .context`];
  const { exitCode, output } = await shell.run(`( ${script.join(' && ')} ) 2>&1`);
  if (exitCode !== 0) throw new Error(`the lab could not be laid out in ${folder} of ${shell.name}: ${output}`);
  if (cluster.node === undefined) folders.push(folder);
  return {
    type: async (command, then) => {
      const line = `cd ${folder} && export KUBECONFIG=${quote(`${folder}/.context:${configs}`)} && ${withImages(command)}`;
      // A shell of its own for each command: one that cannot even be read ends it.
      const result = then === undefined ? await shell.run(`sh -c ${quote(line)} 2>&1`) : await atTerminal(line, then);
      recordLook(command, result);
      return result;
    },
  };
}

/** Types at a terminal on the node. Throws when the node is not ours, or has not ended in time. */
function atTerminal(line: string, then: string): Promise<CommandResult> {
  if (cluster.node === undefined) throw new Error('this claim needs a "node shell", which its row in the ledger does not say');
  const { container, engine } = cluster.node;
  return execInContainer(connect(engine), container, ['sh', '-c', line], { limit: timeouts.podsReady, stdin: then, tty: true });
}

// Those on the node go with it.
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Lays out the lab with the chapter's Service and the mended Pod, and applies both. Throws when kubectl does not accept them. */
export async function applyLab(namespace: string): Promise<Lab> {
  const files = { 'pod-for-service.yaml': 'corrected/pod-for-service.yaml', 'service-for-pod.yml': 'chapter/service.yaml' };
  const lab = await openLab(namespace, files);
  const { exitCode, output } = await lab.type(
    `kubectl apply ${Object.keys(files)
      .map((file) => `-f ${file}`)
      .join(' ')}`,
  );
  if (exitCode !== 0) throw new Error(`kubectl did not accept the lab's files: ${output}`);
  return lab;
}
