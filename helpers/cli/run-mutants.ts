import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadMutants } from '../../mutants/load.ts';
import { type Breakage, breakageOn, prelude } from '../../mutants/mutant.ts';
import { unkillable } from '../../mutants/unkillable.ts';
import { messageOf } from '../base/message-of.ts';
import { root } from '../base/paths.ts';
import { UsageError } from '../base/usage-error.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { type ClusterDescription, forAnotherRun, writeDescription } from '../cluster/description.ts';
import { ledger } from '../ledger/claims.ts';
import { lastReport } from '../results/last-report.ts';
import { type OnNode, removeTraces, scriptsOn } from './between-runs.ts';
import { brokenClusters } from './broken-clusters.ts';
import { readBroken, writeBroken } from './broken-clusters-file.ts';
import { type Judgement, judgeMutant, scriptOf, withEarlier } from './mutant-results.ts';
import { mutantProfile } from './mutant-selection.ts';
import { runClaims } from './run-claims.ts';

const document = join(root, 'docs/broken-clusters.md');

/** How mutants are run. */
export interface MutantOptions {
  /** Stops the runs when it is aborted. */
  readonly signal: AbortSignal;
  /** Receives lines of progress. */
  readonly say: (line: string) => void;
  /** Runs every claim on each broken cluster, and not only those that the mutant names. */
  readonly allClaims: boolean;
}

/** The scripts of a mutant, and where they run. */
interface Scripts extends Pick<Breakage, 'apply' | 'mend'> {
  readonly onNode: OnNode;
  readonly onServer: OnNode;
}

/** Breaks the cluster, shows claims on it, and repairs it. Returns why one of the three failed, or undefined. */
async function tried({ apply, mend, onNode, onServer }: Scripts, show: () => Promise<void>): Promise<string | undefined> {
  try {
    // A node that is not Ready, or a proxy that has not written its rules, would make claims red for another reason.
    await onServer('dnsready; settled');
    await onNode(apply);
    await onServer('settled');
    await show();
    await onNode(mend);
    return undefined;
  } catch (error) {
    await onNode(mend).catch(() => undefined);
    return messageOf(error);
  }
}

/** Returns where the scripts of mutants run. Throws a UsageError where the cluster cannot be broken. */
function nodesOf({ node, nodes, standIn }: ClusterDescription): {
  onServer: OnNode;
  onAgent: OnNode | undefined;
  second: string | undefined;
} {
  if (node === undefined || !standIn) {
    throw new UsageError('The mutants need the stand-in node: on other nodes its components cannot be broken one by one.');
  }
  const { container, name } = nodes.find((it) => it.container !== undefined && it.container !== node.container) ?? {};
  return {
    onServer: scriptsOn(node, prelude),
    onAgent: container === undefined ? undefined : scriptsOn({ ...node, container }, prelude),
    second: name,
  };
}

/**
 * Runs mutants on a cluster, one after the other, and writes what each did into docs/. Returns the results of those that were run. Throws a UsageError where the
 * cluster cannot be broken: only the components of the stand-in can be stopped one by one, in the mode of kube-proxy of its profile.
 */
export async function runMutants(
  names: readonly string[],
  { description }: Cluster,
  { signal, say, allClaims }: MutantOptions,
): Promise<Readonly<Record<string, Judgement>>> {
  const { version, proxyMode } = description;
  const profile = mutantProfile(description.profile);
  if (proxyMode !== (profile === 'nftables' ? 'nftables' : 'iptables')) {
    throw new UsageError(
      `The mutants choose the mode of kube-proxy by the profile, and this one runs in ${proxyMode} mode: set CONFORMANCE_PROFILE=nftables alone.`,
    );
  }
  const { onServer, onAgent, second } = nodesOf(description);
  // So that what a broken second node does to a claim does not depend on the scheduler: only what a claim asks for on that node runs there.
  if (second !== undefined) await onServer(`kubectl taint node ${second} mutants=second:PreferNoSchedule`);
  const mutants = await loadMutants();
  let { clusters } = readBroken(mutants);
  const judgements: Record<string, Judgement> = {};
  for (const [index, name] of names.entries()) {
    const mutant = mutants[name];
    if (mutant === undefined) continue;
    const breakage = breakageOn(profile, mutant);
    if ('unfit' in breakage) throw new UsageError(`${name}: ${breakage.unfit}`);
    const onNode = mutant.node === 'agent' ? onAgent : onServer;
    if (onNode === undefined) throw new UsageError(`${name} breaks the second node, and this cluster has one.`);
    say(`${name}: ${mutant.breaks}`);
    const suffix = String(index);
    const claims = allClaims ? Object.keys(ledger) : [...Object.keys(breakage.red), ...breakage.green];
    const fault = await tried({ ...breakage, onNode, onServer }, async () => {
      // Written once the node is settled: a node that was not Ready after this moment makes claims broken.
      writeDescription(forAnotherRun(description, suffix));
      // With less patience: what is broken here stays broken, however long a check waits.
      await runClaims(
        { typed: [], claims },
        { signal, environment: { CONFORMANCE_TIMEOUT_MULTIPLIER: '0.4' }, quiet: true, stopEarly: false },
      );
    });
    // The results of an interrupted run are discarded.
    if (signal.aborted) break;
    const judgement = judgeMutant(breakage, fault === undefined ? (lastReport()?.claims ?? []) : [], fault);
    judgements[name] = judgement;
    const red = Object.entries(judgement.checks).filter(([, { outcome }]) => outcome !== 'passed');
    say(`  red: ${red.map(([check, { ending }]) => `${check} (${ending})`).join(', ') || 'nothing'}`);
    for (const [what, why] of Object.entries(judgement.unexpected)) say(`  UNEXPECTED ${what}: ${why}`);
    const result = withEarlier({ ...judgement, version, script: scriptOf(breakage) }, clusters[profile]?.[name]);
    clusters = { ...clusters, [profile]: { ...clusters[profile], [name]: result } };
    writeBroken({ clusters });
    writeFileSync(document, brokenClusters(mutants, unkillable, { clusters }));
    await removeTraces(forAnotherRun(description, suffix));
  }
  return judgements;
}
