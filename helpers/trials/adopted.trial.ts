import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type Docker from 'dockerode';
import { root } from '../base/paths.ts';
import { readSettings } from '../cluster/settings.ts';
import { follow, saveImages } from '../engine/images.ts';
import { prelude } from '../../mutants/mutant.ts';
import { reportFormat } from '../report/format.ts';
import { isRed } from '../report/words.ts';
import { type AdoptedCluster, startAdopted } from './adopted-cluster.ts';
import { allProcessesEnded, everythingIn, reportOf, start } from './suite.ts';

// The suite on an existing cluster: a kept stand-in, named by its context. Its results describe upstream Kubernetes.

let cluster: AdoptedCluster;
let docker: Docker;
let node: string;
let folder: string;
let token: string;
let asAdopted: AdoptedCluster['settings'];
let onNode: AdoptedCluster['onNode'];
let kubeconfigWith: AdoptedCluster['kubeconfigWith'];

beforeAll(async () => {
  cluster = await startAdopted();
  ({ docker, node, folder, token, onNode, kubeconfigWith, settings: asAdopted } = cluster);
});

afterAll(async () => {
  await cluster.remove();
});

/** Returns every object outside the suite's namespaces that a run could change, each with its resourceVersion. Waits until those namespaces are gone. */
async function snapshot(): Promise<string> {
  await onNode(
    'kubectl get ns -o name | grep "^namespace/clusterip-[a-z0-9]*-" | grep -v conformance$ | xargs -r kubectl wait --for=delete --timeout=110s',
  );
  const kinds =
    'ns,sa,cm,secrets,svc,endpoints,endpointslices,deploy,ds,netpol,clusterroles,clusterrolebindings,servicecidrs,crd,mutatingadmissionpolicies';
  const columns = 'K:.kind,NS:.metadata.namespace,N:.metadata.name,RV:.metadata.resourceVersion';
  return onNode(`kubectl get ${kinds} -A -o custom-columns=${columns} | grep -v "^Lease"`);
}

test('a run is green with the rights of manifests/rbac.yaml alone, changes no other object, and writes no secret', async () => {
  const before = await snapshot();
  const ended = await start('test', [], asAdopted).ended;
  const report = reportOf(ended);
  expect([ended.status, report.claims.filter(({ outcome }) => outcome === 'drifted' || outcome === 'broken')]).toEqual([0, []]);
  expect(report.cluster).toMatchObject({ adopted: true, kept: false, context: 'least' });
  expect(report.claims.filter(({ outcome }) => outcome === 'confirmed').length).toBeGreaterThan(25);
  for (const { outcome, why } of report.claims) if (outcome === 'unobserved') expect(why).toMatch(/\S/);
  expect(await snapshot()).toBe(before);
  const written = everythingIn(ended.artifacts) + ended.output;
  expect(written).toContain('"adopted": true');
  expect(written).not.toContain(token);
  expect(written).not.toMatch(/client-key-data|BEGIN [A-Z ]*PRIVATE KEY/);
});

test('rights that the account lacks are listed within 5 s, before anything is created', async () => {
  const poor = (await onNode('kubectl -n default create token default')).trim();
  const { status, output, ms } = await start('test', [], { ...asAdopted, CONFORMANCE_KUBECONFIG: kubeconfigWith(poor, 'poor.kubeconfig') })
    .ended;
  expect(status).toBe(2);
  expect(output).toContain('The account lacks rights that the suite needs on this cluster:');
  expect(output).toContain('create pods/exec');
  expect(output).toContain('manifests/rbac.yaml');
  expect(output).not.toMatch(/\n {4}at /);
  expect(ms).toBeLessThan(5_000);
});

test('settings that differ from those of the kept cluster are reported within 5 s, and the cluster stays', async () => {
  const { status, output, ms } = await start('test', [], { CONFORMANCE_K3S_ARGS: '--kube-proxy-arg=proxy-mode=nftables' }).ended;
  expect([status, output]).toEqual([
    2,
    expect.stringMatching(/started with different settings\.\n.*started with: .*\n.*requested now: .*nftables/),
  ]);
  expect(ms).toBeLessThan(5_000);
  expect(await onNode('kubectl get nodes')).toContain('Ready');
});

