import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { ClusterDescription } from '../cluster/description.ts';
import { exampleDescription } from '../cluster/example.ts';
import { root } from '../base/paths.ts';
import type { Kube } from '../kube/api.ts';
import { ledger } from '../ledger/claims.ts';
import type { JestFile } from './claim.ts';
import { openContext, type RunContext } from './run-context.ts';

/** A test that a suite file has registered. */
export interface RegisteredTest {
  /** The title of its block, and whether the block is skipped. */
  readonly block: string;
  readonly skipped: boolean;
  readonly title: string;
  readonly run: () => Promise<void>;
}

/** Stands for Jest: keeps what is registered, and runs it. */
export interface FakeJest extends JestFile {
  /** The suite file that registers a claim; absent where the call stack has it. */
  path?: string;
  readonly tests: RegisteredTest[];
  /** Runs hooks and tests in order, as Jest does, and returns the error of each test by its title; undefined where it passed. */
  readonly runAll: () => Promise<Record<string, unknown>>;
}

/** Returns the suite file that the ledger names for a claim. */
export function suiteFileOf(claim: string): string {
  return join(root, `suites/${ledger[claim]?.suite ?? ''}.test.ts`);
}

/** Returns a fake of Jest that loads the suite file of a claim, or any. */
export function fakeJest(claim?: string): FakeJest {
  const before: (() => void)[] = [];
  const after: (() => Promise<void>)[] = [];
  const tests: RegisteredTest[] = [];
  let open = { block: '', skipped: false };
  const block = (skipped: boolean) => (title: string, body: () => void) => {
    open = { block: title, skipped };
    body();
  };
  return {
    ...(claim === undefined ? {} : { path: suiteFileOf(claim) }),
    beforeAll: (hook) => before.push(hook),
    afterAll: (hook) => after.push(hook),
    describe: Object.assign(block(false), { skip: block(true) }),
    test: (title, run) => tests.push({ ...open, title, run }),
    tests,
    runAll: async () => {
      const errors: Record<string, unknown> = {};
      for (const hook of before) hook();
      for (const { title, run } of tests.filter(({ skipped }) => !skipped)) {
        errors[title] = await run().then(
          () => undefined,
          (error: unknown) => error,
        );
      }
      for (const hook of after) await hook();
      return errors;
    },
  };
}

/** Stands for the API of a cluster: keeps what is called, as `verb namespace or name`, and returns what `answers` has for it, by default nothing. */
export function fakeKube(answers: Readonly<Record<string, () => unknown>> = {}): { kube: Kube; calls: string[] } {
  const calls: string[] = [];
  const api = new Proxy(
    {},
    {
      get:
        (_, verb: string) =>
        (request: { name?: string; namespace?: string; body?: { metadata?: { name?: string } } } = {}) => {
          calls.push(
            [verb, request.namespace ?? request.name ?? request.body?.metadata?.name].filter((word) => word !== undefined).join(' '),
          );
          return Promise.resolve().then(() => answers[verb]?.() ?? { items: [] });
        },
    },
  );
  return { kube: { core: api, discovery: api } as unknown as Kube, calls };
}

/** Returns a context for a cluster like the example, that shows every claim. */
export function fakeContext(kube: Kube, cluster: Partial<ClusterDescription> = {}, more: Partial<RunContext> = {}): RunContext {
  return { ...openContext({ ...exampleDescription, ...cluster }, kube, Object.keys(ledger)), ...more };
}

/** Runs something whose pauses take no time, for up to a minute of them. */
export async function atOnce<T>(run: () => Promise<T>): Promise<T> {
  jest.useFakeTimers({ advanceTimers: true, doNotFake: ['performance'] });
  try {
    const result = run();
    result.catch(() => undefined);
    await jest.advanceTimersByTimeAsync(60_000);
    return await result;
  } finally {
    jest.useRealTimers();
  }
}
