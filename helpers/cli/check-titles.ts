import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { root } from '../base/paths.ts';
import { timeouts } from '../base/timeouts.ts';
import { exampleDescription } from '../cluster/example.ts';
import { ledger } from '../ledger/claims.ts';

/** The titles of a claim's checks, by the id of the check. */
export type CheckTitles = Readonly<Record<string, string>>;

// Suites take `expect` from Jest, which throws outside of Jest. Nothing that is loaded here runs a check, so no function of Jest is ever called.
const jestPackage = '@jest/globals';
const noJest = `data:text/javascript,${encodeURIComponent(
  ['expect', 'jest', 'beforeAll', 'afterAll', 'describe', 'test'].map((name) => `export const ${name} = undefined;`).join('\n'),
)}`;

/**
 * Loads every suite without Jest and without a cluster, and returns the titles of the checks that its claims register, by claim. No setup and no check is run.
 * It changes how this process loads modules, so it is for commands only. Throws what a suite file throws when it is loaded.
 */
export async function checkTitles(): Promise<Readonly<Record<string, CheckTitles>>> {
  const titles: Record<string, CheckTitles> = {};
  const claim = (id: string, body: (context: unknown) => void) => {
    const own: Record<string, string> = {};
    const namespace = anything({ name: 'namespace' });
    const check = (checkId: string, title: string) => {
      own[checkId] = title;
    };
    body(anything({ ns: namespace, elsewhere: namespace, check, ending: () => 'answered' }));
    titles[id] = own;
  };
  const testbed = anything({ claim, cluster: exampleDescription, timeouts });
  Object.assign(globalThis, { openTestbed: () => testbed });
  const hooks = registerHooks({
    resolve: (specifier, context, next) => (specifier === jestPackage ? { url: noJest, shortCircuit: true } : next(specifier, context)),
  });
  try {
    for (const suite of new Set(Object.values(ledger).map((row) => row.suite))) await import(join(root, `suites/${suite}.test.ts`));
  } finally {
    hooks.deregister();
  }
  return titles;
}

/** Returns an object that has the given properties, and for every other name a function that returns nothing. */
function anything(given: Readonly<Record<string, unknown>>): unknown {
  return new Proxy(given, { get: (target, name) => (typeof name === 'string' ? (target[name] ?? (() => undefined)) : undefined) });
}