test.each(['mutants', 'steady'] as const)(
  '`npm run %s`, which breaks or slows its cluster, leaves a kept cluster alone',
  async (command) => {
    const { status, output } = await start(command, []).ended;
    expect([status, output]).toEqual([
      2,
      expect.stringContaining('starts a disposable cluster, and a kept one is running: remove it with npm run cluster:stop'),
    ]);
  },
);

test('two runs at once do not disturb each other', async () => {
  const runs = await Promise.all(['chapter/address', 'selector'].map((topic) => start('test', [topic], asAdopted).ended));
  expect(runs.map(({ status }) => status)).toEqual([0, 0]);
});

test('a run that is stopped while claims run ends its workers and deletes all its namespaces', async () => {
  const before = await snapshot();
  const run = start('test', ['chapter/address', 'selector', 'chapter/ports'], asAdopted);
  await run.prints(/✔ /);
  run.signal('SIGTERM');
  const { status, output } = await run.ended;
  expect([status, output]).toEqual([143, expect.not.stringMatching(/not gone yet/)]);
  expect(await onNode('kubectl get ns -o name')).not.toMatch(/namespace\/clusterip-\w+-/);
  expect(await snapshot()).toBe(before);
});

test('the namespaces of red claims are kept on request, named, and removed by `npm run clean`', async () => {
  const run = start('test', ['selector'], { ...asAdopted, CONFORMANCE_KEEP: '1', CONFORMANCE_TIMEOUT_MULTIPLIER: '0.2' });
  await run.prints(/running the claims/);
  await onNode('kubectl cordon $(hostname)');
  const { status, output } = await run.ended.finally(() => onNode('kubectl uncordon $(hostname)'));
  expect([status, output]).toEqual([3, expect.stringContaining('CONFORMANCE_CONTEXT=least npm run clean removes them')]);
  const cleaned = await start('cluster', ['clean'], asAdopted).ended;
  expect([cleaned.status, cleaned.output]).toEqual([0, expect.stringMatching(/Removed clusterip-\w+-/)]);
});

test('`npm run clean` with a context removes what a killed run left there, and nothing else', async () => {
  const before = await snapshot();
  const run = start('test', ['chapter/address'], asAdopted);
  await run.prints(/✔ /);
  run.signal('SIGKILL');
  await allProcessesEnded((await run.ended).artifacts);
  expect(await onNode('kubectl get ns -o name')).toMatch(/namespace\/clusterip-\w+-clients/);
  const { status, output } = await start('cluster', ['clean'], asAdopted).ended;
  expect([status, output]).toEqual([0, expect.stringMatching(/Removed clusterip-\w+-/)]);
  expect(await onNode('kubectl get ns -o name')).not.toMatch(/namespace\/clusterip-\w+-clients/);
  expect(await snapshot()).toBe(before);
});

