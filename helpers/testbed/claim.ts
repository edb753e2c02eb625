import { relative } from 'node:path';
import type { Ending } from '../base/endings.ts';
import { messageOf } from '../base/message-of.ts';
import { root } from '../base/paths.ts';
import { timeouts } from '../base/timeouts.ts';
import type { ClusterDescription, Fault, NodeDescription } from '../cluster/description.ts';
import { namespacesGone } from '../cluster/namespaces.ts';
import type { CheckResult, Evidence } from '../evidence/format.ts';
import { recordingFor, writeEvidence } from '../evidence/recorder.ts';
import { createNamespace, deleteNamespace, deletePodsAtOnce } from '../kube/objects.ts';
import { type Refused, refusal } from '../kube/refusal.ts';
import { unmet } from '../ledger/capabilities.ts';
import { type CheckId, type ClaimId, ledger } from '../ledger/claims.ts';
import { type Claim, titleOf } from '../ledger/row.ts';
import { NotSettled } from '../probe/settle.ts';
import { collect, keepRules, unsteadyNodes } from './collect.ts';
import { type Namespace, namespaceOf } from './namespace.ts';
import type { RunContext } from './run-context.ts';

/** The functions of Jest that claims are registered with. */
export interface JestFile {
  /** The suite file that registers a claim. By default the one in the call stack. */
  readonly path?: string;
  readonly beforeAll: (hook: () => void, timeout?: number) => void;
  readonly afterAll: (hook: () => Promise<void>, timeout?: number) => void;
  readonly describe: ((title: string, body: () => void) => void) & { readonly skip: (title: string, body: () => void) => void };
  readonly test: (title: string, run: () => Promise<void>, timeout?: number) => void;
}

/** What the body of a claim is given. */
export interface ClaimContext<Id extends ClaimId> {
  /** The claim's own namespace. It exists when the setup runs. */
  readonly ns: Namespace;
  /** A second namespace, for the claim to create; it is removed with the first. */
  readonly elsewhere: Namespace;
  /** Registers what is created before the checks. */
  readonly setup: (run: () => Promise<void>) => void;
  /** Registers what removes changes outside the claim's namespaces. It runs when the claim has ended, however it ended, and before the next claim that is to be alone. */
  readonly teardown: (run: () => Promise<void>) => void;
  /** Registers one check of the ledger's row as a test; its title is a sentence about the cluster. */
  readonly check: (id: CheckId<Id>, title: string, show: () => Promise<void>) => void;
  /** Returns how a connection of that check may end in the cluster's proxy mode, as the ledger's row says. */
  readonly ending: (id: CheckId<Id>) => Ending | readonly Ending[];
  /** Returns what that check sees in the cluster's proxy mode, in the words of the ledger's row. */
  readonly inMode: (id: CheckId<Id>) => string;
}

interface Check {
  readonly id: string;
  readonly title: string;
  readonly show: () => Promise<void>;
}

interface Plan {
  readonly id: string;
  readonly row: Claim;
  readonly setups: (() => Promise<void>)[];
  readonly teardowns: (() => Promise<void>)[];
  readonly checks: Check[];
  readonly ns: Namespace;
  readonly elsewhere: Namespace;
  readonly place: { file: string; line: number };
}

/** Claims that are shown side by side. They mostly wait, and what they wait for costs the node and not this process. */
const mostLanes = 8;

/** Places for Pods that a claim may need. */
const roomForAClaim = 10;

/** Returns how many claims are shown side by side: fewer where the nodes have no room for the Pods of so many. */
function lanesOn({ freePlaces }: ClusterDescription): number {
  return freePlaces === undefined ? mostLanes : Math.min(mostLanes, Math.max(1, Math.floor(freePlaces / roomForAClaim)));
}

// The claim about the debug Pod may wait for a Pod's 30 s of grace, and the one about affinity for pauses. They begin first, so that no run ends with them.
const longest = ['debug-pod', 'client-ip-affinity'];

/** ms for the search of a fault: its own limits, and one for the shells that it opens. */
const longestSearch = timeouts.basicPods + timeouts.basics + timeouts.command;

/**
 * Returns the function that registers claims. All of them run side by side, in lanes; Jest's tests wait for their results in the order of their registration.
 * Each claim has a namespace of its own, and leaves evidence also when it turns red. Claims that are to be alone follow, one after the other.
 *
 * Meanwhile `findFault` looks for a part of the cluster's network that does not work at all. Where it finds one that stops the run, no claim is begun any more,
 * and those that run are abandoned: their tests fail at once, and they leave no evidence. Claims that need DNS wait for it, and are skipped without DNS.
 */
