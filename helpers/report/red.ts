import type { CheckResult, Observation } from '../evidence/format.ts';
import { capabilities } from '../ledger/capabilities.ts';
import type { ClaimReport, Report } from './format.ts';
import { endingOf, inWords } from './observations.ts';
import { counted, cut, gapsOf, isRed } from './words.ts';

// What a red report says first: what kind of red, what it asks of the reader, and what the red claims share.

/** The opening of a red report. */
export interface RedSummary {
  /** How many claims are red, and of which kind. */
  readonly headline: string;
  /** What to do, the first step first. */
  readonly steps: readonly string[];
  /** What all red claims share, the most telling first. Empty for a single one. */
  readonly shared: readonly string[];
  /** How the last connections of the drifted claims ended, of most where not of all; undefined where no ending is that of most. */
  readonly ending?: string;
}

/** Something that a claim uses or ends in. */
interface Trait {
  /** Completes "All 5 red claims …". */
  readonly says: string;
  /** Where to look when it is what red claims share. */
  readonly advice: string;
}

const atDns =
  'Look at DNS. Are the DNS Pods Ready: `kubectl -n kube-system get pods -l k8s-app=kube-dns`? Does the Service kube-dns have endpoints: `kubectl -n kube-system get endpointslices -l kubernetes.io/service-name=kube-dns`?';

const ofEndings: Readonly<Record<string, string>> = {
  answered: 'An answer came where none was awaited. Look which Pod answered, and which rule leads there.',
  refused:
    'A refusal is an answer, and quick. Either the Service has no ready endpoint, which its EndpointSlices show, or the Pod has no process on the targetPort.',
  'timed out':
    'A time-out is silence. Compare the rules of the Service with its EndpointSlices: a rule may be missing or stale, or something drops packets, such as a NetworkPolicy.',
  unresolved: atDns,
  'no DNS answer': atDns,
  'other answer':
    'Something else answered than was awaited. Look what it is, such as another Pod or a proxy on the way, and which rule leads there.',
  unreachable: 'Look at the network between client and address: a route is missing, or no machine has the address.',
};

const dns: Trait = { says: 'ask DNS for a name', advice: atDns };
const connects: Trait = {
  says: 'connect to a Service',
  advice:
    'Look at the Service proxy: does kube-proxy run on every node, and do its rules agree with the EndpointSlices? The evidence of a claim has both.',
};
const types: Trait = { says: 'type kubectl', advice: 'Look at the API server, and at what kubectl printed.' };
const udp: Trait = { says: 'use UDP', advice: 'Look at what treats UDP in its own way: the rules for UDP ports, and connection tracking.' };

const outside: Trait = {
  says: 'send from a machine outside the cluster',
  advice: 'Look at routes and filters between that machine and the node.',
};
const onNode: Trait = {
  says: "send from the node's own network",
  advice: 'Look at the node: its routes, and its rules for local packets.',
};

function clientOf(from: string): Trait | undefined {
  if (from === 'a machine outside') return outside;
  return from.endsWith('/node') ? onNode : undefined;
}

/** Where to look when red claims share a capability. The others are explained by what they mean. */
const adviceByCapability: Readonly<Record<string, string>> = {
  DNS: dns.advice,
  'known proxy': connects.advice,
  kubectl: types.advice,
  'host network': onNode.advice,
  outside: outside.advice,
};

/** Returns the capabilities that a claim needs, as traits. A report may name one that this version does not know. */
function traitsOfNeeds({ needs = [] }: ClaimReport): Trait[] {
  const meanings: Readonly<Record<string, { means: string } | undefined>> = capabilities;
  return needs.map((name) => {
    const means = meanings[name]?.means;
    const advice = adviceByCapability[name] ?? `Look at what these claims need of the cluster: ${means ?? `the capability "${name}"`}.`;
    return { says: `need the capability "${name}"`, advice };
  });
}

/** Returns what an observation shows that its claim uses. */
function traitsOfObservation({ what, seen }: Observation): Trait[] {
  if (typeof seen !== 'object' || seen === null) return [];
  const { to = '', from = '', name } = seen as { to?: unknown; from?: unknown; name?: unknown };
  const client = typeof from === 'string' ? clientOf(from) : undefined;
  const host = typeof to === 'string' ? /^(?:https?:\/\/|udp )([^:/]+)/.exec(to)?.[1] : undefined;
  return [
    ...(typeof name === 'string' || (host !== undefined && /[a-z]/i.test(host)) ? [dns] : []),
    ...(host === undefined ? [] : [connects]),
    ...(typeof to === 'string' && to.startsWith('udp ') ? [udp] : []),
    ...(client === undefined ? [] : [client]),
    ...(/^kubectl\b/.test(what) ? [types] : []),
  ];
}