/** Builds the image of manifests/in-cluster/Dockerfile from images of this machine, with the packages that are installed here. */
async function buildInCluster(tag: string): Promise<void> {
  const recipe = readFileSync(join(root, 'manifests/in-cluster/Dockerfile'), 'utf8');
  const { nodeImage } = readSettings();
  const local = recipe
    .replace(/^FROM (\S+) AS kubectl$/m, `FROM ${nodeImage} AS kubectl`)
    .replace(/^FROM node:\S+$/m, `FROM ${nodeImage}\nCOPY node /usr/local/bin/node\nCOPY lib /usr/lib/`)
    .replace(/^RUN npm ci.*$/m, '')
    .replace('/bin/kubectl /usr/local/bin/kubectl', '/usr/local/bin/stand-in /usr/local/bin/kubectl');
  const context = join(folder, 'context');
  mkdirSync(context);
  for (const name of ['package.json', 'package-lock.json', 'tsconfig.json', 'jest.config.ts', 'helpers', 'suites', 'manifests'])
    cpSync(join(root, name), join(context, name), { recursive: true });
  const unneeded = /node_modules\/(?:\.bin|\.cache|node|node-linux-\w+|typescript|playwright-core|prettier|eslint|@typescript-eslint)$/;
  cpSync(join(root, 'node_modules'), join(context, 'node_modules'), { recursive: true, filter: (name) => !unneeded.test(name) });
  copyFileSync(process.execPath, join(context, 'node'));
  // This base has no C++ libraries, which Node needs.
  mkdirSync(join(context, 'lib'));
  for (const [, name = '', file = ''] of execFileSync('ldd', [process.execPath], { encoding: 'utf8' }).matchAll(
    /(lib(?:stdc\+\+|gcc_s|atomic)\S+) => (\S+)/g,
  ))
    copyFileSync(file, join(context, 'lib', name));
  writeFileSync(join(context, 'Dockerfile'), local);
  const tar = spawn('tar', ['-c', '-C', context, '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await follow(docker, await docker.buildImage(tar.stdout, { t: tag }));
  rmSync(context, { recursive: true });
}

test('the suite runs as a Job of the cluster with the rights of its manifest, and its results can be fetched', async () => {
  const tag = 'localhost/clusterip-conformance/in-cluster:1';
  await buildInCluster(tag);
  try {
    await saveImages(docker, [tag], join(folder, 'in-cluster.tar'));
    const tar = spawn('tar', ['-c', '-C', folder, 'in-cluster.tar'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await docker.getContainer(node).putArchive(tar.stdout, { path: '/var/lib/rancher/k3s/agent/images' });
    await onNode(
      'cd /var/lib/rancher/k3s/agent/images && ctr -a /run/k3s/containerd/containerd.sock -n k8s.io images import in-cluster.tar',
    );
  } finally {
    await docker.getImage(tag).remove();
  }
  const job = readFileSync(join(root, 'manifests/in-cluster/job.yaml'), 'utf8')
    .replaceAll(/image: registry\.example\S+/g, `image: ${tag}`)
    .replace(
      '        volumeMounts:',
      `        args: [dns, selector, walkthrough]\n        env: [{ name: CONFORMANCE_IMAGES, value: "${asAdopted.CONFORMANCE_IMAGES}" }]\n        volumeMounts:`,
    );
  const before = await snapshot();
  await onNode('kubectl apply -f -', job);
  const the = 'kubectl -n clusterip-conformance';
  await onNode(`${the} wait --for=condition=Ready pod -l job-name=clusterip-conformance --timeout=60s`);
  const output = await onNode(`${the} logs --follow job/clusterip-conformance -c suite`);
  expect(output).toContain('excluded as advice or opinion');
  const fetched = await onNode(`${the} exec job/clusterip-conformance -c results -- cat /results/report.json`);
  const report = reportFormat.parse(JSON.parse(fetched));
  expect([report.exitStatus, report.claims.filter(isRed)]).toEqual([0, []]);
  expect(report.cluster).toMatchObject({ adopted: true, context: 'inClusterContext' });
  // A name, a connection, and what a student types: all claims ran from outside in the first trial.
  expect(report.claims.filter(({ outcome }) => outcome === 'confirmed').map(({ id }) => id)).toEqual(
    expect.arrayContaining(['short-name', 'selector-links', 'pod-yaml', 'get-svc-shows-it']),
  );
  // With tar, as the manifest describes.
  expect(await onNode(`${the} exec job/clusterip-conformance -c results -- tar -c -C /results . | tar -t`)).toContain('./junit.xml');
  await onNode('kubectl delete --wait -f -', job);
  expect(await snapshot()).toBe(before);
});

test('an API server that restarts while claims run makes claims broken and none drifted, and the namespaces are still deleted', async () => {
  const run = start('test', ['chapter/address', 'chapter/ports', 'selector', 'chapter/dns'], {
    ...asAdopted,
    CONFORMANCE_TIMEOUT_MULTIPLIER: '0.5',
  });
  await run.prints(/✔ /);
  await onNode(
    'pkill -f "^kube-apiserver "; sleep 2; setsid sh -c "$(cat /run/stand-in/kube-apiserver.command)" >>/var/log/stand-in/kube-apiserver.log 2>&1 </dev/null &',
  );
  const ended = await run.ended;
  const outcomes = reportOf(ended).claims.map(({ outcome }) => outcome);
  expect([ended.status, outcomes.includes('broken'), outcomes.includes('drifted')]).toEqual([3, true, false]);
  expect(ended.output).not.toMatch(/Unexpected failure|not gone yet/);
  await snapshot();
});

test.each([
  ['is lost', 'pkill -STOP -f "^kubelet "', 'pkill -CONT -f "^kubelet "', /not Ready|(?:to be|become) Ready|has not ended|no shell/],
  // The node is taken for lost after 1 s instead of 50 s, between two heartbeats, so that its endpoints change while claims run.
  [
    'comes and goes',
    'stop kube-controller-manager; start kube-controller-manager "--node-monitor-grace-period=1s --node-monitor-period=1s"',
    'stop kube-controller-manager; start kube-controller-manager',
    /has not been Ready all the time/,
  ],
])(
  'a node that %s while claims run makes claims broken and none drifted',
  async (_, apply, mend, words) => {
    const run = start('test', ['chapter/affinity', 'chapter/balancing', 'selector'], {
      ...asAdopted,
      CONFORMANCE_TIMEOUT_MULTIPLIER: '0.3',
    });
    const ready = 'kubectl get endpointslices -A -l kubernetes.io/service-name=web -o jsonpath="{.items[*].endpoints[*].conditions.ready}"';
    await run.prints(/running the claims/);
    await onNode(`${prelude}\nwithin 60 '${ready} | grep "true true true"'\n${apply}`);
    try {
      const ended = await run.ended;
      const { claims, fault } = reportOf(ended);
      const outcomes = claims.map(({ outcome }) => outcome);
      // A node that is lost before the first Pods are Ready stops the whole run.
      expect([ended.status, outcomes.includes('broken') || fault !== undefined, outcomes.includes('drifted')]).toEqual([3, true, false]);
      expect([fault?.seen, ...claims.map(({ why }) => why)].join()).toMatch(words);
    } finally {
      await onNode(`${prelude}\n${mend}\nkubectl wait --for=condition=Ready node --all --timeout=60s`);
    }
    await snapshot();
  },
  600_000,
);

test('where no Pod is ever scheduled, the run ends before its first test, and says so', async () => {
  await onNode('kubectl cordon $(hostname)');
  try {
    const { status, output } = await start('test', ['chapter/address'], { ...asAdopted, CONFORMANCE_TIMEOUT_MULTIPLIER: '0.2' }).ended;
    expect([status, output]).toEqual([2, expect.stringMatching(/does not run the ordinary Pods of the suite: .*unschedulable/)]);
  } finally {
    await onNode('kubectl uncordon $(hostname)');
  }
  await snapshot();
});

test('a full disk makes claims broken, and the lesson is still printed', async () => {
  const small = mkdtempSync(join(tmpdir(), 'small-'));
  const mount = spawn('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', small]);
  const [code] = (await once(mount, 'exit')) as [number];
  if (code !== 0) throw new Error('a small disk could not be mounted: this trial needs root');
  try {
    const { status, output } = await start('test', ['selector'], { ...asAdopted, CONFORMANCE_ARTIFACTS: small }).ended;
    expect([status, output]).toEqual([3, expect.stringContaining('could not be written')]);
    expect(output).toContain('excluded as advice or opinion');
  } finally {
    await once(spawn('umount', [small]), 'exit');
  }
});

test.each(['baseline', 'restricted'])(
  'where Pod security "%s" is enforced, claims that need a refused Pod are unobserved and the others are shown',
  async (level) => {
    const enforced = `[JSONPatch{op: "add", path: "/metadata/labels/pod-security.kubernetes.io~1enforce", value: "${level}"}]`;
    await onNode(
      `${prelude}\npolicy namespaces true '${enforced}'\nwithin 60 'kubectl create namespace trial --dry-run=server -o yaml | grep enforce'`,
    );
    try {
      const ended = await start('test', ['node', 'selector', 'walkthrough'], asAdopted).ended;
      const { claims } = reportOf(ended);
      expect(ended.status).toBe(0);
      const outcomeOf = (id: string) => claims.find((claim) => claim.id === id)?.outcome;
      expect(['selector-links', 'all-pods-with-label', 'service-yaml'].map(outcomeOf)).toEqual(['confirmed', 'confirmed', 'confirmed']);
      // The Pods of the lab have no security context, which "restricted" demands.
      expect(outcomeOf('pod-yaml')).toBe(level === 'restricted' ? 'unobserved' : 'confirmed');
      expect(claims.find(({ id }) => id === 'from-node')).toMatchObject({
        outcome: 'unobserved',
        why: expect.stringContaining(`violates PodSecurity "${level}:latest"`),
      });
    } finally {
      await onNode(`${prelude}\nunpolicy`);
    }
  },
);