export function claimsOf(
  jest: JestFile,
  context: RunContext,
  findFault: () => Promise<Fault | undefined> = () => Promise.resolve(undefined),
): <Id extends ClaimId>(id: Id, body: (context: ClaimContext<Id>) => void) => void {
  const started = new Map<string, ReturnType<typeof startable>>();
  const lanes = lanesOn(context.cluster);
  // With fewer lanes, more claims come before the last one.
  const limit = (timeouts.file * mostLanes) / lanes;
  let search: Promise<void> = Promise.resolve();
  jest.beforeAll(() => {
    const rank = (id: string) => (longest.includes(id) ? 0 : 1);
    const sorted = [...started].sort(([x], [y]) => rank(x) - rank(y)).map(([, claim]) => claim);
    const queue = sorted.filter(({ alone }) => !alone);
    const lonely = sorted.filter(({ alone }) => alone);
    let searching = true;
    const skip = (fault: Fault | undefined) => {
      searching = false;
      if (fault === undefined) return;
      const skipped = [...started.values()].filter(({ needsDns }) => fault.stopped || needsDns);
      for (const claim of skipped) claim.abandon(new Error(`${fault.layer} does not work: ${fault.seen}`));
      for (const waiting of [queue, lonely]) waiting.splice(0, waiting.length, ...waiting.filter((claim) => !skipped.includes(claim)));
    };
    // A search that fails shows nothing about the cluster, so the claims go on. Nor does one that hangs, as where a kubelet accepts connections and is silent.
    search = limited(findFault(), 'the search for a fault', longestSearch).then(skip, () => {
      skip(undefined);
    });
    const take = async () => {
      const ready = queue.findIndex(({ needsDns }) => !searching || !needsDns);
      if (ready < 0) await search;
      return queue.splice(Math.max(ready, 0), 1)[0];
    };
    const work = async (lane: number) => {
      for (let next = await take(); next !== undefined; next = await take()) await context.inLane(lane, next.run);
    };
    const sideBySide = Array.from({ length: lanes }, (_, lane) => work(lane));
    void Promise.all(sideBySide).then(async () => {
      // Namespaces that are being deleted keep kube-proxy busy, and their Services have addresses.
      if (lonely.length > 0) await namespacesGone(context.kube, deletedGreen);
      for (let next = lonely.shift(); next !== undefined; next = lonely.shift()) await context.inLane(0, next.run);
    });
  });
  jest.afterAll(async () => {
    await Promise.all([search, ...[...started.values()].map(({ ended }) => ended)]);
  }, limit);

  return (id, body) => {
    const plan = planOf(id, body, context, jest.path);
    if (!context.wanted.includes(id)) return;
    const gap = unmet(plan.row, context.cluster);
    const claim = startable(plan, context);
    (gap === undefined ? jest.describe : jest.describe.skip)(titleOf(id, plan.row), () => {
      for (const check of plan.checks) jest.test(check.title, () => claim.resultOf(check.id), limit);
    });
    if (gap === undefined) started.set(id, claim);
  };
}

/** Calls the body of a claim for its setup and checks. Throws when they differ from the ledger's row, or stand in another file than it names. */
function planOf<Id extends ClaimId>(
  id: Id,
  body: (context: ClaimContext<Id>) => void,
  context: RunContext,
  path: string | undefined,
): Plan {
  const row: Claim | undefined = ledger[id];
  if (row === undefined) throw new Error(`the ledger has no claim ${id}`);
  const namespace = (end: string) => namespaceOf(context, `clusterip-${context.cluster.run}-${id}${end}`, row.needs ?? []);
  const [ns, elsewhere] = [namespace(''), namespace('-elsewhere')];
  const setups: Plan['setups'] = [];
  const teardowns: Plan['teardowns'] = [];
  const checks: Check[] = [];
  body({
    ns,
    elsewhere,
    setup: (run) => setups.push(run),
    teardown: (run) => teardowns.push(run),
    check: (checkId, title, show) => checks.push({ id: checkId, title, show }),
    ending: (checkId) => endingIn(context.cluster, row, checkId),
    inMode: (checkId) => wordsIn(context.cluster, row, checkId),
  });
  const place = placeOf(path);
  const file = `suites/${row.suite}.test.ts`;
  if (place.file !== file) throw new Error(`${id} is shown in ${place.file}, and its row in the ledger names ${file}`);
  const shown = checks.map((check) => check.id).sort();
  if (shown.join() !== [...row.checks].sort().join())
    throw new Error(`${id} has the checks ${shown.join(', ')}, and its row in the ledger has ${[...row.checks].sort().join(', ')}`);
  return { id, row, setups, teardowns, checks, ns, elsewhere, place };
}