/** Returns everything that a claim uses, by its words: what its observations show, then the capabilities that it needs. */
function traitsOf(claim: ClaimReport): Map<string, Trait> {
  const traits = [...(claim.evidence?.observations ?? []).flatMap(traitsOfObservation), ...traitsOfNeeds(claim)];
  return new Map(traits.map((trait) => [trait.says, trait]));
}

/** Returns the check of a claim that turned red first; undefined where none did. */
export function redCheckOf({ evidence }: ClaimReport): CheckResult | undefined {
  return evidence?.checks.find(({ outcome }) => outcome !== 'passed');
}

/** Returns the last observation of a claim's red check; undefined where it has none. */
function lastOfRedCheck(claim: ClaimReport): Observation | undefined {
  const check = redCheckOf(claim);
  return claim.evidence?.observations.findLast((observation) => observation.check === check?.id);
}

/** Returns the first line of why a claim is red, without its full stop. */
function reasonOf(claim: ClaimReport): string {
  const [line = ''] = (redCheckOf(claim)?.error ?? claim.why ?? '').split('\n', 1);
  return cut(line.replace(/\.$/, ''), { lines: 1, width: 240 });
}

/** Returns the traits that all red claims have, the rarest among the others first, each with how many confirmed claims have it too. */
function sharedTraits(red: readonly ClaimReport[], green: readonly ClaimReport[]): { trait: Trait; green: number }[] {
  const [first, ...rest] = red.map(traitsOf);
  const ofGreen = green.map(traitsOf);
  return (
    [...(first?.values() ?? [])]
      .filter(({ says }) => rest.every((traits) => traits.has(says)))
      // A capability says nothing new where the observations lead to the same place.
      .filter(({ advice }, index, all) => all.findIndex((trait) => trait.advice === advice) === index)
      .map((trait) => ({ trait, green: ofGreen.filter((traits) => traits.has(trait.says)).length }))
      .sort((one, other) => one.green - other.green)
  );
}

function alike(values: readonly (string | undefined)[]): string | undefined {
  const [first] = values;
  return first !== undefined && first !== '' && values.every((value) => value === first) ? first : undefined;
}

/** Returns the value that more than half of several are, or all of fewer; undefined where there is none. */
function mostOf(values: readonly (string | undefined)[]): string | undefined {
  const counts = Map.groupBy(values, (value) => value ?? '');
  const [value, those] = [...counts].sort(([, one], [, other]) => other.length - one.length)[0] ?? ['', []];
  return value !== '' && those.length > values.length / 2 ? value : undefined;
}

/** How most drifted claims ended, and how many. */
interface CommonEnding {
  readonly ending: string | undefined;
  readonly of: number;
}

/** Returns the opening of a red report; undefined when nothing is red. */
export function redSummary(report: Report): RedSummary | undefined {
  const { claims, errors, fault } = report;
  const red = claims.filter(isRed);
  const gaps = gapsOf(report);
  if (red.length + errors.length + gaps.length === 0) return undefined;
  const broken = red.filter(({ outcome }) => outcome === 'broken');
  const drifted = red.filter(({ outcome }) => outcome === 'drifted');
  const green = claims.filter(({ outcome }) => outcome === 'confirmed');
  const kinds = [
    ...(drifted.length === 0 ? [] : [`${counted(drifted.length, 'claim')} drifted: this cluster does something different`]),
    ...(broken.length === 0 ? [] : [`${counted(broken.length, 'claim is', 'claims are')} broken: the suite or its surroundings failed`]),
    ...(errors.length === 0 ? [] : [`${counted(errors.length, 'error belongs', 'errors belong')} to no claim: a suite file did not run`]),
    ...(gaps.length === 0
      ? []
      : [
          `${counted(gaps.length, 'claim was', 'claims were')} not observed, though this cluster should show ${gaps.length === 1 ? 'it' : 'them'}`,
        ]),
  ];
  const traits = sharedTraits(red, green);
  const endings = drifted.map((claim) => endingOf(lastOfRedCheck(claim) ?? { check: '', at: 0, what: '', seen: undefined }));
  const ending = mostOf(endings);
  const common = { ending, of: endings.filter((it) => it === ending).length };
  return {
    headline: `${kinds.map((kind) => `${kind}. `).join('')}${counted(green.length, 'claim was', 'claims were')} confirmed.`,
    steps: [
      ...(fault === undefined ? [] : ['First repair what is at fault above, and run again: it may have turned these claims red, too.']),
      ...brokenStep(broken, drifted.length, errors),
      ...gapSteps(gaps),
      ...(drifted.length === 0 ? [] : [driftedStep(drifted, traits[0], common, green.length)]),
      ...(red.length === 0
        ? []
        : [
            'Run the red claims alone: `npm test -- --failed`. If they are green then, the load of the whole run was the cause. If they stay red, keep the cluster and look into it: `CONFORMANCE_KEEP=1 npm test -- --failed`.',
          ]),
    ],
    ...(ending === undefined ? {} : { ending }),
    shared: red.length < 2 ? [] : sharedLines(red, traits, common, drifted.length === red.length),
  };
}

