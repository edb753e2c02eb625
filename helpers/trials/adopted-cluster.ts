import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { root } from '../base/paths.ts';
import { readSettings } from '../cluster/settings.ts';
import { type KeptCluster, startKept } from './kept-cluster.ts';

/** A kept stand-in that runs adopt by its context, as an existing cluster. Its folder has a kubectl. */
export interface AdoptedCluster extends KeptCluster {
  /** Of an account with the rights of manifests/rbac.yaml. */
  readonly token: string;
  /** The settings of a run on it, with that account. */
  readonly settings: Readonly<Record<string, string>>;
  /** Writes a kubeconfig with the context `least` for another token, and returns its path. */
  readonly kubeconfigWith: (secret: string, name: string) => string;
}

/** Copies kubectl from the node, because this machine may have none. */
async function copyKubectl(docker: Docker, node: string, folder: string): Promise<void> {
  const tar = spawn('tar', ['-x', '-C', folder], { stdio: ['pipe', 'inherit', 'inherit'] });
  const archive = (await docker.getContainer(node).getArchive({ path: '/usr/local/bin/stand-in' })) as Readable;
  archive.pipe(tar.stdin);
  await once(tar, 'exit');
  // tar exits before it reads the archive's padding. An open stream would keep Jest running for minutes.
  archive.destroy();
  writeFileSync(join(folder, 'kubectl'), `#!/bin/bash\nexec -a kubectl ${folder}/stand-in "$@"\n`, { mode: 0o755 });
}

/** Starts a kept stand-in of a profile and an account in it. Throws when it does not start. */
export async function startAdopted(profile?: string): Promise<AdoptedCluster> {
  const kept = await startKept(profile);
  const { docker, node, folder, onNode } = kept;
  await onNode('kubectl apply -f -', readFileSync(join(root, 'manifests/rbac.yaml'), 'utf8'));
  const token = (await onNode('kubectl -n clusterip-conformance create token clusterip-conformance')).trim();
  await copyKubectl(docker, node, folder);
  const admin = readFileSync(join(folder, 'kubeconfig'), 'utf8');
  const [, server] = /server: (\S+)/.exec(admin) ?? [];
  const [, ca] = /certificate-authority-data: (\S+)/.exec(admin) ?? [];
  const kubeconfigWith = (secret: string, name: string) => {
    const file = join(folder, name);
    const clusters = [{ name: 'c', cluster: { server, 'certificate-authority-data': ca } }];
    const contexts = [{ name: 'least', context: { cluster: 'c', user: 'account' } }];
    writeFileSync(
      file,
      JSON.stringify({ apiVersion: 'v1', kind: 'Config', clusters, contexts, users: [{ name: 'account', user: { token: secret } }] }),
    );
    return file;
  };
  const settings = {
    PATH: `${folder}:${process.env.PATH}`,
    CONFORMANCE_KUBECONFIG: kubeconfigWith(token, 'least.kubeconfig'),
    CONFORMANCE_CONTEXT: 'least',
    CONFORMANCE_IMAGES: Object.entries(readSettings().images)
      .map((pair) => pair.join('='))
      .join(','),
  };
  return { ...kept, token, settings, kubeconfigWith };
}