/** Returns the suite file from which a claim is registered, or the given one, and the line in it, by the call stack. */
function placeOf(path: string | undefined): { file: string; line: number } {
  const stack = new Error().stack ?? '';
  const found = path ?? /[^\s(]*\/suites\/[^\s:]+\.test\.ts(?=:\d)/.exec(stack)?.[0] ?? 'no suite file';
  const line = Number.parseInt(stack.split(`${found}:`)[1] ?? '0');
  return { file: relative(root, found.replace(/^file:\/\//, '')), line };
}

/** Throws when the row names no ending for the check. Where the mode is unknown, the claim is not run, and the ending does not matter. */
function endingIn({ proxyMode, adopted }: ClusterDescription, row: Claim, check: string): Ending | readonly Ending[] {
  const byMode: Readonly<Record<string, Ending>> | undefined = row.endings?.[check];
  if (byMode === undefined) throw new Error(`the ledger names no ending for the check ${check}`);
  const ending = byMode[proxyMode] ?? 'answered';
  // On an existing cluster the packet leaves the node, and a router of that network may reply where the run's own node would drop it.
  return adopted && ending === 'timed out' ? ['timed out', 'refused', 'unreachable'] : ending;
}

/** Throws when the row has no words for the check. Where the mode is unknown, the claim is not run. */
function wordsIn({ proxyMode }: ClusterDescription, row: Claim, check: string): string {
  const byMode: Readonly<Record<string, string>> | undefined = row.byMode?.[check];
  if (byMode === undefined) throw new Error(`the ledger does not say what the check ${check} sees in each proxy mode`);
  return byMode[proxyMode] ?? '';
}

/** Returns a claim that can be run once, promises of its results and of its end, and a way to end it before. */
function startable(plan: Plan, context: RunContext) {
  const results = new Map(plan.checks.map(({ id }) => [id, Promise.withResolvers<undefined>()]));
  // A check whose test Jest does not await yet may fail first; that is no unhandled rejection.
  for (const { promise } of results.values()) promise.catch(() => undefined);
  const { promise: ended, resolve } = Promise.withResolvers<undefined>();
  const run = async () => {
    try {
      const errors = await show(plan, context);
      for (const [check, result] of results) {
        if (errors.has(check)) result.reject(errors.get(check));
        else result.resolve(undefined);
      }
    } catch (error) {
      for (const result of results.values()) result.reject(error);
    } finally {
      resolve(undefined);
    }
  };
  return {
    run,
    ended,
    needsDns: plan.row.needs?.includes('DNS') === true,
    alone: plan.row.alone === true,
    /** Ends the claim for those who wait for it. What it does on the cluster is not stopped. */
    abandon: (why: Error) => {
      for (const result of results.values()) result.reject(why);
      resolve(undefined);
    },
    resultOf: (check: string) => results.get(check)?.promise ?? Promise.reject(new Error(`there is no check ${check}`)),
  };
}

/**
 * Shows a claim: its setup and checks, then its evidence, then its namespaces are removed where that is due. Returns the error of each check that did not
 * pass. Throws when the evidence cannot be written or a namespace cannot be removed.
 */
async function show(plan: Plan, context: RunContext): Promise<Map<string, unknown>> {
  const { id, row, setups, teardowns, checks, ns, elsewhere } = plan;
  const evidence = newEvidence(plan, context);
  const errors = new Map<string, unknown>();
  const incomplete = (error: unknown) => {
    evidence.incomplete = messageOf(error);
  };
  try {
    await recordingFor(evidence, 'setup', async () => {
      await makeRoom(context);
      await createNamespace(context.kube, ns.name, context.cluster);
      for (const setup of setups) await limited(setup(), `the setup of ${id}`);
    });
    for (const check of checks) {
      const error = await recordingFor(evidence, check.id, () => resultOf(check, evidence, context, [ns.name, elsewhere.name]));
      if (error !== undefined) errors.set(check.id, error);
      // The rules at the end of the claim are those of its last check.
      if (check !== checks.at(-1)) await keepRules(context, evidence).catch(incomplete);
    }
  } catch (error) {
    // Without its setup no check was shown. The first one carries the reason, the others are missing in the evidence.
    const [first] = checks;
    if (first !== undefined)
      evidence.checks.push({ id: first.id, title: first.title, outcome: 'broken', ms: 0, error: `its setup failed: ${messageOf(error)}` });
    for (const check of checks) errors.set(check.id, error);
  }
  evidence.ms = Date.now() - Date.parse(evidence.startedAt);
  const red = evidence.checks.length < row.checks.length || evidence.checks.some(({ outcome }) => outcome !== 'passed');
  await collect(context, evidence, red).catch(incomplete);
  for (const teardown of teardowns) await limited(teardown(), `the teardown of ${id}`).catch(incomplete);
  writeEvidence(evidence);
  for (const { name } of [ns, elsewhere]) context.closeShells(name);
  if (!red) await release(context, [ns.name, elsewhere.name]);
  return errors;
}

function newEvidence({ id, ns, place }: Plan, { cluster }: RunContext): Evidence {
  return {
    format: 2,
    claim: id,
    namespace: ns.name,
    suite: place,
    cluster: {
      version: cluster.version,
      proxyMode: cluster.proxyMode,
      ...(cluster.nodeImage === undefined ? {} : { nodeImage: cluster.nodeImage }),
      kubectl: cluster.kubectlVersion,
    },
    startedAt: new Date().toISOString(),
    ms: 0,
    checks: [],
    observations: [],
    objects: {},
    rules: {},
  };
}

/** Runs a check, adds its result to the evidence, and returns the error it ended with. */
async function resultOf(
  { id, title, show: run }: Check,
  evidence: Evidence,
  context: RunContext,
  namespaces: readonly string[],
): Promise<unknown> {
  const began = Date.now();
  const keep = (result: Pick<CheckResult, 'outcome' | 'error' | 'seen'>) => {
    evidence.checks.push({ id, title, ms: Date.now() - began, ...result });
  };
  try {
    await limited(run(), `the check ${id}`);
    keep({ outcome: 'passed' });
    return undefined;
  } catch (error) {
    const { outcome, seen } = judged(error);
    // A cluster that falls apart shows nothing about Services.
    const around = outcome === 'drifted' ? await unsteadyNodes(context, namespaces) : undefined;
    keep({
      outcome: around === undefined ? outcome : 'broken',
      error: around === undefined ? messageOf(error) : `${messageOf(error)}\nBut ${around}.`,
      ...(seen === undefined ? {} : { seen }),
    });
    return error;
  }
}

/**
 * Returns what an error of a check says of a claim, and what was seen instead of the awaited. A failed assertion, an ending other than the awaited one, and
 * an object that the API server finds invalid are the cluster's doing; whatever else is thrown is the suite's.
 */
function judged(error: unknown): { outcome: 'drifted' | 'broken'; seen?: unknown } {
  const { code, body } = (error ?? {}) as Partial<Refused>;
  if (code === 422 && typeof body === 'string') return { outcome: 'drifted', seen: refusal(error) };
  if (error instanceof NotSettled) {
    const broken = (error.seen as { ending?: string } | undefined)?.ending === 'broken';
    return { outcome: broken ? 'broken' : 'drifted', seen: error.seen };
  }
  const matched = (error as { matcherResult?: { actual?: unknown } } | undefined)?.matcherResult;
  return matched === undefined ? { outcome: 'broken' } : { outcome: 'drifted', seen: matched.actual };
}

/** Waits for something at most `within` ms, by default the time that one test has. Throws when it has not ended by then. */
async function limited<T>(running: Promise<T>, what: string, within: number = timeouts.test): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`${what} has not ended after ${within} ms`));
  }, within);
  try {
    return await Promise.race([running, promise]);
  } finally {
    clearTimeout(timer);
  }
}