/** Returns what would make claims observable, once for each reason. */
function gapSteps(gaps: readonly ClaimReport[]): string[] {
  const byReason = Map.groupBy(
    gaps,
    ({ why = '', remedy = '' }) => `${why.replace(/\.$/, '')}.${remedy === '' ? '' : ` Observable with ${remedy}.`}`,
  );
  return [...byReason].map(([reason, those]) => `Repair why ${those.map(({ id }) => id).join(', ')} could not be observed: ${reason}`);
}

function brokenStep(broken: readonly ClaimReport[], drifted: number, errors: readonly string[]): string[] {
  const [first] = broken;
  if (errors.length > 0) return ['Look first at the errors that belong to no claim: no claim of that suite file was judged.'];
  if (first === undefined) return [];
  const reason = alike(broken.map(reasonOf));
  const which =
    broken.length === 1
      ? `the broken claim, ${first.id}`
      : reason === undefined
        ? `the first broken claim, ${first.id}`
        : 'the one reason of the broken claims';
  const others = drifted === 0 ? '' : ' Judge the drifted claims after that, since the same fault may have caused them.';
  return [`Look first at ${which}: ${reasonOf(first)}. Broken says nothing about Services; repair what failed, and run again.${others}`];
}

function driftedStep(
  drifted: readonly ClaimReport[],
  rarest: { trait: Trait; green: number } | undefined,
  { ending, of }: CommonEnding,
  confirmed: number,
): string {
  const byEnding = ending === undefined ? undefined : ofEndings[ending];
  // What hardly any of the confirmed claims uses says more than how the connections ended.
  if (rarest !== undefined && drifted.length > 1 && rarest.green <= confirmed / 10) return rarest.trait.advice;
  if (byEnding !== undefined)
    return `${drifted.length === 1 ? 'Its connection' : of === drifted.length ? 'Their connections' : 'Most of their connections'} last ended as "${ending ?? ''}". ${byEnding}`;
  if (rarest !== undefined) return rarest.trait.advice;
  return 'Open each drifted claim: its first red check shows what was awaited beside what was seen, and its diagnostics show the objects and events.';
}

function sharedLines(
  red: readonly ClaimReport[],
  traits: readonly { trait: Trait; green: number }[],
  { ending, of }: CommonEnding,
  allDrifted: boolean,
): string[] {
  const all = `All ${red.length} red claims`;
  const topic = alike(red.map(({ evidence }) => evidence?.suite?.file.replace(/^.*suites\/|\.test\.ts$/g, '')));
  // The message of a drifted claim only repeats what was awaited.
  const reason = allDrifted ? undefined : alike(red.map(reasonOf));
  const broken = red.filter(({ outcome }) => outcome === 'broken');
  const ofBroken = reason === undefined && broken.length > 1 ? alike(broken.map(reasonOf)) : undefined;
  const lines = [
    ...(reason === undefined ? [] : [`${all} give one reason: ${reason}`]),
    ...(ofBroken === undefined ? [] : [`The ${broken.length} broken claims give one reason: ${ofBroken}`]),
    ...(topic === undefined ? [] : [`${all} belong to one topic: ${topic}.`]),
    ...(ending === undefined || of < 2
      ? []
      : [`${of === red.length ? all : `${of} of the ${red.length} red claims`} last ended as "${ending}".`]),
    ...traits.map(
      ({ trait, green }) =>
        `${all} ${trait.says}; ${green === 0 ? 'no confirmed claim does' : `${counted(green, 'confirmed claim does', 'confirmed claims do')} so too`}.`,
    ),
  ];
  return lines.length > 0
    ? lines
    : [`The ${red.length} red claims share no topic, client, ending or reason. Suspect the node and its load first.`];
}

/**
 * Returns what a red claim awaited and what was seen last, in words; undefined where its red check has no observation. A check that looked once awaited
 * what its title says.
 */
export function awaitedAndSeen(claim: ClaimReport): { awaited: string; seen: string } | undefined {
  const last = lastOfRedCheck(claim);
  if (last === undefined) return undefined;
  const { ending, text } = inWords(last);
  const seen = ending === 'seen' ? text : `${ending}: ${text}`;
  if (last.accepted !== undefined) return { awaited: last.what, seen };
  return { awaited: redCheckOf(claim)?.title ?? last.what, seen: `${last.what}: ${seen}` };
}
