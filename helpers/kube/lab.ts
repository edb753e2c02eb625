import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cluster, docker, imageOf, nodeShell } from '../claims/claim.ts';
import { type CommandResult, execInContainer } from '../cluster/engine.ts';
import { pinnedImages, root } from '../cluster/settings.ts';
import { quote } from '../quote.ts';
import { recordLook } from '../report/evidence.ts';
import { timeouts } from '../timeouts.ts';

/** A student's desk: a folder on the node with the chapter's files, and a kubectl whose current namespace is the claim's. */
export interface Lab {
  /** Types a command as a student would, and `then` into what it opens at the terminal; returns what was printed. All is evidence. */
  type(command: string, then?: string): Promise<CommandResult>;
}

/** The chapter names its images without a version; here they are the pinned ones, or what stands for them. */
export function withImages(text: string): string {
  const { nginx, curl } = pinnedImages();
  return text.replace(/image: nginx$/m, `image: ${imageOf(nginx)}`).replace('--image=curlimages/curl', `--image=${imageOf(curl)}`);
}

/**
 * Lays out a lab on the node: files by the name they get there, from those under manifests/.
 * Throws when the node cannot be written to.
 */
export async function openLab(namespace: string, files: Readonly<Record<string, string>>): Promise<Lab> {
  const folder = `/tmp/lab/${namespace}`;
  const write = Object.entries(files).map(([name, source]) => {
    const text = withImages(readFileSync(join(root, 'manifests', source), 'utf8'));
    return `printf %s ${quote(text)} > ${quote(name)}`;
  });
  const context = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    contexts: [{ name: 'lab', context: { cluster: 'default', user: 'default', namespace } }],
  });
  const script = [`mkdir -p ${folder}`, `cd ${folder}`, ...write, `printf %s ${quote(context)} > .context`];
  const shell = await nodeShell();
  const { exitCode, output } = await shell.run(`( ${script.join(' && ')} ) 2>&1`);
  if (exitCode !== 0) throw new Error(`the lab could not be laid out on the node: ${output}`);
  return {
    type: async (command, then) => {
      const line = `cd ${folder} && export KUBECONFIG=${folder}/.context:/etc/rancher/k3s/k3s.yaml && ${withImages(command)}`;
      // A shell of its own for each command: one that cannot even be read ends it.
      const result =
        then === undefined
          ? await shell.run(`sh -c ${quote(line)} 2>&1`)
          : await execInContainer(docker, cluster.container, ['sh', '-c', line], { limit: timeouts.podsReady, stdin: then, tty: true });
      recordLook(command, result);
      return result;
    },
  };
}

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