// 80 Pods fit a small node. Where a node takes few, ten places stay for the cluster's own Pods and for those that are ending.
const mostPods = ({ podLimit }: NodeDescription) => Math.min(80, podLimit - 10);
const leftGreen: string[] = [];
const deletedGreen: string[] = [];

/**
 * Deletes the namespaces of a claim that ended green where the cluster outlives the run. Elsewhere they stay: on a stand-in, deleting one took the node 0.23
 * core-seconds, and deleting a Pod 0.28.
 */
async function release({ cluster, kube }: RunContext, names: readonly string[]): Promise<void> {
  if (!cluster.deleteGreen) {
    leftGreen.push(...names);
    return;
  }
  deletedGreen.push(...names);
  await Promise.all(names.map((name) => deleteNamespace(kube, name)));
}

/** Deletes the Pods of claims that ended green when a node has no places left. Throws what the API server answers. */
async function makeRoom({ cluster, kube }: RunContext): Promise<void> {
  if (cluster.deleteGreen || leftGreen.length === 0) return;
  const { items, metadata } = await kube.core.listPodForAllNamespaces({ limit: 1 });
  if (items.length + (metadata?.remainingItemCount ?? 0) + roomForAClaim <= Math.min(...cluster.nodes.map(mostPods))) return;
  // Some claims create Pods that no node runs, and those take no place.
  const pods = (await kube.core.listPodForAllNamespaces()).items;
  const alive = (name: string) => pods.filter(({ spec }) => spec?.nodeName === name).length;
  if (cluster.nodes.every((node) => alive(node.name) + roomForAClaim <= mostPods(node))) return;
  await Promise.all(leftGreen.splice(0).map((name) => deletePodsAtOnce(kube, name)));
}
