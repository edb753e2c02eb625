import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { loadAllYaml, loadYaml, type V1Container, type V1Job, type V1ServiceAccount } from '@kubernetes/client-node';
import { root } from '../base/paths.ts';

// npm run trials runs the Job in a cluster. The plugin is checked here against what sonobuoy documents, without sonobuoy.

const read = (file: string) => readFileSync(join(root, 'manifests', file), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'in-cluster-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('the Job uses the account of manifests/rbac.yaml, and one image', () => {
  const job = loadYaml<V1Job>(read('in-cluster/job.yaml'));
  const account = (loadAllYaml(read('rbac.yaml')) as V1ServiceAccount[]).find(({ kind }) => kind === 'ServiceAccount');
  expect([job.metadata?.namespace, job.spec?.template.spec?.serviceAccountName]).toEqual([
    account?.metadata?.namespace,
    account?.metadata?.name,
  ]);
  expect(new Set(job.spec?.template.spec?.containers.map(({ image }) => image)).size).toBe(1);
  expect(job.spec?.backoffLimit).toBe(0);
});

test('the plugin gives sonobuoy an archive with junit.xml, also when claims were red', () => {
  const plugin = loadYaml<{ 'sonobuoy-config': Record<string, unknown>; spec: V1Container }>(read('in-cluster/sonobuoy.yaml'));
  expect(plugin['sonobuoy-config']).toMatchObject({ driver: 'Job', 'result-format': 'junit', 'result-files': ['junit.xml'] });
  // Stands for node and a red run.
  const node = join(folder, 'node');
  writeFileSync(node, '#!/bin/sh\nmkdir -p "$CONFORMANCE_ARTIFACTS"\necho "<testsuites/>" >"$CONFORMANCE_ARTIFACTS/junit.xml"\nexit 1\n');
  chmodSync(node, 0o755);
  const { status, stderr } = spawnSync('sh', plugin.spec.command?.slice(1) ?? [], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: `${folder}:${process.env.PATH ?? ''}`,
      SONOBUOY_RESULTS_DIR: folder,
      CONFORMANCE_ARTIFACTS: join(folder, 'artifacts'),
    },
  });
  expect([status, stderr]).toEqual([0, '']);
  const archive = readFileSync(join(folder, 'done'), 'utf8');
  expect(execFileSync('tar', ['-tzf', archive], { encoding: 'utf8' })).toContain('./junit.xml');
});
