import type { Ending } from '../base/endings.ts';
import type { Capability } from './capabilities.ts';
import type { Passage } from './passages.ts';

/** The place of a sentence: a document and the heading under which it stands there. */
export interface Origin {
  /** A short name, such as `the chapter`. */
  readonly document: string;
  readonly section: string;
  /** The address of a public document; the chapter has none. */
  readonly address?: string;
  /** The version of the document that was read, such as 1.35. */
  readonly version?: string;
}

/** The modes of kube-proxy whose rules the suite knows. */
export type ProxyMode = 'iptables' | 'nftables';

/** A sentence that belongs to the truth of a claim and that its checks do not show. It rests on its source. */
export interface Cited {
  readonly says: string;
  readonly source: string;
  /** The proxy mode in which the checks do show it. */
  readonly shownIn?: ProxyMode;
}

interface Row {
  readonly origin: Origin;
  /** Of a claim beyond the chapter: the heading under which reports show it. Its suite is named after it. */
  readonly topic?: string;
  /** The suite file that shows the claim: `chapter/ports` is suites/chapter/ports.test.ts. */
  readonly suite: string;
  /** What the document says there, in our words. */
  readonly says: string;
  /** Set where the document says nothing of what is corrected, so that readers conclude something else. */
  readonly silent?: true;
  /** Why the cluster behaves as the verdict says: the chain of causes in one or two sentences that name the components which act. */
  readonly why: string;
  /** The checks that together show the verdict: a claim is confirmed when a run has seen every one of them pass. */
  readonly checks: readonly [string, ...string[]];
  readonly needs?: readonly Capability[];
  /** Set where other claims would disturb it, or it would disturb them: it is shown after them, with nothing beside it. */
  readonly alone?: true;
  /** By check: how the connection ends, where that depends on the mode of the Service proxy. */
  readonly endings?: Readonly<Record<string, Readonly<Record<ProxyMode, Ending>>>>;
  /** By check: what it sees, in a few words, where that depends on the mode of the Service proxy and is no ending. */
  readonly byMode?: Readonly<Record<string, Readonly<Record<ProxyMode, string>>>>;
  /** Kubernetes versions for which the verdict was written, as a semver range. */
  readonly kubernetes?: string;
  readonly sources?: readonly string[];
  /** Tests of Kubernetes' own e2e.test for the same behaviour, by name, and how the checks are stricter. docs/coverage.md is drawn from it. */
  readonly e2e?: readonly { readonly test: string; readonly stricter: string }[];
  /** What belongs to the truth, but is not shown by the checks, or in one proxy mode only. */
  readonly cited?: readonly Cited[];
  /** The document's own characters, where they are the point. */
  readonly printed?: Passage;
  /** What works in their place; absent where they are right. */
  readonly instead?: Passage;
}

/**
 * What it hurts to believe a sentence that does not hold.
 * - traffic: connections fail, go where they should not, or come in from where they must not.
 * - judgement: people plan wrongly or lose time, because a command fails or a search begins in the wrong place.
 * - nobody: the sentence is only imprecise.
 */
export type Hurts = 'traffic' | 'judgement' | 'nobody';

/** A row of the ledger. A person writes the verdict; a run only confirms it or not. */
export type Claim =
  | (Row & { readonly verdict: 'holds' })
  | (Row & {
      readonly verdict: 'corrected' | 'refuted';
      /** What is true instead, as far as the checks show it. */
      readonly truth: string;
      readonly sources: readonly [string, ...string[]];
      /** docs/errata.md is in this order; without it, a row stands at the end. */
      readonly hurts?: Hurts;
    });

/** A sentence that no cluster can decide, and why. */
export interface Excluded {
  readonly origin: Origin;
  readonly says: string;
  readonly why: string;
}

/** Returns the title of a claim's block of tests. It begins with the id, so that a pattern finds it. */
export function titleOf(id: string, claim: Claim): string {
  return `${id}: ${claim.says} [${claim.verdict}]`;
}
