import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { removeKept } from '../cluster/cluster.ts';
import { connect, findEngine, labels, scriptInContainer } from '../engine/engine.ts';
import { start } from './suite.ts';

/** A kept stand-in. */
export interface KeptCluster {
  readonly docker: Docker;
  /** The container of its node. */
  readonly node: string;
  /** Has the results of its start. Is removed with the cluster. */
  readonly folder: string;
  /** Runs sh on the node and returns what it printed. Throws when it fails, or has not ended after 120 s. */
  readonly onNode: (script: string, stdin?: string) => Promise<string>;
  readonly remove: () => Promise<void>;
}

/** Starts a stand-in of a profile and keeps it, in place of one that was kept before. Throws when it does not start. */
export async function startKept(profile = 'default'): Promise<KeptCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'kept-'));
  const docker = connect((await findEngine()).address);
  await removeKept();
  const started = await start('cluster', ['start'], { CONFORMANCE_ARTIFACTS: folder, CONFORMANCE_PROFILE: profile }).ended;
  if (!started.output.includes('is running in container')) throw new Error(`no kept cluster was started:\n${started.output}`);
  const node = (await docker.listContainers({ filters: { label: [`${labels.role}=node`] } }))[0]?.Id ?? '';
  const onNode = (script: string, stdin?: string) => scriptInContainer(docker, node, script, { limit: 120_000, stdin });
  const remove = async () => {
    await removeKept();
    rmSync(folder, { recursive: true });
  };
  return { docker, node, folder, onNode, remove };
}
