import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { firstLineOf } from '../base/message-of.ts';
import { timeouts } from '../base/timeouts.ts';
import { UsageError } from '../base/usage-error.ts';
import { type Kube, type KubeAccess, kubeConfig, kubeOf } from '../kube/api.ts';

// A cluster that existed before the run and that others may use.

/** How to reach such a cluster. Its context must be named. */
export type Adopt = KubeAccess & { readonly context: string };

function readConfig(adopt: Adopt): ReturnType<typeof kubeConfig> {
  const { kubeconfig, context } = adopt;
  if (kubeconfig !== undefined && !existsSync(kubeconfig)) throw new UsageError(`CONFORMANCE_KUBECONFIG: there is no file ${kubeconfig}.`);
  let config: ReturnType<typeof kubeConfig>;
  try {
    config = kubeConfig(adopt);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${kubeconfig ?? 'Your kubeconfig'} cannot be read as a kubeconfig: ${firstLineOf(error)}`);
  }
  if (config.getContextObject(context) === null) {
    const contexts = config.getContexts().map(({ name }) => name);
    throw new UsageError(
      `CONFORMANCE_CONTEXT=${context}: ${kubeconfig ?? 'your kubeconfig'} has no such context. ` +
        (contexts.length === 0 ? 'It has none at all.' : `It has ${contexts.join(', ')}.`),
    );
  }
  if (config.getCurrentCluster() === null)
    throw new UsageError(`The context ${context} names a cluster that its kubeconfig does not have.`);
  return config;
}

/** Returns why the API server gave no version, in one line. */
function reasonOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: { message?: string } };
  if (code === 401) return 'the API server rejected the credentials (401 Unauthorized)';
  return cause?.message ?? firstLineOf(error);
}

/**
 * Opens an existing cluster and requests its version. Throws a UsageError when its kubeconfig is wrong, when its API server does not answer within
 * timeouts.firstAnswer, or timeouts.login where a credential plugin runs first, and when it rejects the credentials.
 */
export async function openAdopted(adopt: Adopt): Promise<Kube> {
  const config = readConfig(adopt);
  const server = config.getCurrentCluster()?.server ?? '';
  const plugin = (config.getCurrentUser()?.exec as { command?: string } | undefined)?.command;
  const limit = plugin === undefined ? timeouts.firstAnswer : timeouts.login;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new Error(`no answer within ${limit} ms${plugin === undefined ? '' : `, in which the credential plugin ${plugin} has to log in`}`),
      );
    }, limit);
  });
  try {
    // A refusal is reported at once, and not when the time is over.
    await Promise.race([kubeOf(config, 0).version.getCode(), late]);
  } catch (error) {
    throw new UsageError(
      `The cluster of context ${adopt.context}, ${server}, cannot be used: ${reasonOf(error)}. ` +
        `Does \`kubectl --context=${adopt.context} version\` work?`,
    );
  } finally {
    clearTimeout(timer);
  }
  return kubeOf(config);
}

/** Returns the version of the kubectl on this machine's PATH; undefined when there is none. */
export async function localKubectl(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('kubectl', ['version', '--client', '--output=json'], { timeout: timeouts.command });
    return (JSON.parse(stdout) as { clientVersion: { gitVersion: string } }).clientVersion.gitVersion;
  } catch {
    return undefined;
  }
}
